//! The layouts of logs.

use super::line::{
    Item, When, date_in_words, is_notice, message_text, month, parse_time, plain_nick,
};
use jiff::civil::DateTime;

/// The layout of a log's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `[hh:mm:ss] <nick> text`: ZNC, mIRC, energymech, and others.
    Bracketed,
    /// `hh:mm <@nick> text`.
    Irssi,
    /// `YYYY-MM-DD hh:mm:ss`, tab, nick, tab, text.
    WeeChat,
    /// `May 20 11:21:41 <nick>`, tab, text.
    HexChat,
    /// `YYYY-MM-DDThh:mm:ss  <nick> text`.
    Supybot,
    /// `[15 Jan 08:42] <nick!user@host> +text`.
    Dircproxy,
    /// `T 1232074579 <nick> text`.
    Scrollback,
}

const ALL: [Layout; 7] = [
    Layout::Bracketed,
    Layout::Irssi,
    Layout::WeeChat,
    Layout::HexChat,
    Layout::Supybot,
    Layout::Dircproxy,
    Layout::Scrollback,
];

/// Returns the layout in which most lines can be parsed, if at least a fifth of them can.
pub fn recognize(lines: &[&str]) -> Option<Layout> {
    let lines: Vec<&&str> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
    let count_parsed = |layout: &Layout| {
        let is_parsed = |line: &&&&str| {
            matches!(layout.item(line, &|_| false), Some(Item::Message { .. } | Item::Notice))
        };
        lines.iter().filter(is_parsed).count()
    };
    let best = ALL
        .into_iter()
        .map(|layout| (count_parsed(&layout), layout))
        .max_by_key(|(is_parsed, _)| *is_parsed)?;
    // A log without messages contains only lines about its sessions.
    if best.0 == 0 {
        let is_session_log =
            |layout: &Layout| lines.iter().all(|line| layout.item(line, &|_| false).is_some());
        return ALL.into_iter().find(|layout| !lines.is_empty() && is_session_log(layout));
    }
    (best.0 * 5 >= lines.len()).then_some(best.1)
}

impl Layout {
    /// Returns whether an unknown kind of line continues the message before.
    pub fn is_continued(self, line: &str) -> bool {
        self == Self::Bracketed && !line.starts_with('[')
    }

    /// Parses a line. `is_nick` returns whether a word is a known nick.
    pub fn item<'a>(self, line: &'a str, is_nick: &dyn Fn(&str) -> bool) -> Option<Item<'a>> {
        match self {
            Self::Bracketed => bracketed(line, is_nick),
            Self::Irssi => irssi(line),
            Self::WeeChat => weechat(line),
            Self::HexChat => hexchat(line, is_nick),
            Self::Supybot => supybot(line),
            Self::Dircproxy => dircproxy(line),
            Self::Scrollback => scrollback(line, is_nick),
        }
    }
}

/// Parses `* nick does`, or a notice of the program with the same prefix.
fn action_or_notice<'a>(when: When, rest: &'a str, is_action: impl Fn(&str) -> bool) -> Item<'a> {
    let (nick, text) = rest.trim_start().split_once(' ').unwrap_or((rest.trim(), ""));
    let nick = plain_nick(nick);
    if nick.is_empty() || is_notice(rest) || !is_action(nick) {
        return Item::Notice;
    }
    Item::Message { when, nick, text, is_action: true }
}

fn message(when: When, line: &str) -> Option<Item<'_>> {
    let (nick, text) = message_text(line)?;
    Some(Item::Message { when, nick, text, is_action: false })
}

fn bracketed<'a>(line: &'a str, _: &dyn Fn(&str) -> bool) -> Option<Item<'a>> {
    for start in ["Session Start:", "Session Time:", "Session Ident:", "Session Close:"] {
        if let Some(rest) = line.strip_prefix(start) {
            let day = date_in_words(rest).filter(|_| start != "Session Ident:");
            return Some(day.map_or(Item::Ignored, Item::Day));
        }
    }
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let when = When::Clock(parse_time(time)?);
    if rest.starts_with("*** ") || rest == "***" {
        return Some(Item::Notice);
    }
    if let Some(rest) = rest.strip_prefix("* ") {
        return Some(action_or_notice(when, rest, |_| true));
    }
    if rest.starts_with('-') && rest[1..].contains("- ") {
        return Some(Item::Notice);
    }
    message(when, rest)
}

