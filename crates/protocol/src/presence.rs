//! Presence, which is never stored, and the status text, which is part of the profile.

use crate::text::{self, check_line, is_blank};
use crate::{ErrorBody, Millis, Refusal, UserId, limits};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The setting by which a user says whether others see whether they are online: `yes` unless it is `no`.
pub const TELL_PRESENCE: &str = "tell_presence";
/// The setting by which a user says whether others see when they were last online: `no` unless it is `yes`.
pub const TELL_LAST_SEEN: &str = "tell_last_seen";

string_enum!(
    /// Whether a person is online.
    Availability {
        /// They use one of their devices.
        Online = "online",
        /// They use none of their devices, although one is connected.
        Away = "away",
        /// Their notifications are paused: do not disturb.
        Busy = "busy",
        /// None of their devices is connected, or they hide their presence.
        Offline = "offline",
    }
);

/// Whether a person is online, as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The person.
    pub user_id: UserId,
    /// Whether they are online.
    pub state: Availability,
    /// If they are offline, when they were last online, if they let others see that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Millis>,
}

/// What a person is doing, in their own words. Clients hide it once it has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct PersonStatus {
    /// One emoji; empty for none.
    pub emoji: String,
    /// One line of at most 100 characters; empty for none.
    pub text: String,
    /// When it ends, at most [`limits::STATUS_UNTIL`]; `None` if it stays until it is changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Millis>,
}

impl PersonStatus {
    /// Returns whether it has neither an emoji nor a text.
    pub fn is_empty(&self) -> bool {
        self.emoji.is_empty() && self.text.is_empty()
    }

    /// Returns whether it is shown at a time.
    pub fn is_current(&self, now: Millis) -> bool {
        !self.is_empty() && self.until.is_none_or(|until| now < until)
    }

    /// Returns the form in which it is stored: in NFC, with single spaces, the emoji as Unicode lists it,
    /// and without an end if it is empty.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let text = words.join(" ").nfc().collect();
        let typed = self.emoji.trim();
        let emoji = text::canonical_emoji(typed).unwrap_or(typed).to_owned();
        let status = Self { emoji, text, until: self.until };
        if status.is_empty() { Self::default() } else { status }
    }

    /// Checks that it is valid.
    ///
    /// # Errors
    /// `invalid`, with the reason to display.
    pub fn check(&self) -> Result<(), ErrorBody> {
        if !self.emoji.is_empty() {
            text::check_emoji(&self.emoji)?;
        }
        if self.until.is_some_and(|until| !(0..=limits::STATUS_UNTIL).contains(&until.0)) {
            return Err(text::invalid("A status ends between the years 1970 and 9999."));
        }
        if self.text.chars().nth(limits::STATUS_CHARS).is_some() {
            return Err(Refusal::StatusTooLong.into());
        }
        if !self.text.is_empty() && is_blank(&self.text) {
            return Err(Refusal::StatusHidden.into());
        }
        check_line(&self.text, Refusal::StatusHidden, Refusal::StatusHidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorCode;

    fn status(emoji: &str, text: &str) -> PersonStatus {
        PersonStatus { emoji: emoji.into(), text: text.into(), until: Some(Millis(7)) }
    }

    #[test]
    fn a_status_is_an_emoji_and_one_short_visible_line() {
        for (emoji, text) in [("", ""), ("🌴", ""), ("", "On holiday"), ("🎧", &*"ä".repeat(100))]
        {
            assert_eq!(status(emoji, text).check(), Ok(()), "{emoji} {text}");
        }
        assert_eq!(status("🌴🌴", "").check(), Err(Refusal::NoEmoji.into()));
        let refused = status("x", "").check().unwrap_err();
        assert_eq!(refused, ErrorBody::from(Refusal::NoEmoji));
        assert!(!refused.message.contains("reaction"), "{}", refused.message);
        assert_eq!(status("", &"ä".repeat(101)).check(), Err(Refusal::StatusTooLong.into()));
        for hidden in ["a\u{202e}b", "\u{200b}", "a\nb", "a\0b", "\u{2800}"] {
            assert_eq!(status("", hidden).check(), Err(Refusal::StatusHidden.into()), "{hidden:?}");
        }
    }

    #[test]
    fn a_status_ends_at_a_time_that_everybody_can_read() {
        let ending = |ms| PersonStatus { until: Some(Millis(ms)), ..status("👍", "x") };
        for ms in [0, 1, 4_000_000_000_000, limits::STATUS_UNTIL] {
            assert_eq!(ending(ms).check(), Ok(()), "{ms}");
        }
        for ms in [i64::MIN, -1, limits::STATUS_UNTIL + 1, Millis::MAX.0, i64::MAX] {
            assert_eq!(ending(ms).check().unwrap_err().code, ErrorCode::Invalid, "{ms}");
        }
        // A request with a larger number is refused, too, although it is read as the latest time.
        let json = format!(r#"{{"emoji":"👍","text":"x","until":{}}}"#, i64::MAX);
        let status: PersonStatus = serde_json::from_str(&json).unwrap();
        assert_eq!(status.check().unwrap_err().code, ErrorCode::Invalid);
    }

    #[test]
    fn a_status_is_normalized_and_has_no_end_if_it_is_empty() {
        let normalized = status("❤", " On \t the  tra\u{69}n ").normalized();
        assert_eq!(normalized, status("❤️", "On the train"));
        assert_eq!(normalized.normalized(), normalized);
        assert_eq!(status(" ", " ").normalized(), PersonStatus::default());
    }

    #[test]
    fn a_status_ends_at_its_time() {
        let status = status("🌴", "");
        assert!(status.is_current(Millis(6)) && !status.is_current(Millis(7)));
        assert!(PersonStatus { until: None, ..status }.is_current(Millis(i64::MAX)));
        assert!(!PersonStatus::default().is_current(Millis(0)));
    }
}
