//! Parses one day of a channel's log. Does no I/O: takes bytes and returns messages and oddities.
//!
//! `[hh:mm] <nick> text` is a message, `[hh:mm] * nick does` an action, and `[hh:mm] *** …` a notice (joins,
//! leaves and renames, which are not messages). After a message, any other line that does not start with `[`
//! continues it. Empty lines are skipped.

use std::borrow::Cow;

/// One message of a day.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// Minutes since midnight, UTC.
    pub minute: i64,
    /// The sender's nick, as in the log.
    pub nick: String,
    /// The text; that of an action starts with "/me ".
    pub body: String,
}

/// Something that was changed or left out.
#[derive(Debug, PartialEq, Eq)]
pub struct Odd {
    /// The number of its line, from 1.
    pub line: usize,
    /// A description of what is odd, and of what was done about it.
    pub why: &'static str,
}

/// The parsed log of a day.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Day {
    /// The messages, in the log's order.
    pub messages: Vec<Said>,
    /// The number of joins, leaves and renames.
    pub notices: u64,
    /// Everything that was changed or left out.
    pub odd: Vec<Odd>,
}

/// The kind of the last entry, on which the meaning of a continuing line depends.
enum Last {
    Nothing,
    Notice,
    Message,
}

/// Parses a day. Never fails: what cannot be parsed is listed in [`Day::odd`].
pub fn read(bytes: &[u8]) -> Day {
    let mut day = Day::default();
    let mut last = Last::Nothing;
    for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let text = String::from_utf8_lossy(bytes.strip_suffix(b"\r").unwrap_or(bytes));
        if let Cow::Owned(_) = text {
            day.odd.push(Odd { line, why: "bytes that are not UTF-8, shown as \u{fffd}" });
        }
        if text.trim().is_empty() {
            continue;
        }
        last = match (entry(&text), last) {
            (Some(Entry::Message(said)), _) => {
                day.messages.push(said);
                Last::Message
            }
            (Some(Entry::Notice), _) => {
                day.notices += 1;
                Last::Notice
            }
            (None, Last::Message) if !text.starts_with('[') => {
                let message = day.messages.last_mut().expect("the last line was a message");
                message.body.push('\n');
                message.body.push_str(&text);
                Last::Message
            }
            (None, last) => {
                day.odd.push(Odd { line, why: "not a line of a log, left out" });
                last
            }
        };
    }
    day
}

enum Entry {
    Message(Said),
    Notice,
}

fn entry(line: &str) -> Option<Entry> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let (hours, minutes) = time.split_once(':')?;
    let number = |text: &str, below: i64| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number < below)
    };
    let minute = number(hours, 24)? * 60 + number(minutes, 60)?;
    if rest.starts_with("*** ") {
        return Some(Entry::Notice);
    }
    if let Some(action) = rest.strip_prefix("* ") {
        let (nick, does) = action.split_once(' ').unwrap_or((action, ""));
        let body = format!("/me {does}");
        return Some(Entry::Message(Said { minute, nick: nick.into(), body }));
    }
    let (nick, text) = rest.strip_prefix('<')?.split_once('>')?;
    let body = text.strip_prefix(' ').unwrap_or(text).into();
    Some(Entry::Message(Said { minute, nick: nick.into(), body }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(minute: i64, nick: &str, body: &str) -> Said {
        Said { minute, nick: nick.into(), body: body.into() }
    }

    #[test]
    fn messages_actions_notices_and_continuations_are_told_apart() {
        let log = "[00:00] *** wren joined\n\n[14:02] <wren> it works\n\nand goes on\n\
                   [14:03] * oak nods\n[23:59] <a|b> <c> d\n";
        let day = read(log.as_bytes());
        let messages = vec![
            said(842, "wren", "it works\nand goes on"),
            said(843, "oak", "/me nods"),
            said(1439, "a|b", "<c> d"),
        ];
        assert_eq!(day, Day { messages, notices: 1, odd: vec![] });
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_line() {
        let mut log = b"lost\n[25:00] <a> late\n[10:00] <a> caf\xe9\n".to_vec();
        log.extend(b"[10:01] *** a left\nafter a notice\n[10:02] <b> \n");
        let day = read(&log);
        assert_eq!(day.messages, vec![said(600, "a", "caf\u{fffd}"), said(602, "b", "")]);
        let lines: Vec<usize> = day.odd.iter().map(|odd| odd.line).collect();
        assert_eq!(lines, [1, 2, 3, 5]);
    }
}
