//! The profiles of people, and the checks that both ends make.

use crate::looks::{is_of_one_script, without_mixed_words};
use crate::reserved::{check_unreserved, is_mention_sign};
use crate::text::{self, check_line, is_blank};
use crate::{ErrorBody, PersonStatus, Refusal, limits};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The profile of a person. Each part may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct Profile {
    /// The name that is shown instead of their username: at most 80 characters.
    pub display_name: String,
    /// A text about them: at most 500 characters.
    pub about: String,
    /// The name of their time zone in the IANA database, such as `Europe/Vienna`.
    pub time_zone: String,
    /// What they are doing at the moment.
    #[serde(skip_serializing_if = "PersonStatus::is_empty")]
    pub status: PersonStatus,
}

impl Profile {
    /// Returns whether all parts are empty.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A change of a profile. A part that is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct ProfileChange {
    /// The new [`Profile::display_name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The new [`Profile::about`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The new [`Profile::time_zone`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The new [`Profile::status`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<PersonStatus>,
}

impl From<Profile> for ProfileChange {
    /// Returns the change that replaces all parts by those of this profile.
    fn from(Profile { display_name, about, time_zone, status }: Profile) -> Self {
        Self {
            display_name: Some(display_name),
            about: Some(about),
            time_zone: Some(time_zone),
            status: Some(status),
        }
    }
}

impl ProfileChange {
    /// Returns the form in which it is stored: texts in NFC without surrounding space, the name with single
    /// spaces.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let name = |name: &String| {
            let words: Vec<&str> = name.split_whitespace().collect();
            words.join(" ").nfc().collect()
        };
        let about = |about: &String| text::with_newlines(about.trim()).nfc().collect();
        Self {
            display_name: self.display_name.as_ref().map(name),
            about: self.about.as_ref().map(about),
            time_zone: self.time_zone.as_ref().map(|zone| zone.trim().to_owned()),
            status: self.status.as_ref().map(PersonStatus::normalized),
        }
    }

    /// Checks that the new parts are valid.
    ///
    /// # Errors
    /// `invalid`, with the reason to display.
    pub fn check(&self) -> Result<(), ErrorBody> {
        self.display_name.as_deref().map_or(Ok(()), check_display_name)?;
        self.about.as_deref().map_or(Ok(()), check_about)?;
        self.time_zone.as_deref().map_or(Ok(()), check_time_zone)?;
        self.status.as_ref().map_or(Ok(()), PersonStatus::check)
    }

    /// Applies the change to a profile.
    pub fn apply_to(&self, profile: &mut Profile) {
        let Self { display_name, about, time_zone, status } = self.clone();
        let Profile { display_name: old_name, about: old_about, time_zone: old_zone, .. } = profile;
        for (new, old) in [(display_name, old_name), (about, old_about), (time_zone, old_zone)] {
            if let Some(new) = new {
                *old = new;
            }
        }
        if let Some(status) = status {
            profile.status = status;
        }
    }

    /// Returns which parts it changes: the display name, the text about the person, the time zone, the
    /// status.
    pub fn parts(&self) -> [bool; 4] {
        let [name, about, zone] =
            [&self.display_name, &self.about, &self.time_zone].map(Option::is_some);
        [name, about, zone, self.status.is_some()]
    }
}

/// Refuses a name that is too long, blank, contains invisible characters or ones that change the direction
/// of text, or has a word that mixes scripts; and one that could be mistaken for what the app itself
/// displays: a mention of a user or of everybody, or the name of an erased account.
fn check_display_name(name: &str) -> Result<(), ErrorBody> {
    if name.chars().nth(limits::DISPLAY_NAME_CHARS).is_some() {
        return Err(Refusal::DisplayNameTooLong.into());
    }
    if !name.is_empty() && is_blank(name) {
        return Err(Refusal::DisplayNameBlank.into());
    }
    check_line(name, Refusal::DisplayNameHidden, Refusal::DisplayNameHidden)?;
    if !name.split_whitespace().all(is_of_one_script) {
        return Err(Refusal::DisplayNameScripts.into());
    }
    check_unreserved(name, Refusal::DisplayNameSign).map_err(Into::into)
}

