//! The rules for texts that people write. The client checks a text before it stores it, and so does the
//! server, so both refuse it with the same sentence.
//!
//! No text contains control characters except tab and newline: different databases store NUL and similar
//! characters differently, and they take several bytes each in JSON and are invisible. A text that is shown
//! in one line with texts of others (a title, a name) also contains no invisible characters and none that
//! change the direction of the others.

use crate::{ErrorBody, ErrorCode, Refusal, limits};
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

/// Checks a group's title: 1 to 100 characters, without counting surrounding space.
pub fn check_title(title: &str) -> Result<(), ErrorBody> {
    let title = title.trim();
    if !(1..=limits::TITLE_CHARS).contains(&title.chars().count()) || is_blank(title) {
        return Err(Refusal::TitleLength.into());
    }
    check_line(title, Refusal::TitleLines, Refusal::TitleHidden)
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
    let odd = || invalid("A note is one line of at most 120 characters, none of them invisible.");
    if note.chars().count() > limits::NOTE_CHARS {
        return Err(odd());
    }
    check_line(note, odd(), odd())
}

/// Checks the name that a device gives itself. It may be empty.
pub fn check_device(name: &str) -> Result<(), ErrorBody> {
    let odd = || invalid("A device's name is one line, without invisible characters.");
    check_line(name, odd(), odd())
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

/// Returns a line from elsewhere in a form that can be part of a title or a name: without the characters that
/// [`check_title`] refuses.
pub fn plain_line(text: &str) -> String {
    let shown = |c: &char| !is_hidden(*c) && !is_turning(*c);
    let spaced = |c: char| if c.is_control() || is_break(c) { ' ' } else { c };
    let line: String = text.chars().filter(shown).map(spaced).collect();
    if has_stray(&line) {
        return line.chars().filter(|c| !is_ignorable(*c) && !is_mark(*c)).collect();
    }
    line
}

/// Returns whether a character is of a script that puts no spaces between words, or of Korean, whose words
/// take endings: next to such a character, a name or a link may end.
pub fn is_written_without_spaces(c: char) -> bool {
    matches!(c,
        // Thai, Lao, Tibetan, Burmese, Hangul, Khmer, the Tai scripts, Balinese.
        '\u{e00}'..='\u{109f}'
        | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19df}'
        | '\u{1a20}'..='\u{1aaf}'
        | '\u{1b00}'..='\u{1b7f}'
        // Radicals, kana, Bopomofo, Han, Yi.
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{a4cf}'
        // Javanese, more of Burmese, Tai and Hangul; more of Han and kana.
        | '\u{a960}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aadf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}'
        | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a text shows nothing.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_ignorable(c))
}

/// Checks that a text is one line, without invisible characters or ones that change the direction of text.
pub(crate) fn check_line<E: Into<ErrorBody>>(
    line: &str,
    lines: E,
    hidden: E,
) -> Result<(), ErrorBody> {
    if line.contains(|c: char| c.is_control() || is_break(c)) {
        return Err(lines.into());
    }
    if line.contains(|c| is_turning(c) || is_hidden(c)) || has_stray(line) {
        return Err(hidden.into());
    }
    Ok(())
}

/// Maximum number of marks that any script puts on one letter.
const MARKS: usize = 6;

/// Returns whether a line has an invisible character where no script and no emoji needs it, or more marks on
/// one letter than any script has. These are needed:
///
/// * joiners between letters or emoji that are not ASCII;
/// * direction marks in a line with words that run from right to left;
/// * variation selectors after a character that is not ASCII, or in a keycap (`1`, U+FE0F, U+20E3);
/// * tags after a black flag; a Braille blank among Braille.
fn has_stray(line: &str) -> bool {
    let runs_left = || {
        let is_there = |c| {
            matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
                | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        };
        line.contains(|c: char| is_there(c) && c.is_alphabetic())
    };
    let has_braille = || line.contains(|c| matches!(c, '\u{2801}'..='\u{28ff}'));
    let (mut before, mut marks, mut in_flag) = (' ', 0, false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        in_flag = c == '\u{1f3f4}' || in_flag && matches!(c, '\u{e0020}'..='\u{e007f}');
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let is_stray = match c {
            '\u{200c}' | '\u{200d}' => before.is_ascii() || next.is_ascii(),
            '\u{200e}' | '\u{200f}' | '\u{61c}' => !runs_left(),
            '\u{fe00}'..='\u{fe0f}'
            | '\u{180b}'..='\u{180d}'
            | '\u{180f}'
            | '\u{e0100}'..='\u{e01ef}' => {
                is_ignorable(before) || before.is_ascii() && next != '\u{20e3}'
            }
            '\u{e0020}'..='\u{e007f}' => !in_flag,
            '\u{2800}' => !has_braille(),
            '\u{17b4}' | '\u{17b5}' => true,
            _ => marks > MARKS,
        };
        if is_stray {
            return true;
        }
        before = c;
    }
    false
}

/// Returns whether a character is a mark that can be put on any letter. Marks of a single script are not
/// counted: there are few on each of its letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Returns whether a character is a control character (Unicode's category Cc) other than tab and newline.
fn is_control(c: char) -> bool {
    c.is_control() && c != '\t' && c != '\n'
}

fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns whether a character changes the direction of the text after it (UAX #9: embeddings, overrides and
/// isolates).
fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether a character is invisible and has no function that a script or an emoji needs. Excludes the
/// joiners, the three direction marks, variation selectors, the tags of flags, two vowels of Khmer and the
/// Braille blank, which [`has_stray`] checks.
fn is_hidden(c: char) -> bool {
    is_ignorable(c)
        && !is_turning(c)
        && !matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}')
        && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{180b}'..='\u{180d}' | '\u{180f}')
        && !matches!(c, '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
        && !matches!(c, '\u{17b4}' | '\u{17b5}')
        && c != '\u{2800}'
}

/// Returns whether a character is invisible: Unicode's Default_Ignorable_Code_Point, the annotations of
/// U+FFF9, and the Braille blank.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns the refusal of a request that only a defective program makes, so the user is not shown the reason.
pub(crate) fn invalid(message: &str) -> ErrorBody {
    ErrorBody::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests;
