//! Names that nobody may choose, because they mean something else.

use crate::Refusal;
use crate::looks::looks;
use unicode_normalization::UnicodeNormalization;

/// The start of the names of erased accounts, with which no other name may start.
pub const ERASED: &str = "erased-";

/// The words that mention everybody in a group, in this app or in others.
pub const RESERVED: [&str; 4] = ["all", "channel", "everyone", "here"];

/// Refuses a username or display name that contains the sign that precedes a mention, in any of its Unicode
/// forms; looks like a word that mentions everybody; or looks like the name of an erased account. `sign` is
/// the refusal for the sign.
pub fn check_unreserved(name: &str, sign: Refusal) -> Result<(), Refusal> {
    if name.contains(is_mention_sign) {
        return Err(sign);
    }
    if looks_like_everybody(name) {
        return Err(Refusal::UsernameCallsAll);
    }
    if looks_erased(name) {
        return Err(Refusal::UsernameErased);
    }
    Ok(())
}

/// Returns whether a character is the sign that precedes a mention, in any of its Unicode forms.
pub fn is_mention_sign(c: char) -> bool {
    std::iter::once(c).nfkc().any(|c| c == '@')
}

/// Returns whether a name could be mistaken for a word that mentions everybody, with or without punctuation around it.
pub fn looks_like_everybody(name: &str) -> bool {
    let skeleton = looks(name.trim_matches(|c: char| !c.is_alphanumeric()));
    RESERVED.iter().any(|word| looks(word) == skeleton)
}

/// Returns whether a name could be mistaken for the name of an erased account: it is `erased`, or starts with that
/// and something other than a letter or a digit.
pub fn looks_erased(name: &str) -> bool {
    let skeleton = looks(name);
    let rest = skeleton.strip_prefix(&looks(ERASED.trim_end_matches('-')));
    rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_word_looks_like_the_name_of_an_erased_account() {
        for name in ["erased", "Erased-1", "ERASED 3f", "erased\u{2010}x", "еrased-1"] {
            assert!(looks_erased(name), "{name}");
        }
        for name in ["erasedly", "erased1", "eras", "unerased-1"] {
            assert!(!looks_erased(name), "{name}");
        }
    }
}
