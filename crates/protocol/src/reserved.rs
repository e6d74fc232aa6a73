//! Names that nobody may choose, because they mean something else.

use crate::looks::looks;
use unicode_normalization::UnicodeNormalization;

/// How the names begin of those who were erased; nobody else's do.
pub const ERASED: &str = "erased-";

/// What calls everybody in a group, here or in other chats.
pub const RESERVED: [&str; 4] = ["all", "channel", "everyone", "here"];

/// Returns whether a display name could be taken for a word that calls everybody.
pub(crate) fn looks_like_a_call(name: &str) -> bool {
    let shown = looks_compatible(name);
    RESERVED.iter().any(|word| looks(word) == shown)
}

/// Returns whether a display name begins as if it were that of somebody who was erased.
pub(crate) fn looks_erased(name: &str) -> bool {
    looks_compatible(name).starts_with(&looks(ERASED.trim_end_matches('-')))
}

/// Returns whether a name holds the sign before a mention, in any of its forms.
pub(crate) fn has_mention_sign(name: &str) -> bool {
    name.nfkc().any(|c| c == '@')
}

/// Returns what a name looks like, of whatever width its letters are.
fn looks_compatible(name: &str) -> String {
    looks(&name.nfkc().collect::<String>())
}
