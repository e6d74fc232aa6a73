//! Short texts that are shown in one line with texts of others: titles, names, notes.

use super::visible::{is_default_ignorable, is_mark, is_visible};
use crate::{ErrorBody, limits};
use icu_properties::CodePointMapData;
use icu_properties::props::Script;

/// Checks that a text is one line, without invisible characters or ones that change the direction of text where
/// no script or emoji needs them, and without many marks on one character.
pub(crate) fn check_line<E: Into<ErrorBody>>(
    line: &str,
    line_break: E,
    hidden: E,
) -> Result<(), ErrorBody> {
    if line.contains(is_break) {
        return Err(line_break.into());
    }
    if without_unneeded(line).len() < line.len() {
        return Err(hidden.into());
    }
    Ok(())
}

/// Returns a line from elsewhere in a form that can be part of a title or a name: with a space for each control
/// character and line break, and without what [`check_line`] refuses.
pub fn plain_line(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if is_break(c) { ' ' } else { c }).collect();
    // A character may be needed only because of one that is removed, so several passes may be necessary.
    for _ in 0..3 {
        let cleaned = without_unneeded(&line);
        if cleaned.len() == line.len() {
            return line;
        }
        line = cleaned;
    }
    line.chars().filter(|c| *c == ' ' || is_visible(*c) && !is_mark(*c)).collect()
}

/// Returns whether a character ends a line or is a control character.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns a line without the invisible characters that no script and no emoji needs, and without
/// marks at the start of the line, or more than [`limits::MARKS`] on one character. These invisible characters are needed:
///
/// * joiners between visible characters that are not ASCII;
/// * direction marks in a line with words that run from right to left;
/// * variation selectors after a visible character that is not ASCII, or in a keycap (`1`, U+FE0F, U+20E3);
/// * tags after a black flag;
/// * blanks and format characters of a script of which there are visible characters in the line (Braille,
///   hieroglyphs, Khitan).
fn without_unneeded(line: &str) -> String {
    let is_right_to_left_line = line.contains(is_right_to_left);
    let (mut cleaned, mut previous, mut marks, mut in_flag) = (String::new(), None, 0, false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        in_flag = c == '\u{1f3f4}' || in_flag && matches!(c, '\u{e0020}'..='\u{e007f}');
        let is_joined = |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace());
        let is_unneeded = match c {
            '\u{200c}' | '\u{200d}' => {
                !(is_joined(previous) && next.is_some_and(is_visible) && is_joined(next))
            }
            '\u{200e}' | '\u{200f}' | '\u{61c}' => !is_right_to_left_line,
            '\u{fe00}'..='\u{fe0f}'
            | '\u{180b}'..='\u{180d}'
            | '\u{180f}'
            | '\u{e0100}'..='\u{e01ef}' => {
                let is_keycap = next == Some('\u{20e3}') && previous.is_some();
                !is_keycap && !previous.is_some_and(|c| !c.is_ascii() && is_visible(c))
            }
            '\u{e0020}'..='\u{e007f}' => !in_flag,
            c if c.is_whitespace() || is_visible(c) => {
                marks = if is_mark(c) { marks + 1 } else { 0 };
                is_mark(c) && previous.is_none() || marks > limits::MARKS
            }
            c => is_default_ignorable(c) || !has_script_of(line, c),
        };
        if !is_unneeded {
            cleaned.push(c);
            previous = Some(c);
        }
    }
    cleaned
}

/// Returns whether a character is a letter of a script that runs from right to left.
fn is_right_to_left(c: char) -> bool {
    let is_in_range = matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    is_in_range && c.is_alphabetic()
}

/// Returns whether a line has a visible character of the script to which a blank one belongs.
fn has_script_of(line: &str, blank: char) -> bool {
    let scripts = CodePointMapData::<Script>::new();
    let script = scripts.get(blank);
    let is_none = [Script::Common, Script::Inherited, Script::Unknown].contains(&script);
    !is_none && line.contains(|c| scripts.get(c) == script && is_visible(c))
}
