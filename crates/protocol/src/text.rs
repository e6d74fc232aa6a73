//! The rules for texts that people write. The client checks a text before it stores it, and so does the
//! server, so both refuse it with the same sentence.
//!
//! No text contains control characters except tab and newline: different databases store NUL and similar
//! characters differently, and they take several bytes each in JSON and are invisible. A text that is shown
//! in one line with texts of others (a title, a name) also contains no invisible characters and none that
//! change the direction of the others.

mod everybody;
mod line;
mod visible;
mod words;

pub use everybody::mentioned_word;
pub(crate) use line::check_line;
pub use line::plain_line;
#[cfg(test)]
pub(crate) use visible::BLANK;
pub use visible::{is_mark, is_punctuation, is_visible};
pub use words::{is_in_word, is_written_without_spaces};

use crate::looks::{has_mixed_word, without_mixed_words};
use crate::reserved::is_mention_sign;
use crate::{ErrorBody, ErrorCode, Refusal, limits};
use everybody::mentions_everybody;
use std::borrow::Cow;

/// Checks that a message is not blank, not too long and contains no control characters.
pub fn check_body(body: &str) -> Result<(), ErrorBody> {
    if is_blank(body) {
        return Err(Refusal::MessageBlank.into());
    }
    check_draft(body)
}

/// Checks a draft in the same way, except that it may be empty.
pub fn check_draft(body: &str) -> Result<(), ErrorBody> {
    if body.len() > limits::BODY_BYTES {
        return Err(Refusal::MessageTooLong.into());
    }
    if body.contains(is_control) {
        return Err(Refusal::MessageControls.into());
    }
    Ok(())
}

/// Checks a group's title: 1 to 100 characters, without counting surrounding space. No word of it mixes letters that
/// look alike, and none mentions everybody.
pub fn check_title(title: &str) -> Result<(), ErrorBody> {
    let title = title.trim();
    if !(1..=limits::TITLE_CHARS).contains(&title.chars().count()) || is_blank(title) {
        return Err(Refusal::TitleLength.into());
    }
    check_line(title, Refusal::TitleLines, Refusal::TitleHidden)?;
    if has_mixed_word(title) {
        return Err(Refusal::TitleScripts.into());
    }
    if mentions_everybody(title) {
        return Err(Refusal::TitleCallsAll.into());
    }
    Ok(())
}

/// Returns an imported title in a form that [`check_title`] accepts, unless it shows nothing: a line of at
/// most
/// 100 characters, with letters that imitate others replaced, and without at signs if it mentions everybody.
pub fn clean_title(title: &str) -> String {
    let start: String = title.trim().chars().take(10 * limits::TITLE_CHARS).collect();
    let line = plain_line(&start);
    let line = without_mixed_words(&line);
    let mut title: String = line.trim().chars().take(limits::TITLE_CHARS).collect();
    if mentions_everybody(&title) {
        title.retain(|c| !is_mention_sign(c));
    }
    title.trim().to_owned()
}

/// Checks a group's topic: at most 500 characters. It may be empty.
pub fn check_topic(topic: &str) -> Result<(), ErrorBody> {
    let topic = topic.trim();
    if topic.chars().count() > limits::TOPIC_CHARS {
        return Err(Refusal::TopicTooLong.into());
    }
    if !topic.is_empty() && is_blank(topic) {
        return Err(Refusal::TopicBlank.into());
    }
    let line = topic.replace(['\n', '\t'], " ");
    check_line(&line, Refusal::TopicLines, Refusal::TopicHidden)
}

/// Checks an administrator's note about an invitation: one line of at most 120 characters. It may be empty.
pub fn check_note(note: &str) -> Result<(), ErrorBody> {
    let refusal = || {
        invalid("A note is one line of at most 120 characters, none invisible or with many marks.")
    };
    if note.chars().count() > limits::NOTE_CHARS {
        return Err(refusal());
    }
    check_line(note, refusal(), refusal())
}

/// Checks the name that a device gives itself. It may be empty.
pub fn check_device(name: &str) -> Result<(), ErrorBody> {
    let refusal =
        || invalid("A device's name is one line, without invisible characters and many marks.");
    check_line(name, refusal(), refusal())
}

/// Checks the name of a setting.
pub fn check_setting_name(name: &str) -> Result<(), ErrorBody> {
    let is_plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'.'
    };
    if (1..=limits::SETTING_NAME_BYTES).contains(&name.len()) && name.bytes().all(is_plain) {
        return Ok(());
    }
    Err(invalid("A setting's name has 1 to 64 characters: a-z, 0-9, _ and '.'."))
}

/// Checks the value of a setting.
pub fn check_setting(value: &str) -> Result<(), ErrorBody> {
    if value.len() > limits::SETTING_BYTES {
        let message = "A setting's value has at most 4096 bytes.";
        return Err(ErrorBody::new(ErrorCode::TooLarge, message));
    }
    if value.contains(is_control) {
        return Err(invalid("A setting cannot contain control characters."));
    }
    Ok(())
}

/// Checks that a text is one emoji of Unicode's list (RGI, of version 17), with or without its variation
/// selector.
pub fn check_emoji(text: &str) -> Result<(), ErrorBody> {
    if emojis::get(text).is_some() {
        return Ok(());
    }
    Err(Refusal::NoEmoji.into())
}

/// Returns an emoji as it is stored: with the variation selector if Unicode's list has one, so that `❤` and
/// `❤️` are one reaction. Returns `None` if the text is not an emoji.
pub fn canonical_emoji(text: &str) -> Option<&'static str> {
    emojis::get(text).map(emojis::Emoji::as_str)
}

/// Checks the emoji of a reaction that is removed, less strictly: earlier versions accepted more than emoji.
pub fn check_former_emoji(text: &str) -> Result<(), ErrorBody> {
    if !text.is_empty() && text.len() <= limits::EMOJI_BYTES && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(Refusal::NoEmoji.into())
}

/// Returns a text with each line ending as one newline, as in every text that the client sends.
pub fn with_newlines(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return text.into();
    }
    text.replace("\r\n", "\n").replace('\r', "\n").into()
}

/// Returns a text from elsewhere in a form that can be stored: control characters become U+FFFD.
pub fn without_controls(text: &str) -> Cow<'_, str> {
    match with_newlines(text) {
        text if text.contains(is_control) => text.replace(is_control, "\u{fffd}").into(),
        text => text,
    }
}

/// Returns whether a text has no visible character: none that [is visible](is_visible).
pub fn is_blank(text: &str) -> bool {
    !text.contains(is_visible)
}

/// Returns whether a character is a control character (Unicode's category Cc) other than tab and newline.
fn is_control(c: char) -> bool {
    c.is_control() && c != '\t' && c != '\n'
}

/// Returns the refusal of a request that only a defective program makes, so the user is not shown the reason.
pub(crate) fn invalid(message: &str) -> ErrorBody {
    ErrorBody::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests;
