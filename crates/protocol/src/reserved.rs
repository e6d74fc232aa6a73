//! Names that nobody may choose, because they mean something else.

use crate::looks::looks;
use unicode_normalization::UnicodeNormalization;

/// The start of the names of erased accounts, with which no other name may start.
pub const ERASED: &str = "erased-";

/// The words that mention everybody in a group, in this app or in others.
pub const RESERVED: [&str; 4] = ["all", "channel", "everyone", "here"];

/// Returns whether a display name could be mistaken for a word that mentions everybody.
pub(crate) fn looks_like_a_call(name: &str) -> bool {
    let shown = looks_compatible(name);
    RESERVED.iter().any(|word| looks(word) == shown)
}

/// Returns whether a display name starts like the names of erased accounts.
pub(crate) fn looks_erased(name: &str) -> bool {
    looks_compatible(name).starts_with(&looks(ERASED.trim_end_matches('-')))
}

/// Returns whether a name contains the sign that precedes a mention, in any of its Unicode forms.
pub(crate) fn has_mention_sign(name: &str) -> bool {
    name.nfkc().any(|c| c == '@')
}

/// Returns the skeleton of a name (see [`looks`]), the same for wide and narrow forms of its letters.
fn looks_compatible(name: &str) -> String {
    looks(&name.nfkc().collect::<String>())
}