fn irssi(line: &str) -> Option<Item<'_>> {
    if let Some(rest) = line.strip_prefix("--- ") {
        let is_day = rest.starts_with("Log opened") || rest.starts_with("Day changed");
        let day = date_in_words(rest).filter(|_| is_day);
        return Some(day.map_or(Item::Ignored, Item::Day));
    }
    let (time, rest) = line.split_once(' ')?;
    let when = When::Clock(parse_time(time)?);
    if rest.starts_with("-!-") || rest.starts_with('-') && rest[1..].contains("- ") {
        return Some(Item::Notice);
    }
    if let Some(rest) = rest.trim_start().strip_prefix("* ") {
        return Some(action_or_notice(when, rest, |_| true));
    }
    message(when, rest)
}

fn weechat(line: &str) -> Option<Item<'_>> {
    let mut parts = line.splitn(3, '\t');
    let (time, prefix) = (parts.next()?, parts.next()?);
    let text = parts.next().unwrap_or_default();
    let when = When::Full(DateTime::strptime("%Y-%m-%d %H:%M:%S", time).ok()?);
    let prefix = prefix.trim();
    match prefix {
        "-->" | "<--" | "--" | "=!=" | "" => Some(Item::Notice),
        "*" => {
            let (nick, does) = text.split_once(' ').unwrap_or((text, ""));
            let nick = plain_nick(nick);
            Some(if nick.is_empty() {
                Item::Notice
            } else {
                Item::Message { when, nick, text: does, is_action: true }
            })
        }
        nick if nick.contains(char::is_whitespace) => Some(Item::Notice),
        nick => Some(Item::Message { when, nick: plain_nick(nick), text, is_action: false }),
    }
}

fn hexchat<'a>(line: &'a str, is_nick: &dyn Fn(&str) -> bool) -> Option<Item<'a>> {
    if let Some(rest) = line.strip_prefix("**** ") {
        // The text is translated: the line begins a session if it ends with a time and a year.
        let is_end = rest.contains("ENDING") || rest.starts_with("FIN");
        return Some(date_in_words(rest).filter(|_| !is_end).map_or(Item::Ignored, Item::Day));
    }
    let mut words = line.splitn(4, ' ').filter(|word| !word.is_empty());
    let (name, mut date) = (words.next()?, words.next()?);
    let mut time = words.next()?;
    let rest = match words.next() {
        Some(rest) => rest,
        None => {
            // There are two spaces before a day of one digit.
            let tail = line.get(name.len()..)?.trim_start();
            let (day, tail) = tail.split_once(' ')?;
            let (clock, tail) = tail.trim_start().split_once(' ')?;
            (date, time) = (day, clock);
            tail
        }
    };
    let when = When::DayOfYear(month(name)?, date.parse().ok()?, parse_time(time)?);
    if let Some(rest) = rest.strip_prefix("*\t").or_else(|| rest.strip_prefix("* ")) {
        return Some(action_or_notice(when, rest, is_nick));
    }
    // Notices, and messages to one person (`>nick<`).
    if rest.starts_with(['-', '*', '\t', '>']) {
        return Some(Item::Notice);
    }
    message(when, rest)
}

fn supybot(line: &str) -> Option<Item<'_>> {
    let (time, rest) = line.split_once(' ')?;
    let when = When::Full(time.get(..19)?.parse().ok().filter(|_| time.contains('T'))?);
    let rest = rest.trim_start();
    if rest.starts_with("***") || rest.starts_with("-*-") {
        return Some(Item::Notice);
    }
    if let Some(rest) = rest.strip_prefix("* ") {
        return Some(action_or_notice(when, rest, |_| true));
    }
    message(when, rest)
}

fn dircproxy(line: &str) -> Option<Item<'_>> {
    let (time, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let mut words = time.split(' ');
    let (day, name, time) = (words.next()?, words.next()?, words.next()?);
    let when = When::DayOfYear(month(name)?, day.parse().ok()?, parse_time(time)?);
    if rest.starts_with("***")
        || rest.starts_with("-->")
        || rest.starts_with("<--")
        || rest.starts_with('-')
    {
        return Some(Item::Notice);
    }
    if let Some(rest) = rest.strip_prefix("* ") {
        return Some(action_or_notice(when, rest, |_| true));
    }
    let (nick, text) = message_text(rest)?;
    let nick = nick.split('!').next().filter(|nick| !nick.is_empty())?;
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    Some(Item::Message { when, nick, text, is_action: false })
}

