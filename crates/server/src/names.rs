//! Which usernames are allowed, and when two are the same or look alike.

use crate::error::ApiError;
use crate::precis::CurrentIdentifier;
use parlour_protocol::fold::with_one_sigma;
use parlour_protocol::looks::is_of_one_script;
pub use parlour_protocol::looks::looks;
pub use parlour_protocol::reserved::{ERASED, RESERVED, looks_erased, looks_like_everybody};
use parlour_protocol::reserved::{check_unreserved, is_mention_sign};
use parlour_protocol::text::is_visible;
use parlour_protocol::{Refusal, limits};
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::StringClass;
use precis_profiles::precis_core::profile::Rules;
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
    check_unreserved(username, Refusal::UsernameSign)?;
    // Joiners between letters of some scripts are allowed, although they are invisible.
    let is_visible = |c: char| is_visible(c) || matches!(c, '\u{200c}' | '\u{200d}');
    if username_key(username).is_none() || !username.chars().all(is_visible) {
        return Err(Refusal::UsernameCharacters.into());
    }
    if has_stray_marks(username) {
        return Err(Refusal::UsernameMarks.into());
    }
    if !is_of_one_script(username) {
        return Err(Refusal::UsernameScripts.into());
    }
    Ok(())
}

/// Checks a username that somebody chooses. Besides [`check_username`], it must not begin or end with punctuation
/// other than an underscore: `@wren:` in a text would otherwise mention a user named `wren:`. Imported users keep
/// such names.
pub fn check_new_username(username: &str) -> Result<(), ApiError> {
    check_username(username)?;
    let is_bad = |c: char| c.is_ascii_punctuation() && c != '_';
    if username.starts_with(is_bad) || username.ends_with(is_bad) {
        return Err(Refusal::UsernameCharacters.into());
    }
    Ok(())
}

/// Returns whether a username is one that no user may have: it starts with the sign that precedes a mention, or looks
/// like a word that mentions everybody or like the name of an erased account.
pub fn is_reserved(username: &str) -> bool {
    username.starts_with(is_mention_sign)
        || looks_like_everybody(username)
        || looks_erased(username)
}

/// Returns a key that is the same for all spellings of a username: the profile UsernameCaseMapped of RFC 8265, with one
/// small sigma. Returns `None` if the profile does not allow the username.
pub fn username_key(username: &str) -> Option<String> {
    let profile = UsernameCaseMapped::new();
    let narrow = profile.width_mapping_rule(username).ok()?;
    // Composed first: the profile allows Hangul syllables, but not the letters of which they are composed.
    let composed = profile.normalization_rule(narrow).ok()?;
    CurrentIdentifier.allows(&composed).ok()?;
    let lower = profile.case_mapping_rule(composed).ok()?;
    let key = profile.normalization_rule(with_one_sigma(&lower)).ok()?;
    if key.is_empty() {
        return None;
    }
    profile.directionality_rule(key).ok().map(Into::into)
}

/// Returns whether a name begins with a combining mark, which would be displayed on the preceding character, or has
/// more than two marks on one letter, which no real name needs.
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
    fn names_that_can_be_confused_with_others_are_refused() {
        for name in ["", "a b", "a\u{202e}b", "a\u{200b}", "ﬁn", "a\u{7}", &"x".repeat(51)] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["erased-", "erased-1", "Erased-wren", "ERASED-1", "ｅｒａｓｅｄ－1", "erased"]
        {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        for name in ["all", "All", "HERE", "channel", "everyone", "ａｌｌ", "aII", "a1l", "channeI"]
        {
            assert!(check_username(name).is_err(), "{name:?}");
            assert!(is_reserved(name), "{name:?}");
        }
        for name in ["@all", "@wren", "\u{ff20}wren", "\u{fe6b}wren", "wren@oak", "@"] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
        // Invisible letters and marks of some scripts.
        for name in ["\u{13441}", "a\u{16fe4}", "wren\u{13430}", "\u{1d159}"] {
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
            "erasedly",
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
            // Adlam, Osage, and the extended Latin of Unicode 7 and later.
            "\u{1e900}\u{1e921}\u{1e923}",
            "\u{104b0}\u{104d8}",
            "\u{ab30}x",
            // Hangul, composed and not.
            "한글",
            "\u{1112}\u{1161}\u{11ab}",
        ] {
            check_username(name).unwrap();
        }
    }

    #[test]
    fn a_new_name_cannot_begin_or_end_with_punctuation() {
        for name in ["wren:", "wren,", "wren.", "(wren)", "`wren`", "-wren", "wren-", "<wren>"] {
            assert!(check_new_username(name).is_err(), "{name:?}");
        }
        for name in ["name.", ".name", "name-", "-name", "bob\u{663}"] {
            let message = check_new_username(name).unwrap_err().message;
            assert!(message.contains("digits (European"), "{message}");
            assert!(message.contains("begins and ends with a letter"), "{message}");
        }
        for name in ["wren", "m_3", "_wren_", "a.b", "a-b", "李四", "é"] {
            check_new_username(name).unwrap();
        }
        for name in ["all:", "(all)", "*here*", "#all", "\"everyone\"", "-channel"] {
            assert!(check_username(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn different_spellings_of_a_name_have_the_same_key() {
        for (one, other) in [
            ("Wren", "wREN"),
            ("ｗｒｅｎ", "wren"),
            ("é", "e\u{301}"),
            ("Σ", "σ"),
            ("Νίκος", "ΝΊΚΟΣ"),
            ("νίκος", "νίκοσ"),
            ("ς1", "Σ1"),
            ("한", "\u{1112}\u{1161}\u{11ab}"),
            ("\u{1e900}", "\u{1e922}"),
        ] {
            assert!(username_key(one).is_some(), "{one}");
            assert_eq!(username_key(one), username_key(other), "{one} {other}");
        }
        assert_ne!(username_key("wren"), username_key("wrén"));
    }
}
