//! The limits that the page uses in its forms and messages, for `bindings.gen.ts`.

use parlour_protocol::limits;
use serde_json::{Value, json};

/// Returns the limits by name.
pub fn window_settings() -> Value {
    json!({
        "aboutChars": limits::ABOUT_CHARS,
        "bodyBytes": limits::BODY_BYTES,
        "displayNameChars": limits::DISPLAY_NAME_CHARS,
        "noteChars": limits::NOTE_CHARS,
        "pictureBytes": limits::PICTURE_BYTES,
        "serverNameChars": limits::SERVER_NAME_CHARS,
        "statusChars": limits::STATUS_CHARS,
        "titleChars": limits::TITLE_CHARS,
        "topicChars": limits::TOPIC_CHARS,
        "usernameChars": limits::USERNAME_CHARS,
        "welcomeChars": limits::WELCOME_CHARS,
    })
}
