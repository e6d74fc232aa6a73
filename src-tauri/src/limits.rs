//! The limits and periods that the page uses in its forms and messages, for `bindings.gen.ts`.

use crate::commands::account::FIRST_MESSAGES;
use crate::idle;
use parlour_client::PASTED_BYTES;
use parlour_protocol::{limits, periods};
use serde_json::{Value, json};

/// Returns the limits by name.
pub fn window_settings() -> Value {
    json!({
        "aboutChars": limits::ABOUT_CHARS,
        "bodyBytes": limits::BODY_BYTES,
        "createMembers": limits::CREATE_MEMBERS,
        "displayNameChars": limits::DISPLAY_NAME_CHARS,
        "firstMessages": FIRST_MESSAGES,
        "fileNameBytes": limits::FILE_NAME_BYTES,
        "files": limits::FILES,
        "keywordChars": limits::KEYWORD_CHARS,
        "keywords": limits::KEYWORDS,
        "marks": limits::MARKS,
        "mentions": limits::MENTIONS,
        "noteChars": limits::NOTE_CHARS,
        "passphraseBytes": limits::PASSPHRASE_BYTES,
        "minPassphraseChars": limits::MIN_PASSPHRASE_CHARS,
        "minPasswordChars": limits::MIN_PASSWORD_CHARS,
        "pictureBytes": limits::PICTURE_BYTES,
        "pastedBytes": PASTED_BYTES,
        "picturePixels": limits::PICTURE_PIXELS,
        "readsShownMembers": limits::READS_SHOWN_MEMBERS,
        "serverNameChars": limits::SERVER_NAME_CHARS,
        "statusChars": limits::STATUS_CHARS,
        "titleChars": limits::TITLE_CHARS,
        "topicChars": limits::TOPIC_CHARS,
        "usernameChars": limits::USERNAME_CHARS,
        "watched": limits::WATCHED,
        "welcomeChars": limits::WELCOME_CHARS,
    })
}

/// Returns the periods, in milliseconds, by name.
pub fn window_periods() -> Value {
    json!({
        "certificateWarning": periods::CERTIFICATE_WARNING_MS,
        "typingRepeated": periods::TYPING_REPEATED_MS,
        "typingShown": periods::TYPING_SHOWN_MS,
        "unused": u64::try_from(idle::AWAY.as_millis()).unwrap_or(u64::MAX),
    })
}
