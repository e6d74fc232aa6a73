//! Parses the parts of a log's lines.

use jiff::civil::{Date, DateTime, Time};

/// The time of a line, as far as the line contains it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// A time of the current day.
    Clock(Time),
    /// A month, a day and a time, without a year.
    DayOfYear(i8, i8, Time),
    /// A full date and time.
    Full(DateTime),
    /// Seconds since 1970, UTC.
    Seconds(i64),
}

/// A parsed line.
#[derive(Debug, PartialEq)]
pub enum Item<'a> {
    /// A message or an action.
    Message {
        /// Its time.
        when: When,
        /// The nick of its author.
        nick: &'a str,
        /// Its text.
        text: &'a str,
        /// Whether it is an action (`/me`).
        is_action: bool,
    },
    /// A notice of the client or the server.
    Notice,
    /// The day of the following lines.
    Day(Date),
    /// A line about the log itself.
    Ignored,
}

/// Returns a line without control codes for colours and styles.
pub fn without_codes(line: &str) -> String {
    if !line.contains(|c: char| c.is_control() && c != '\t') {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{3}' => {
                let mut digits = |max: usize| {
                    (0..max).take_while(|_| chars.next_if(char::is_ascii_digit).is_some()).count()
                };
                if digits(2) > 0 {
                    let mut ahead = chars.clone();
                    if ahead.next() == Some(',') && ahead.next().is_some_and(|c| c.is_ascii_digit())
                    {
                        chars.next();
                        let _ = (0..2)
                            .take_while(|_| chars.next_if(char::is_ascii_digit).is_some())
                            .count();
                    }
                }
            }
            '\u{4}' => {
                let _ =
                    (0..6).take_while(|_| chars.next_if(char::is_ascii_hexdigit).is_some()).count();
            }
            '\t' => out.push('\t'),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Returns a nick without the prefix of its role in the channel.
pub fn plain_nick(nick: &str) -> &str {
    let nick = nick.trim();
    let name = nick.strip_prefix(['@', '+', '%', '&', '~', '!']).unwrap_or(nick);
    if name.is_empty() { nick } else { name }
}

/// Returns `nick` and `text` of `<nick> text`.
pub fn message_text(line: &str) -> Option<(&str, &str)> {
    let (nick, text) = line.strip_prefix('<')?.split_once('>')?;
    let nick = plain_nick(nick);
    if nick.is_empty() || nick.contains(char::is_whitespace) {
        return None;
    }
    Some((nick, text.strip_prefix([' ', '\t']).unwrap_or(text)))
}

/// Returns a time of day: `hh:mm` or `hh:mm:ss`.
pub fn parse_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let mut part = || {
        let part = parts.next()?;
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i8>().ok())?
    };
    let (hour, minute, second) = (part()?, part()?, part());
    let has_more = parts.next().is_some() || (second.is_none() && text.len() > 5);
    // A leap second is read as the second before it.
    let second = second.unwrap_or(0).min(if second == Some(60) { 59 } else { 60 });
    if has_more { None } else { Time::new(hour, minute, second, 0).ok() }
}

/// Returns the number of a month by its English name's first letters.
pub fn month(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = name.get(..3)?.to_lowercase();
    (1..).zip(NAMES).find(|(_, item)| *item == name).map(|(number, _)| number)
}

/// Returns the date in words such as `Mon Feb 24 00:00:00 2014` or `Tue Feb 25 2014`.
pub fn date_in_words(text: &str) -> Option<Date> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let year = words.iter().rev().find_map(|word| {
        word.trim_end_matches('.').parse::<i16>().ok().filter(|year| (1980..=2100).contains(year))
    })?;
    let month_index = words
        .iter()
        .position(|word| month(word).is_some() && word.chars().all(char::is_alphabetic));
    if let Some(at) =
        month_index.filter(|at| words.get(at + 1).is_some_and(|word| day(word).is_some()))
    {
        return Date::new(year, month(words[at])?, day(words[at + 1])?).ok();
    }
    // The words are in another language: uses an ISO date, or else the first day of the year.
    let iso = words.iter().find_map(|word| word.parse::<Date>().ok());
    iso.or_else(|| Date::new(year, 1, 1).ok())
}

fn day(word: &str) -> Option<i8> {
    word.trim_end_matches([',', '.']).parse().ok().filter(|day| (1..=31).contains(day))
}

/// Returns whether the text after a star is a notice of the program, not an action.
pub fn is_notice(text: &str) -> bool {
    const SIGNS: [&str; 22] = [
        " has joined",
        " has left",
        " has quit",
        " is now known as",
        " sets mode",
        " changes topic",
        " has changed the topic",
        " was kicked",
        " has kicked",
        "Now talking",
        "Topic for ",
        "Topic of ",
        " gives channel operator",
        " removes ",
        "Disconnected",
        "Speaking now",
        "Talking on",
        " gives voice",
        "Users on",
        "You are now known",
        " sets ban",
        " uscito (",
    ];
    text.starts_with("*** ") || SIGNS.iter().any(|sign| text.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_codes_are_removed() {
        assert_eq!(
            without_codes("\u{3}04,12red\u{3} \u{2}b\u{f} \u{3}5,x \u{4}ff00aaz"),
            "red b ,x z"
        );
        assert_eq!(without_codes("a\tb"), "a\tb");
    }

    #[test]
    fn nicks_times_and_dates_are_parsed() {
        assert_eq!(message_text("<@oak> hi"), Some(("oak", "hi")));
        assert_eq!(message_text("< oak> hi"), Some(("oak", "hi")));
        assert_eq!(message_text("<+bridge> <Ewan> text"), Some(("bridge", "<Ewan> text")));
        assert_eq!(message_text("<a b> x"), None);
        assert!(
            parse_time("25:00").is_none()
                && parse_time("1:00").is_none()
                && parse_time("10:00:61").is_none()
        );
        assert_eq!(parse_time("10:00:60"), parse_time("10:00:59"));
        assert_eq!(date_in_words("Mon Feb 24 00:00:00 2014").unwrap().to_string(), "2014-02-24");
    }
}
