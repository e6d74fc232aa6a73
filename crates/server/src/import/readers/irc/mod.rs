//! Logs of IRC clients, bouncers and bots. A log's layout is found out from its first lines; a file of which no line
//! is understood is refused, and a line that is not is told.

mod layout;
mod line;

use super::time::local;
use crate::import::form::{Conversation, Kind, Message, Sink, Stop};
use crate::import::ids::fingerprint;
use crate::import::input::{Entry, Files, Lines};
use crate::import::options::Options;
use crate::import::text::markdown::escaped;
use jiff::civil::{Date, DateTime};
use layout::{Layout, recognised};
use line::{Item, When, without_codes};
use parlour_protocol::Millis;
use std::collections::{HashMap, HashSet};

/// Lines by which a layout is recognised.
const LOOKED_AT: usize = 200;

/// Returns whether a text's lines are those of a log.
pub fn looks_like_a_log(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    recognised(&lines).is_some()
}

/// Reads the logs.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut channels = HashMap::new();
    for entry in &files.entries {
        let (layout, refused) = layout_of(entry, options)?;
        match layout {
            Some(layout) => {
                let (channel, date) = called(entry, options);
                // The folders of channels hold files named like days, and nothing else.
                let log = channels.entry(channel.clone()).or_insert_with(|| Log::new(channel));
                file(entry, layout, date, options, sink, log)?;
            }
            None => match refused {
                Some((number, line)) => {
                    let place = format!("{}:{number}", entry.name);
                    sink.broken(
                        place,
                        "a file of no layout that is known, left out: this line",
                        &line,
                    )?;
                }
                None => {
                    // An empty day is no message.
                    let (channel, _) = called(entry, options);
                    channels.entry(channel.clone()).or_insert_with(|| Log::new(channel));
                }
            },
        }
    }
    Ok(())
}

/// The first line of a file: its number and itself.
type First = (u64, Vec<u8>);

