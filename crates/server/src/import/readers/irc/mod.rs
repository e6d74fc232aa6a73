//! Reads logs of IRC clients, bouncers and bots. The layout of a log is detected from its first lines. A file without
//! a parsable line is left out, and a line that cannot be parsed is reported.

mod layout;
mod line;

use super::time::local;
use crate::import::ids::fingerprint;
use crate::import::input::{Entry, Files, Lines};
use crate::import::options::Options;
use crate::import::records::{Conversation, ConversationKind, Message, Sink, StopReason};
use crate::import::text::markdown::escaped;
use jiff::civil::{Date, DateTime};
use layout::{Layout, recognize};
use line::{Item, When, without_codes};
use parlour_protocol::Millis;
use std::collections::{HashMap, HashSet};

/// Maximum number of lines from which the layout is detected.
const MAX_SAMPLE_LINES: usize = 200;

/// Returns whether a text looks like a log.
pub fn looks_like_log(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    recognize(&lines).is_some()
}

/// Reads the logs.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let mut channels = HashMap::new();
    files.set_read(|entry| !entry.is_media());
    for entry in files.entries.iter().filter(|entry| !entry.is_media()) {
        let (layout, first_line) = layout_of(entry, options)?;
        match layout {
            Some(layout) => {
                let (channel, date) = channel_and_day(entry, options);
                // If a file is named after a day, its folder is named after the channel.
                let log = channels.entry(channel.clone()).or_insert_with(|| Log::new(channel));
                file(entry, layout, date, options, sink, log)?;
            }
            None => match first_line {
                Some((number, line)) => {
                    let location = format!("{}:{number}", entry.name);
                    sink.broken(
                        location,
                        "a file with an unknown layout, left out; its first line",
                        &line,
                    )?;
                }
                None => {
                    // The log of an empty day contains no messages.
                    let (channel, _) = channel_and_day(entry, options);
                    channels.entry(channel.clone()).or_insert_with(|| Log::new(channel));
                }
            },
        }
    }
    files.report_unused(sink)
}

/// The first line of a file: its number and its bytes.
type FirstLine = (u64, Vec<u8>);