fn scrollback<'a>(line: &'a str, is_nick: &dyn Fn(&str) -> bool) -> Option<Item<'a>> {
    let rest = line.strip_prefix("T ")?;
    let (time, rest) = rest.split_once(' ')?;
    let when = When::Seconds(time.parse().ok()?);
    if let Some(rest) = rest.strip_prefix("*\t").or_else(|| rest.strip_prefix("* ")) {
        return Some(action_or_notice(when, rest, is_nick));
    }
    Some(message(when, rest).unwrap_or(Item::Notice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(layout: Layout, line: &str) -> String {
        match layout.item(line, &|nick| nick == "wm") {
            Some(Item::Message { nick, text, is_action, .. }) => {
                format!("{nick}{}{text}", if is_action { "*" } else { ":" })
            }
            Some(Item::Notice) => "notice".to_owned(),
            Some(Item::Day(day)) => day.to_string(),
            Some(Item::Ignored) => "nothing".to_owned(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn every_layout_is_parsed() {
        for (layout, line, expected) in [
            (Layout::Bracketed, "[02:06:03] <@nick> text", "nick:text"),
            (Layout::Bracketed, "[02:06] * nick acts", "nick*acts"),
            (Layout::Bracketed, "[02:06] * nick (u@h) has joined #c", "notice"),
            (Layout::Bracketed, "[02:06:03] *** Joins: f10 (a@b)", "notice"),
            (Layout::Bracketed, "[99:00] <oak> late", "none"),
            (Layout::Bracketed, "Session Start: Mon Feb 24 00:00:00 2014", "2014-02-24"),
            (Layout::Irssi, "01:41 < Julian> hi", "Julian:hi"),
            (Layout::Irssi, "00:11  * nick acts", "nick*acts"),
            (Layout::Irssi, "00:11 -!- nick [u@h] has joined #chan", "notice"),
            (Layout::Irssi, "--- Day changed Tue Feb 25 2014", "2014-02-25"),
            (Layout::Irssi, "--- Log closed Tue Feb 25 2014", "nothing"),
            (Layout::WeeChat, "2016-08-01 10:00:00\t@nick\ttext\tmore", "nick:text\tmore"),
            (Layout::WeeChat, "2016-08-01 10:00:00\t *\tnick acts", "nick*acts"),
            (Layout::WeeChat, "2016-08-01 10:00:00\t-->\tx (y) has joined", "notice"),
            (Layout::HexChat, "May 20 11:21:41 <wm>\ttext", "wm:text"),
            (Layout::HexChat, "May  5 11:21:41 <wm>\ttext", "wm:text"),
            (Layout::HexChat, "May 20 11:21:35 *\twm acts", "wm*acts"),
            (Layout::HexChat, "May 20 11:21:35 *\tzinc sets mode +C", "notice"),
            (Layout::HexChat, "**** BEGIN LOGGING AT Mon May 19 23:59:44 2025", "2025-05-19"),
            (Layout::Supybot, "2005-01-08T23:33:54  <nick> text", "nick:text"),
            (Layout::Supybot, "2005-01-08T23:33:54  *** nick has joined", "notice"),
            (Layout::Dircproxy, "[15 Jan 08:42] <nick!u@h> +text", "nick:text"),
            (Layout::Dircproxy, "[15 Jan 08:42] * nick acts", "nick*acts"),
            (Layout::Scrollback, "T 1232959932 <fpi> Hi", "fpi:Hi"),
            (Layout::Scrollback, "T MISSING TIMESTAMP", "none"),
            (Layout::Scrollback, "T 1232074579 *\tTopic of #x: .", "notice"),
        ] {
            assert_eq!(summary(layout, line), expected, "{line}");
        }
        assert_eq!(recognize(&["hello", "a shopping list", "[x] milk"]), None);
        assert_eq!(recognize(&["[10:00] <a> b", "and on"]), Some(Layout::Bracketed));
    }
}
