//! Names that nobody may choose, because they mean something else.

use crate::Refusal;
use crate::looks::looks;

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

/// The sign that precedes a mention, in all of its Unicode forms: that of ASCII, the fullwidth one, which keyboards for
/// Chinese and Japanese write, and the small one.
const MENTION_SIGNS: [char; 3] = ['@', '\u{ff20}', '\u{fe6b}'];

/// Returns whether a character is the sign that precedes a mention, in any of its Unicode forms.
pub fn is_mention_sign(c: char) -> bool {
    MENTION_SIGNS.contains(&c)
}

/// Returns whether a text contains the sign that precedes a mention, in any of its Unicode forms.
pub fn has_mention_sign(text: &str) -> bool {
    MENTION_SIGNS.iter().any(|sign| text.contains(*sign))
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
    use unicode_normalization::UnicodeNormalization;

    #[test]
    fn the_signs_of_mentions_are_the_forms_of_the_at_sign() {
        for c in '\0'..=char::MAX {
            let is_form = std::iter::once(c).nfkc().any(|c| c == '@');
            assert_eq!(is_mention_sign(c), is_form, "{c:?}");
        }
        assert!(has_mention_sign("hi \u{ff20}wren") && !has_mention_sign("hi wren"));
    }

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