/// Returns the layout of a file, if it is known, and its first line, unless the file is empty.
fn layout_of(
    entry: &Entry,
    options: &Options,
) -> Result<(Option<Layout>, Option<FirstLine>), StopReason> {
    let mut first = None;
    let mut texts = Vec::new();
    let mut lines = Lines::open(entry)?;
    while let Some(line) = lines.next()? {
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        first.get_or_insert((line.number, line.bytes.clone()));
        texts.push(without_codes(&decode(&line.bytes, options)));
        if texts.len() >= MAX_SAMPLE_LINES {
            break;
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok((recognize(&texts), first))
}

/// Decodes a line: as UTF-8 if it is valid, otherwise in the chosen encoding.
fn decode(bytes: &[u8], options: &Options) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => options.encoding.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Returns the channel of a file, and the day in its name, if there is one.
fn channel_and_day(entry: &Entry, options: &Options) -> (String, Option<Date>) {
    let mut stem = entry.file_name().to_owned();
    for ending in [".txt", ".log", ".weechatlog", ".text"] {
        stem = stem.trim_end_matches(ending).to_owned();
    }
    if let Some(at) = stem.find(".#").or_else(|| stem.find(".&")) {
        stem = stem[at + 1..].to_owned();
    }
    let (date, rest) = split_date(&stem);
    let name = rest.trim_matches(['_', '-', '.', ' ']).to_owned();
    let parent_folder = || {
        let parts = entry.folder().split('/').rev();
        let is_number =
            |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        parts.filter(|part| !part.is_empty()).find(|part| !is_number(part)).map(str::to_owned)
    };
    let by_path = options.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let named = if name.is_empty() {
        parent_folder().or(by_path).unwrap_or_else(|| "log".to_owned())
    } else {
        name
    };
    (options.channel.clone().unwrap_or(named), date)
}

/// Returns the day in a name, if there is one, and the name without it.
fn split_date(stem: &str) -> (Option<Date>, String) {
    for at in 0..stem.len() {
        let rest = stem.get(at..).unwrap_or_default();
        let before = stem.as_bytes().get(at.wrapping_sub(1)).is_some_and(u8::is_ascii_digit);
        if before {
            continue;
        }
        for (length, is_dashed) in [(10, true), (8, false)] {
            let Some(text) = rest.get(..length) else { continue };
            let after = rest.as_bytes().get(length).is_some_and(u8::is_ascii_digit);
            let is_plain = !is_dashed && text.bytes().all(|byte| byte.is_ascii_digit());
            let date = match is_dashed {
                true => text
                    .replace(['_', '.'], "-")
                    .parse::<Date>()
                    .ok()
                    .filter(|_| text.as_bytes()[4].is_ascii_punctuation()),
                false if is_plain => Date::strptime("%Y%m%d", text).ok(),
                false => None,
            };
            if let Some(date) = date.filter(|date| !after && (1980..=2100).contains(&date.year())) {
                return (Some(date), format!("{}{}", &stem[..at], &rest[length..]));
            }
        }
    }
    (None, stem.to_owned())
}

/// The state of a channel that is being read.
struct Log {
    channel: String,
    is_emitted: bool,
    /// Nicks that wrote something, to distinguish actions from notices with the same prefix.
    nicks: HashSet<String>,
    last: Option<Millis>,
}

impl Log {
    fn new(channel: String) -> Self {
        Self { channel, is_emitted: false, nicks: HashSet::new(), last: None }
    }
}

/// A message whose lines are being read.
struct OpenMessage {
    message: Message,
    key: String,
}

fn file(
    entry: &Entry,
    layout: Layout,
    date: Option<Date>,
    options: &Options,
    sink: &mut Sink<'_>,
    log: &mut Log,
) -> Result<(), StopReason> {
    if !log.is_emitted {
        log.is_emitted = true;
        let (key, title) = (log.channel.clone(), log.channel.clone());
        sink.conversation(Conversation {
            key,
            title,
            kind: ConversationKind::Public,
            ..Conversation::default()
        })?;
    }
    let mut day = date;
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut open: Option<OpenMessage> = None;
    let mut lines = Lines::open(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        let text = without_codes(&decode(&line.bytes, options));
        if text.trim().is_empty() {
            continue;
        }
        let location = || format!("{}:{}", entry.name, line.number);
        if std::str::from_utf8(&line.bytes).is_err() {
            sink.warn("a line that is not UTF-8, decoded with the other encoding", location())?;
        }
        let item = layout.item(&text, &|nick| log.nicks.contains(nick));
        // A line that cannot be parsed continues the previous message, if the layout allows it.
        let Some(item) = item else {
            match &mut open {
                Some(open) if layout.is_continued(&text) => {
                    open.message.body.push('\n');
                    open.message.body.push_str(&text);
                }
                _ => sink.broken(location(), "not a line of a log, left out", &line.bytes)?,
            }
            continue;
        };
        if let Some(finished) = open.take() {
            write(sink, finished, &mut seen)?;
        }
        match item {
            Item::Day(date) => day = Some(date),
            Item::Ignored => {}
            Item::Notice => sink.notice()?,
            Item::Message { when, nick, text, is_action } => {
                let Some((at, civil)) = time(when, &mut day, date, options, log.last) else {
                    sink.broken(
                        location(),
                        "a message without a known day or time, left out",
                        &line.bytes,
                    )?;
                    continue;
                };
                log.last = Some(at);
                log.nicks.insert(nick.to_owned());
                sink.unlisted_person(&key_of(nick), nick)?;
                let body = if is_action { format!("/me {text}") } else { text.to_owned() };
                let key = format!("{} {nick}", civil.strftime("%Y%m%d%H%M%S"));
                let message = Message {
                    conversation: log.channel.clone(),
                    sender: key_of(nick),
                    at,
                    body,
                    ..Message::default()
                };
                open = Some(OpenMessage { message, key });
            }
        }
    }
    match open {
        Some(finished) => write(sink, finished, &mut seen),
        None => Ok(()),
    }
}

/// Returns the key of a nick, which ignores case.
fn key_of(nick: &str) -> String {
    crate::names::username_key(nick).unwrap_or_else(|| parlour_protocol::fold::lower_case(nick))
}

fn write(
    sink: &mut Sink<'_>,
    open: OpenMessage,
    seen: &mut HashMap<String, u32>,
) -> Result<(), StopReason> {
    let OpenMessage { mut message, key } = open;
    let key = format!("{key} {}", fingerprint(&message.body));
    let occurrence = seen.entry(key.clone()).or_default();
    *occurrence += 1;
    message.key = format!("{key} {occurrence}");
    let is_action = message.body.starts_with("/me ");
    message.body = match message.body.strip_prefix("/me ").filter(|_| is_action) {
        Some(does) => format!("/me {}", escaped(does)),
        None => escaped(&message.body),
    };
    sink.message(message)
}

/// Returns the time of a message in UTC, and as it is in the log.
fn time(
    when: When,
    day: &mut Option<Date>,
    file_day: Option<Date>,
    options: &Options,
    last: Option<Millis>,
) -> Option<(Millis, DateTime)> {
    let civil = match when {
        When::Clock(time) => day.as_ref()?.to_datetime(time),
        When::Full(at) => at,
        When::DayOfYear(month, date, time) => {
            // The year is that of the session or the file's name; a much earlier month means that a new year began.
            let before = day.or(file_day)?;
            let in_year = |year| Date::new(year, month, date).ok();
            let year = before.year();
            let same_year =
                in_year(year).filter(|date| *date >= before || before.month() - date.month() < 10);
            let date = same_year.or_else(|| in_year(year + 1)).or_else(|| in_year(year))?;
            *day = Some(date);
            date.to_datetime(time)
        }
        When::Seconds(at) => {
            let at = jiff::Timestamp::from_second(at).ok()?;
            let civil = at.to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
            return Some((super::time::millis(at.as_millisecond())?, civil));
        }
    };
    Some((local(&options.time_zone, civil, last)?, civil))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_in_a_file_name_is_found() {
        for (stem, date, rest) in [
            ("#qtox_20160601", Some("2016-06-01"), "#qtox_"),
            ("2005-01-08-test1", Some("2005-01-08"), "-test1"),
            ("ddnet_2014-03-15", Some("2014-03-15"), "ddnet_"),
            ("2021-03-04", Some("2021-03-04"), ""),
            ("##acridfusion", None, "##acridfusion"),
            ("#c2016060112", None, "#c2016060112"),
        ] {
            let (found, name) = split_date(stem);
            assert_eq!(
                (found.map(|date| date.to_string()).as_deref(), &*name),
                (date, rest),
                "{stem}"
            );
        }
    }
}
