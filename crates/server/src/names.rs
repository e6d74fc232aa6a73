//! Which usernames are allowed, and when two are the same or look alike.

use crate::error::ApiError;
use parlour_protocol::looks::is_of_one_script;
pub use parlour_protocol::looks::looks;
pub use parlour_protocol::reserved::{ERASED, RESERVED};
use parlour_protocol::{Refusal, limits};
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Checks the length of a username, before anything more expensive is done with it.
pub fn check_length(username: &str) -> Result<(), ApiError> {
    let length = username.chars().take(limits::USERNAME_CHARS + 1).count();
    if (1..=limits::USERNAME_CHARS).contains(&length) {
        return Ok(());
    }
    Err(Refusal::UsernameLength.into())
}

/// Checks that a username can be displayed and typed, and cannot be mistaken for another one.
pub fn check_username(username: &str) -> Result<(), ApiError> {
    check_length(username)?;
    let Some(key) = username_key(username) else {
        return Err(Refusal::UsernameCharacters.into());
    };
    if key.starts_with(ERASED) {
        return Err(Refusal::UsernameErased.into());
    }
    if RESERVED.contains(&key.as_str()) {
        return Err(Refusal::UsernameCallsAll.into());
    }
    if has_stray_marks(username) {
        return Err(Refusal::UsernameMarks.into());
    }
    if !is_of_one_script(username) {
        return Err(Refusal::UsernameScripts.into());
    }
    Ok(())
}

/// Returns whether `key` is the [`username_key`] of a word that mentions everybody, or of an erased
/// account's name.
pub fn is_reserved(key: &str) -> bool {
    RESERVED.contains(&key) || key.starts_with(ERASED)
}

/// Returns a key that is the same for all spellings of a username (the profile UsernameCaseMapped of RFC
/// 8265). Returns `None` if the profile does not allow the username.
pub fn username_key(username: &str) -> Option<String> {
    UsernameCaseMapped::enforce(username).ok().map(Into::into)
}

/// Returns whether a name begins with a combining mark, which would be displayed on the character before
/// the name, or has more than two marks on one letter, which no real name needs.
fn has_stray_marks(username: &str) -> bool {
    let mut marks = 3;
    username.nfd().any(|c| {
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        marks > 2
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_pass_for_others_are_refused() {
        for name in ["", "a b", "a\u{202e}b", "a\u{200b}", "ﬁn", "a\u{7}", &"x".repeat(51)] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["erased-", "erased-1", "Erased-wren", "ERASED-1", "ｅｒａｓｅｄ－1"] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["all", "All", "HERE", "channel", "everyone", "ａｌｌ"] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["\u{301}", "\u{345}", "\u{301}a", &format!("a{}", "\u{301}".repeat(49))] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        // Latin mixed with a Cyrillic, a Greek and an Armenian letter.
        for name in ["wr\u{435}n", "\u{3bf}ak", "\u{585}ak", "раур\u{61}l"] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in [
            "erased",
            "allan",
            "Nguyễn",
            "हिन्दी",
            "unerased-1",
            "a",
            "wren",
            "Łukasz",
            "[Coke]",
            "李四",
            "m_3",
            "نور",
            "вася_1",
            "ken健",
            "ハル-7",
        ] {
            check_username(name).unwrap();
        }
    }

    #[test]
    fn one_name_in_two_forms_is_one_name() {
        for (one, other) in [("Wren", "wREN"), ("ｗｒｅｎ", "wren"), ("é", "e\u{301}"), ("Σ", "σ")]
        {
            assert_eq!(username_key(one), username_key(other), "{one} {other}");
        }
        assert_ne!(username_key("wren"), username_key("wrén"));
    }
}
