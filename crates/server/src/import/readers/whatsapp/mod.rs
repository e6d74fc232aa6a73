//! WhatsApp's export of a chat: lines of text whose dates follow the phone's language.

mod file;
mod header;

use super::time::{Clock, local};
use crate::import::form::body::{person, without_marks};
use crate::import::form::{Conversation, Kind, Message, Sink, Stop};
use crate::import::ids::fingerprint;
use crate::import::input::{Entry, Files, Lines};
use crate::import::options::Options;
use crate::import::text::starred::{Rules, markdown};
use jiff::civil::DateTime;
use parlour_protocol::Millis;
use std::collections::{BTreeSet, HashMap, HashSet};

use file::{DELETED, EDITED, attached, is_omitted};
use header::{date, header, is_direction, order};

/// Longest message that is put together; the lines behind are another one's.
const LONGEST: usize = 4 * 1024 * 1024;

/// What is found out of a file before it is read.
#[derive(Default)]
struct Shape {
    dates: Vec<[i16; 3]>,
    authors: BTreeSet<String>,
    headers: u64,
}

fn shape(entry: &Entry) -> Result<Shape, Stop> {
    let mut shape = Shape::default();
    let mut lines = Lines::of(entry)?;
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(&line.bytes);
        let Some(header) = header(&text) else { continue };
        shape.headers += 1;
        if shape.dates.last() != Some(&header.date) {
            shape.dates.push(header.date);
        }
        if let Some((author, _)) = author(header.rest) {
            shape.authors.insert(author.to_owned());
        }
    }
    Ok(shape)
}

/// Who says what, of what stands behind a header; nobody if it is a notice.
fn author(rest: &str) -> Option<(&str, &str)> {
    let (name, text) = match rest.split_once(": ") {
        Some(parts) => parts,
        None => (rest.strip_suffix(':')?, ""),
    };
    let name = name.trim_matches(|c: char| is_direction(c) || c.is_whitespace());
    let name = name
        .strip_prefix('~')
        .map_or(name, |name| name.trim_start_matches(|c: char| c.is_whitespace()));
    (!name.is_empty() && name.chars().count() <= 100).then_some((name, text))
}

/// Returns whether a text's first lines are those of a chat.
pub fn looks_like_a_chat(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(20);
    lines.filter(|line| header(line).is_some_and(|header| header.time.is_some())).count() > 0
}

/// Reads an export.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut is_found = false;
    for entry in &files.entries {
        if entry.ending() != "txt" {
            continue;
        }
        let shape = shape(entry)?;
        if shape.headers == 0 && entry.bytes > 0 {
            sink.broken(
                entry.name.clone(),
                "no line begins with a date and a time",
                &entry.beginning(4096)?,
            )?;
            continue;
        }
        is_found = true;
        chat(entry, options, sink, &shape)?;
    }
    if is_found {
        Ok(())
    } else {
        Err(Stop::Wrong("there is no .txt file with a chat's lines".into()))
    }
}

/// What a chat is called: by its file, or its folder.
fn title(entry: &Entry, options: &Options) -> String {
    if let Some(channel) = &options.channel {
        return channel.clone();
    }
    let stem = entry.file_name().trim_end_matches(".txt").trim_start_matches('_');
    let named = [
        "WhatsApp Chat with ",
        "WhatsApp Chat - ",
        "WhatsApp-Chat mit ",
        "Chat de WhatsApp con ",
        "Discussion WhatsApp avec ",
        "Chat WhatsApp con ",
        "Conversa do WhatsApp com ",
    ];
    if let Some(name) = named.iter().find_map(|start| stem.strip_prefix(start)) {
        return name.to_owned();
    }
    let above = entry.folder().rsplit('/').next().filter(|folder| !folder.is_empty());
    let above = above.map(str::to_owned).or_else(|| {
        let name = options.path.file_stem().filter(|_| stem == "chat")?;
        if options.path.file_name()?.to_str()? != entry.file_name() {
            return Some(name.to_string_lossy().into_owned());
        }
        let folder = options.path.parent()?.file_name()?;
        Some(folder.to_string_lossy().into_owned())
    });
    match above {
        Some(folder) if stem == "chat" => {
            let name = folder
                .trim_start_matches("WhatsApp Chat - ")
                .trim_start_matches("WhatsApp Chat with ");
            name.to_owned()
        }
        _ => stem.to_owned(),
    }
}

/// A message while its lines come.
struct Open {
    at: Option<Millis>,
    author: String,
    text: String,
    place: String,
}

