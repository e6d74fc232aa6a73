//! Checks whether this program knows the version of the schema.

use super::finding::{Check, Finding};

/// Compares the version of the schema with the newest that is known.
pub fn compare(found: i64, known: i64) -> Finding {
    match found.cmp(&known) {
        std::cmp::Ordering::Equal => Finding::ok(
            Check::Schema,
            format!("the tables are of version {found}, the newest known here"),
        ),
        std::cmp::Ordering::Less => Finding::ok(
            Check::Schema,
            format!("the tables are of version {found}; the next start brings them to {known}"),
        ),
        std::cmp::Ordering::Greater => Finding::error(
            Check::Schema,
            format!("the tables are of version {found}, and this program knows {known} at most"),
            "install the version of parlour-server that was here last, or a newer one",
        ),
    }
}
