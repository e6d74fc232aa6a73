//! Which passwords are allowed, and which spellings count as the same password.

use crate::error::ApiError;
use parlour_protocol::{Refusal, limits};
use std::collections::HashSet;
use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization;

/// The largest size of a password that is processed at all, in bytes. A password that is longer before it
/// is normalised is also longer than what bcrypt reads afterwards.
const MAX_TYPED_BYTES: usize = 1024;

/// The spaces of Unicode (general category Zs) besides U+0020.
const SPACES: &str = "\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\
    \u{200a}\u{202f}\u{205f}\u{3000}";

/// Returns the normal form, which is the same whichever way a keyboard encodes the password: as the profile
/// OpaqueString of RFC 8265 has it, every space becomes U+0020, and letters with marks are composed. Nothing else is
/// changed, and all characters except control characters are allowed, including unassigned ones. Returns `None` if
/// there is one of these, such as NUL, or if the password is too long.
fn normal_form(password: &str) -> Option<String> {
    if password.len() > MAX_TYPED_BYTES || password.chars().any(char::is_control) {
        return None;
    }
    let spaced = password.chars().map(|c| if SPACES.contains(c) { ' ' } else { c });
    Some(spaced.nfc().collect())
}

/// Returns the forms that the stored hash may have been made from: the normal form, and the password as
/// typed if that differs. Leaves out what bcrypt would truncate: it reads 72 bytes and stops at NUL.
pub fn forms(password: &str) -> Vec<String> {
    let is_hashable = |form: &String| form.len() <= limits::PASSWORD_BYTES && !form.contains('\0');
    let normal = normal_form(password);
    let typed = Some(password.to_owned()).filter(|typed| normal.as_ref() != Some(typed));
    normal.into_iter().chain(typed).filter(is_hashable).collect()
}

/// Returns the password in its normal form.
///
/// # Errors
/// Fails if the password contains characters that are not allowed, is too short, is longer than what bcrypt
/// reads, or is one of the most common passwords or a single repeated character.
pub fn check_password(password: &str) -> Result<String, ApiError> {
    let to_u32 = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let too_long = |bytes: usize| {
        ApiError::from(Refusal::PasswordTooLong {
            bytes: to_u32(bytes),
            max: to_u32(limits::PASSWORD_BYTES),
        })
    };
    if password.len() > MAX_TYPED_BYTES {
        return Err(too_long(password.len()));
    }
    let password = normal_form(password).ok_or(Refusal::PasswordCharacters)?;
    if password.len() > limits::PASSWORD_BYTES {
        return Err(too_long(password.len()));
    }
    if password.chars().count() < limits::MIN_PASSWORD_CHARS {
        return Err(Refusal::PasswordTooShort { min: to_u32(limits::MIN_PASSWORD_CHARS) }.into());
    }
    let plain: String = password.nfkc().flat_map(char::to_lowercase).collect();
    let first = plain.chars().next();
    if COMMON.contains(plain.as_str()) || plain.chars().all(|c| Some(c) == first) {
        return Err(Refusal::PasswordCommon.into());
    }
    Ok(password)
}

/// The most common passwords of at least 8 characters, in lower case: those from Royce Williams's list of
/// 20,000 (2018, from published breaches) that are long enough.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("../../data/common-passwords.txt").lines().collect());

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;

    #[test]
    fn a_password_over_72_bytes_is_refused_with_its_length() {
        let error = check_password(&"ä".repeat(37)).unwrap_err();
        assert_eq!(error.code, ErrorCode::Invalid);
        assert!(error.message.contains("74 bytes"), "{}", error.message);
        check_password(&"äö".repeat(18)).unwrap();
    }

    #[test]
    fn the_length_of_a_password_is_that_of_its_normal_form() {
        assert_eq!(check_password("caf\u{65}\u{301} noir").unwrap(), "caf\u{e9} noir");
        assert_eq!(check_password("ideographic\u{3000}space").unwrap(), "ideographic space");
        // Hangul as macOS encodes it, and emoji of Unicode 6.1, 9 and 17, joined and not.
        let jamo = "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}".repeat(4);
        assert_eq!(check_password(&jamo).unwrap(), "\u{d55c}\u{ae00}".repeat(4));
        for password in
            ["abcdefgh\u{1f600}", "abcdefgh\u{1f98a}", "abcdefgh\u{1fac8}", "abc\u{200d}defgh"]
        {
            assert_eq!(check_password(password).unwrap(), password);
        }
        // 36 letters: three bytes each as typed, two bytes each in the normal form.
        check_password(&"e\u{301}o\u{301}".repeat(18)).unwrap();
        assert!(check_password(&"e\u{301}".repeat(37)).is_err());
        for refused in ["correct\0horse", "\0correct horse", "correct\nhorse", "correct\u{7f}horse"]
        {
            assert_eq!(
                check_password(refused).unwrap_err().code,
                ErrorCode::Invalid,
                "{refused:?}"
            );
        }
        let too_long = check_password(&"x".repeat(400_000)).unwrap_err();
        assert!(too_long.message.contains("400000 bytes"), "{}", too_long.message);
    }

    #[test]
    fn a_typed_password_is_tried_in_at_most_two_forms_and_never_truncated() {
        assert_eq!(forms("correct horse"), ["correct horse"]);
        assert_eq!(forms("e\u{301}clair"), ["\u{e9}clair", "e\u{301}clair"]);
        assert_eq!(forms("tab\there"), ["tab\there"]);
        assert!(forms("P\0P").is_empty() && forms(&"x".repeat(73)).is_empty());
    }

    #[test]
    fn common_passwords_are_refused() {
        assert!(COMMON.len() >= 3000);
        for password in ["password1", "PassWord1", "qwertyuiop"] {
            assert!(check_password(password).is_err(), "{password}");
        }
        check_password("correct horse").unwrap();
    }
}
