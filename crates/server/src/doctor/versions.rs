//! Checks whether this program knows the version of the schema.

use super::finding::{Check, Finding};

/// Compares the version of the schema with the newest that is known.
pub fn compare(found: i64, known: i64) -> Finding {
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::ok(
            Check::Schema,
            format!("the schema has version {found}, the newest known here"),
        ),
        std::cmp::Ordering::Less => Finding::ok(
            Check::Schema,
            format!("the schema has version {found}; the next start migrates it to {known}"),
        ),
        std::cmp::Ordering::Greater => Finding::error(
            Check::Schema,
            format!(
                "the schema has version {found}, and the newest that this program knows is {known}"
            ),
            "install the version of parlour-server that ran here last, or a newer one",
        ),
    }
}