fn chat(entry: &Entry, options: &Options, sink: &mut Sink<'_>, shape: &Shape) -> Result<(), Stop> {
    let (order, is_sure) = order(&shape.dates);
    if !is_sure {
        let why = "dates that could be day first or month first, taken as day first";
        sink.left(why, entry.name.clone())?;
    }
    let title = title(entry, options);
    let is_direct = shape.authors.len() == 2 && shape.authors.contains(&title);
    let members: Vec<String> = shape.authors.iter().map(|name| format!("name {name}")).collect();
    for (key, name) in members.iter().zip(&shape.authors) {
        sink.stranger(key, name)?;
    }
    let kind = if is_direct { Kind::Direct } else { Kind::Group };
    let key = title.clone();
    sink.conversation(Conversation {
        key: key.clone(),
        title,
        kind,
        members,
        ..Conversation::default()
    })?;
    let names: HashSet<&str> = shape.authors.iter().map(String::as_str).collect();
    let mut writer = Writer { key, names, seen: HashMap::new(), clock: Clock::default() };
    let mut open: Option<Open> = None;
    let mut last = None;
    let mut is_notice = false;
    let mut lines = Lines::of(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        let text = String::from_utf8_lossy(&line.bytes);
        let place = || format!("{}:{}", entry.name, line.number);
        let Some(header) = header(&text) else {
            match &mut open {
                Some(open) if open.text.len() < LONGEST => {
                    open.text.push('\n');
                    open.text.push_str(&text);
                }
                _ if text.trim().is_empty() || is_notice => {}
                _ => sink.broken(place(), "a line before the first message", &line.bytes)?,
            }
            continue;
        };
        if let Some(done) = open.take() {
            writer.write(sink, done)?;
        }
        let day = date(header.date, order).zip(header.time);
        let at = day.and_then(|(day, time)| {
            local(&options.time_zone, DateTime::from_parts(day, time), last)
        });
        last = at.or(last);
        is_notice = false;
        match author(header.rest) {
            Some((author, message_text)) => {
                let (author, text, place) = (author.to_owned(), message_text.to_owned(), place());
                open = Some(Open { at, author, text, place });
            }
            None => {
                is_notice = true;
                sink.notice()?;
            }
        }
    }
    match open {
        Some(done) => writer.write(sink, done),
        None => Ok(()),
    }
}

struct Writer<'a> {
    key: String,
    names: HashSet<&'a str>,
    /// How often each message came, for those that are said twice in a minute.
    seen: HashMap<String, u32>,
    clock: Clock,
}

impl Writer<'_> {
    fn write(&mut self, sink: &mut Sink<'_>, open: Open) -> Result<(), Stop> {
        let Open { at, author, text, place } = open;
        let at = self.clock.at(at, sink, || place.clone())?;
        let mut message_text = text.trim_end().to_owned();
        let mut edited = None;
        for mark in EDITED {
            if let Some(before) = message_text.strip_suffix(mark) {
                message_text = before
                    .trim_end_matches(|c: char| is_direction(c) || c.is_whitespace())
                    .to_owned();
                edited = Some(at);
            }
        }
        let first = message_text.trim_start_matches(is_direction);
        let is_deleted = DELETED.contains(&first.trim_end_matches('.'));
        let (mut body, mut files) = (String::new(), Vec::new());
        if let Some((name, caption)) = attached(&message_text) {
            files.push(name);
            body = self.markdown(caption);
        } else if is_omitted(&message_text) {
            sink.left("a file that the export left out", place)?;
            files.push(first.to_owned());
        } else if !is_deleted {
            body = self.markdown(&message_text);
        }
        let mark = fingerprint(&format!("{}\n{author}\n{text}", at.0));
        let times = self.seen.entry(mark.clone()).or_default();
        *times += 1;
        let key = format!("{} {mark} {times}", at.0 / 1000);
        let sender = format!("name {author}");
        let conversation = self.key.clone();
        sink.message(Message {
            conversation,
            key,
            sender,
            at,
            body,
            edited_at: edited,
            is_deleted,
            files,
            ..Message::default()
        })
    }

    fn markdown(&self, text: &str) -> String {
        let marked = markdown(&without_marks(text), &Rules::default());
        // The name of somebody who is mentioned stands between two marks of direction.
        let mut out = String::new();
        let mut rest = marked.as_str();
        while let Some((before, after)) = rest.split_once("@\u{2068}") {
            out.push_str(before);
            let (name, behind) = after.split_once('\u{2069}').unwrap_or((after, ""));
            let plain = name.trim_start_matches(['~', ' ', '\u{a0}', '\u{202f}']);
            match self.names.contains(plain) {
                true => out.push_str(&person(&format!("name {plain}"))),
                false => out.push_str(&format!("@{name}")),
            }
            rest = behind;
        }
        out + rest
    }
}