/// Returns a display name from elsewhere in a form that may be one: a line of at most 80 characters without the sign
/// that precedes usernames, with letters that imitate others replaced.
pub fn clean_display_name(name: &str) -> String {
    let start: String = name.trim().chars().take(10 * limits::DISPLAY_NAME_CHARS).collect();
    let line = text::plain_line(&start);
    let plain = without_mixed_words(&line);
    let name: String = plain.chars().filter(|c| !is_mention_sign(*c)).collect();
    name.trim().chars().take(limits::DISPLAY_NAME_CHARS).collect()
}

fn check_about(about: &str) -> Result<(), ErrorBody> {
    if about.chars().nth(limits::ABOUT_CHARS).is_some() {
        return Err(Refusal::AboutTooLong.into());
    }
    let line = about.replace(['\n', '\t'], " ");
    check_line(&line, Refusal::AboutHidden, Refusal::AboutHidden)
}

/// Refuses what cannot be the name of a time zone. Whether a zone of this name exists is not checked: the
/// IANA database changes several times a year.
fn check_time_zone(zone: &str) -> Result<(), ErrorBody> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-/".contains(&byte);
    if zone.len() <= limits::TIME_ZONE_BYTES && zone.bytes().all(is_plain) {
        return Ok(());
    }
    Err(Refusal::TimeZone.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_name(name: &str) -> ProfileChange {
        ProfileChange { display_name: Some(name.into()), ..ProfileChange::default() }
    }

    #[test]
    fn a_display_name_is_one_visible_line_with_one_script_per_word() {
        for name in [
            "",
            "Wren Okafor",
            "Nguyễn Thị Hà",
            "李四 (Si)",
            "Иван Ivan",
            "د. نور",
            "健ken",
            "Oak 🌳",
            "O’Neill-Łukasz",
            &"x".repeat(80),
        ] {
            assert_eq!(with_name(name).check(), Ok(()), "{name:?}");
        }
        for (name, reason) in [
            (&*"x".repeat(81), Refusal::DisplayNameTooLong),
            ("\u{2800}", Refusal::DisplayNameBlank),
            ("\u{200b}", Refusal::DisplayNameBlank),
            ("W\u{202e}ren", Refusal::DisplayNameHidden),
            ("W\u{2066}ren", Refusal::DisplayNameHidden),
            ("W\u{200b}ren", Refusal::DisplayNameHidden),
            ("W\u{200d}ren", Refusal::DisplayNameHidden),
            ("W\u{ad}ren", Refusal::DisplayNameHidden),
            ("W\nren", Refusal::DisplayNameHidden),
            ("W\0ren", Refusal::DisplayNameHidden),
            (&*format!("W{}", "\u{301}".repeat(9)), Refusal::DisplayNameHidden),
            ("Wr\u{435}n Okafor", Refusal::DisplayNameScripts),
            ("Okaf\u{3bf}r", Refusal::DisplayNameScripts),
        ] {
            assert_eq!(with_name(name).check(), Err(reason.into()), "{name:?}");
        }
    }

    #[test]
    fn no_display_name_can_be_mistaken_for_text_of_the_app() {
        for name in ["All Hands", "Alle", "Hereward", "Everyone Else", "Unerased", "Eras", "at"] {
            assert_eq!(with_name(name).check(), Ok(()), "{name:?}");
        }
        for name in ["Paul (@wren)", "@", "wren\u{ff20}oak", "wren\u{fe6b}oak"] {
            assert_eq!(with_name(name).check(), Err(Refusal::DisplayNameSign.into()), "{name:?}");
        }
        for name in ["all", "ALL", "aII", "a1l", "Everyone", "Here", "channel", "ＡＬＬ"] {
            assert_eq!(with_name(name).check(), Err(Refusal::UsernameCallsAll.into()), "{name:?}");
        }
        for name in ["erased-1", "Erased", "ERASED 3f", "Erased\u{2010}1", "ｅｒａｓｅｄ－1"]
        {
            let refused = with_name(name).check().unwrap_err();
            assert_eq!(refused, ErrorBody::from(Refusal::UsernameErased), "{name:?}");
            // Neither the hyphen nor anything else must follow.
            assert!(refused.message.starts_with("\u{201c}erased\u{201d} and"));
        }
    }

    #[test]
    fn names_from_elsewhere_are_cleaned() {
        for (name, clean) in [
            ("Paul (@wren)", "Paul (wren)"),
            ("Wr\u{435}n\u{202e} Okafor\n", "Wren Okafor"),
            ("\u{301}Zoë", "Zoë"),
        ] {
            assert_eq!(clean_display_name(name), clean);
            assert_eq!(with_name(clean).check(), Ok(()));
        }
    }

    #[test]
    fn the_text_and_the_time_zone_of_a_profile_are_checked() {
        let nothing = ProfileChange::default;
        let about = |text: &str| ProfileChange { about: Some(text.into()), ..nothing() }.check();
        assert_eq!(about("Compilers.\nAsk me."), Ok(()));
        assert_eq!(about(&"ä".repeat(500)), Ok(()));
        assert_eq!(about(&"ä".repeat(501)), Err(Refusal::AboutTooLong.into()));
        assert_eq!(about("a\u{202e}b"), Err(Refusal::AboutHidden.into()));
        assert_eq!(about("a\0b"), Err(Refusal::AboutHidden.into()));
        let zone = |zone: &str| ProfileChange { time_zone: Some(zone.into()), ..nothing() }.check();
        for good in ["", "Europe/Vienna", "America/Argentina/Ushuaia", "Etc/GMT+3", "UTC"] {
            assert_eq!(zone(good), Ok(()), "{good}");
        }
        for bad in ["Europe Vienna", "Österreich", "../etc/passwd", "a\0", &"x".repeat(65)] {
            assert_eq!(zone(bad), Err(Refusal::TimeZone.into()), "{bad}");
        }
    }

    #[test]
    fn a_profile_is_normalized() {
        let typed = Profile {
            display_name: " Wre\u{301}n \t Okafor ".into(),
            about: "\r\none\r\ntwo ".into(),
            time_zone: " UTC ".into(),
            status: PersonStatus { text: " Busy ".into(), ..PersonStatus::default() },
        };
        let normalized = ProfileChange::from(Profile {
            display_name: "Wr\u{e9}n Okafor".into(),
            about: "one\ntwo".into(),
            time_zone: "UTC".into(),
            status: PersonStatus { text: "Busy".into(), ..PersonStatus::default() },
        });
        assert_eq!(ProfileChange::from(typed).normalized(), normalized);
        assert_eq!(normalized.normalized(), normalized);
        assert_eq!(serde_json::from_str::<Profile>("{}").unwrap(), Profile::default());
    }

    #[test]
    fn a_part_that_a_change_leaves_out_stays() {
        let mut profile = Profile { about: "Compilers".into(), ..Profile::default() };
        let change: ProfileChange = serde_json::from_str(r#"{"displayName":"Wren"}"#).unwrap();
        assert_eq!(change, with_name("Wren"));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"displayName":"Wren"}"#);
        change.apply_to(&mut profile);
        assert_eq!((&*profile.display_name, &*profile.about), ("Wren", "Compilers"));
        with_name("").apply_to(&mut profile);
        assert_eq!(profile, Profile { about: "Compilers".into(), ..Profile::default() });
        ProfileChange::from(Profile::default()).apply_to(&mut profile);
        assert!(profile.is_empty());
        assert_eq!(with_name("").normalized(), with_name(""), "nothing is added");
    }
}