/// The layout of a file; where it has none that is known, its first line, or nothing if it is empty.
fn layout_of(entry: &Entry, options: &Options) -> Result<(Option<Layout>, Option<First>), Stop> {
    let mut first = None;
    let mut texts = Vec::new();
    let mut lines = Lines::of(entry)?;
    while let Some(line) = lines.next()? {
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        first.get_or_insert((line.number, line.bytes.clone()));
        texts.push(without_codes(&decoded(&line.bytes, options)));
        if texts.len() >= LOOKED_AT {
            break;
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok((recognised(&texts), first))
}

/// Returns a line as text: UTF-8, or else in the encoding that was chosen.
fn decoded(bytes: &[u8], options: &Options) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => options.encoding.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The channel of a file and the day in its name, if it has one.
fn called(entry: &Entry, options: &Options) -> (String, Option<Date>) {
    let mut stem = entry.file_name().to_owned();
    for ending in [".txt", ".log", ".weechatlog", ".text"] {
        stem = stem.trim_end_matches(ending).to_owned();
    }
    if let Some(at) = stem.find(".#").or_else(|| stem.find(".&")) {
        stem = stem[at + 1..].to_owned();
    }
    let (date, rest) = dated(&stem);
    let name = rest.trim_matches(['_', '-', '.', ' ']).to_owned();
    let above = || {
        let parts = entry.folder().split('/').rev();
        let is_number =
            |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        parts.filter(|part| !part.is_empty()).find(|part| !is_number(part)).map(str::to_owned)
    };
    let by_path = options.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let named = if name.is_empty() {
        above().or(by_path).unwrap_or_else(|| "log".to_owned())
    } else {
        name
    };
    (options.channel.clone().unwrap_or(named), date)
}

/// The day in a name, and the name without it.
fn dated(stem: &str) -> (Option<Date>, String) {
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

/// A channel while it is read.
struct Log {
    channel: String,
    is_told: bool,
    /// Who said something, to tell actions from notices where both have one mark.
    nicks: HashSet<String>,
    last: Option<Millis>,
}

impl Log {
    fn new(channel: String) -> Self {
        Self { channel, is_told: false, nicks: HashSet::new(), last: None }
    }
}

/// A message while its lines come.
struct Open {
    message: Message,
    mark: String,
}

fn file(
    entry: &Entry,
    layout: Layout,
    date: Option<Date>,
    options: &Options,
    sink: &mut Sink<'_>,
    log: &mut Log,
) -> Result<(), Stop> {
    if !log.is_told {
        log.is_told = true;
        let (key, title) = (log.channel.clone(), log.channel.clone());
        sink.conversation(Conversation {
            key,
            title,
            kind: Kind::Public,
            ..Conversation::default()
        })?;
    }
    let mut day = date;
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut open: Option<Open> = None;
    let mut lines = Lines::of(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        let text = without_codes(&decoded(&line.bytes, options));
        if text.trim().is_empty() {
            continue;
        }
        let place = || format!("{}:{}", entry.name, line.number);
        if std::str::from_utf8(&line.bytes).is_err() {
            sink.left("a line that is not UTF-8, read in the other encoding", place())?;
        }
        let item = layout.item(&text, &|nick| log.nicks.contains(nick));
        // A line that is none continues the message before, where the layout does not begin lines so.
        let Some(item) = item else {
            match &mut open {
                Some(open) if layout.is_continued(&text) => {
                    open.message.body.push('\n');
                    open.message.body.push_str(&text);
                }
                _ => sink.broken(place(), "not a line of a log, left out", &line.bytes)?,
            }
            continue;
        };
        if let Some(done) = open.take() {
            write(sink, done, &mut seen)?;
        }
        match item {
            Item::Day(date) => day = Some(date),
            Item::Nothing => {}
            Item::Notice => sink.notice()?,
            Item::LogMessage { when, nick, text, is_action } => {
                let Some((at, civil)) = time(when, &mut day, date, options, log.last) else {
                    sink.broken(
                        place(),
                        "a message whose day or time is not known, left out",
                        &line.bytes,
                    )?;
                    continue;
                };
                log.last = Some(at);
                log.nicks.insert(nick.to_owned());
                sink.stranger(&key_of(nick), nick)?;
                let body = if is_action { format!("/me {text}") } else { text.to_owned() };
                let mark = format!("{} {nick}", civil.strftime("%Y%m%d%H%M%S"));
                let message = Message {
                    conversation: log.channel.clone(),
                    sender: key_of(nick),
                    at,
                    body,
                    ..Message::default()
                };
                open = Some(Open { message, mark });
            }
        }
    }
    match open {
        Some(done) => write(sink, done, &mut seen),
        None => Ok(()),
    }
}

/// What tells a nick from others: the case of letters does not.
fn key_of(nick: &str) -> String {
    crate::names::username_key(nick).unwrap_or_else(|| nick.to_lowercase())
}

fn write(sink: &mut Sink<'_>, open: Open, seen: &mut HashMap<String, u32>) -> Result<(), Stop> {
    let Open { mut message, mark } = open;
    let mark = format!("{mark} {}", fingerprint(&message.body));
    let times = seen.entry(mark.clone()).or_default();
    *times += 1;
    message.key = format!("{mark} {times}");
    let is_action = message.body.starts_with("/me ");
    message.body = match message.body.strip_prefix("/me ").filter(|_| is_action) {
        Some(does) => format!("/me {}", escaped(does)),
        None => escaped(&message.body),
    };
    sink.message(message)
}

/// When something was said, in UTC and as the log has it.
fn time(
    when: When,
    day: &mut Option<Date>,
    file_day: Option<Date>,
    options: &Options,
    last: Option<Millis>,
) -> Option<(Millis, DateTime)> {
    let civil = match when {
        When::Clock(time) => day.as_ref()?.to_datetime(time),
        When::Whole(at) => at,
        When::DayOfYear(month, date, time) => {
            // The year is that of the session, or of the file's name, and turns with the year.
            let before = day.or(file_day)?;
            let of = |year| Date::new(year, month, date).ok();
            let year = before.year();
            let turned =
                of(year).filter(|date| *date >= before || before.month() - date.month() < 10);
            let date = turned.or_else(|| of(year + 1)).or_else(|| of(year))?;
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
    fn the_day_in_a_name_is_found() {
        for (stem, date, rest) in [
            ("#qtox_20160601", Some("2016-06-01"), "#qtox_"),
            ("2005-01-08-test1", Some("2005-01-08"), "-test1"),
            ("ddnet_2014-03-15", Some("2014-03-15"), "ddnet_"),
            ("2021-03-04", Some("2021-03-04"), ""),
            ("##acridfusion", None, "##acridfusion"),
            ("#c2016060112", None, "#c2016060112"),
        ] {
            let (found, left) = dated(stem);
            assert_eq!(
                (found.map(|date| date.to_string()).as_deref(), &*left),
                (date, rest),
                "{stem}"
            );
        }
    }
}
