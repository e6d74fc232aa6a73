//! Reads WhatsApp's export of a chat: lines of text whose date format depends on the phone's language.

mod file;
mod header;

use super::time::{Clock, local};
use crate::import::ids::fingerprint;
use crate::import::input::{Entry, Files, Lines, Wanted};
use crate::import::options::Options;
use crate::import::records::body::{person, without_marks};
use crate::import::records::{
    AttachedFile, Conversation, ConversationKind, Message, Sink, StopReason,
};
use crate::import::text::starred::{Rules, markdown};
use jiff::civil::DateTime;
use parlour_protocol::Millis;
use std::collections::{BTreeSet, HashMap, HashSet};

use file::{DELETED, EDITED, attached_file, is_omitted};
use header::{date, header, is_invisible_mark, order};

/// Maximum length of a message, in bytes; further lines are reported.
const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// The name of an iPhone's export. Its attached files, which can be texts, are in the same folder.
const IPHONE_CHAT: &str = "_chat.txt";

/// A chat, and where its attached files are.
#[derive(Clone, Copy)]
struct Place<'a> {
    files: &'a Files,
    entry: &'a Entry,
}

impl Place<'_> {
    /// Returns an attached file. Anybody can write such a text, so the name must not be a path.
    fn attached(self, name: String) -> AttachedFile {
        let is_path = name.contains(['/', '\\']);
        let paths = if is_path { Vec::new() } else { vec![self.entry.beside(&name)] };
        self.files.attached(&Wanted { name, paths, ..Wanted::default() })
    }
}

/// What is collected from a file before its messages are read.
#[derive(Default)]
struct Overview {
    dates: Vec<[i16; 3]>,
    authors: BTreeSet<String>,
    headers: u64,
}

fn overview(entry: &Entry) -> Result<Overview, StopReason> {
    let mut overview = Overview::default();
    let mut lines = Lines::open(entry)?;
    while let Some(line) = lines.next()? {
        let text = String::from_utf8_lossy(&line.bytes);
        let Some(header) = header(&text) else { continue };
        overview.headers += 1;
        if overview.dates.last() != Some(&header.date) {
            overview.dates.push(header.date);
        }
        if let Some((author, _)) = author(header.rest) {
            overview.authors.insert(author.to_owned());
        }
    }
    Ok(overview)
}

/// Splits the rest of a header line into author and text; `None` if it is a notice.
fn author(rest: &str) -> Option<(&str, &str)> {
    let (name, text) = match rest.split_once(": ") {
        Some(parts) => parts,
        None => (rest.strip_suffix(':')?, ""),
    };
    let name = name.trim_matches(|c: char| is_invisible_mark(c) || c.is_whitespace());
    let name = name
        .strip_prefix('~')
        .map_or(name, |name| name.trim_start_matches(|c: char| c.is_whitespace()));
    (!name.is_empty() && name.chars().count() <= 100).then_some((name, text))
}

/// Returns whether the first lines of a text look like a chat.
pub fn looks_like_chat(text: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).take(20);
    lines.filter(|line| header(line).is_some_and(|header| header.time.is_some())).count() > 0
}

/// Reads an export.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let (mut chats, mut others) = (Vec::new(), Vec::new());
    let is_text = |entry: &&Entry| entry.extension() == "txt";
    let is_iphone_chat = |entry: &Entry| entry.file_name() == IPHONE_CHAT;
    let of_iphone = files.entries.iter().filter(|entry| is_iphone_chat(entry));
    let folders: HashSet<&str> = of_iphone.map(Entry::folder).collect();
    for entry in files.entries.iter().filter(is_text) {
        // Other texts in the folder of such a chat are attached files.
        if folders.contains(entry.folder()) && !is_iphone_chat(entry) {
            continue;
        }
        let overview = overview(entry)?;
        match overview.headers == 0 && entry.bytes > 0 {
            true => others.push(entry),
            false => chats.push((entry, overview)),
        }
    }
    let names: HashSet<&str> = chats.iter().map(|(entry, _)| entry.name.as_str()).collect();
    files.set_read(|entry| names.contains(entry.name.as_str()));
    for (entry, overview) in &chats {
        chat(Place { files, entry }, options, sink, overview)?;
    }
    for entry in others {
        if files.claim(entry) {
            let beginning = entry.beginning(4096)?;
            sink.broken(entry.name.clone(), "no line begins with a date and a time", &beginning)?;
        }
    }
    if chats.is_empty() {
        let reason = "there is no .txt file with lines of a chat";
        return Err(StopReason::WrongFormat(reason.into()));
    }
    files.report_unused(sink)
}

/// Returns the title of a chat, from the name of its file or folder.
fn title(entry: &Entry, options: &Options) -> String {
    if let Some(channel) = &options.channel {
        return channel.clone();
    }
    let stem = entry.file_name().trim_end_matches(".txt").trim_start_matches('_');
    let prefixes = [
        "WhatsApp Chat with ",
        "WhatsApp Chat - ",
        "WhatsApp-Chat mit ",
        "Chat de WhatsApp con ",
        "Discussion WhatsApp avec ",
        "Chat WhatsApp con ",
        "Conversa do WhatsApp com ",
    ];
    if let Some(name) = prefixes.iter().find_map(|start| stem.strip_prefix(start)) {
        return name.to_owned();
    }
    let folder = entry.folder().rsplit('/').next().filter(|folder| !folder.is_empty());
    let folder = folder.map(str::to_owned).or_else(|| {
        let name = options.path.file_stem().filter(|_| stem == "chat")?;
        if options.path.file_name()?.to_str()? != entry.file_name() {
            return Some(name.to_string_lossy().into_owned());
        }
        let folder = options.path.parent()?.file_name()?;
        Some(folder.to_string_lossy().into_owned())
    });
    match folder {
        Some(folder) if stem == "chat" => {
            let name = folder
                .trim_start_matches("WhatsApp Chat - ")
                .trim_start_matches("WhatsApp Chat with ");
            name.to_owned()
        }
        _ => stem.to_owned(),
    }
}

/// A message whose lines are being read.
struct OpenMessage {
    at: Option<Millis>,
    author: String,
    text: String,
    location: String,
}

fn chat(
    place: Place<'_>,
    options: &Options,
    sink: &mut Sink<'_>,
    overview: &Overview,
) -> Result<(), StopReason> {
    let entry = place.entry;
    let (order, is_certain) = order(&overview.dates);
    if !is_certain {
        let reason = "dates that could be day first or month first, read as day first";
        sink.warn(reason, entry.name.clone())?;
    }
    let title = title(entry, options);
    let is_direct = overview.authors.len() == 2 && overview.authors.contains(&title);
    let members: Vec<String> = overview.authors.iter().map(|name| format!("name {name}")).collect();
    for (key, name) in members.iter().zip(&overview.authors) {
        sink.unlisted_person(key, name)?;
    }
    let kind = if is_direct { ConversationKind::Direct } else { ConversationKind::Group };
    let key = title.clone();
    sink.conversation(Conversation {
        key: key.clone(),
        title,
        kind,
        members,
        ..Conversation::default()
    })?;
    let names: HashSet<&str> = overview.authors.iter().map(String::as_str).collect();
    let mut writer = Writer { place, key, names, seen: HashMap::new(), clock: Clock::default() };
    let mut open: Option<OpenMessage> = None;
    let mut last = None;
    let mut is_notice = false;
    let mut lines = Lines::open(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        let text = String::from_utf8_lossy(&line.bytes);
        let location = || format!("{}:{}", entry.name, line.number);
        let Some(header) = header(&text) else {
            match &mut open {
                Some(open) if open.text.len() < MAX_MESSAGE_BYTES => {
                    open.text.push('\n');
                    open.text.push_str(&text);
                }
                _ if text.trim().is_empty() || is_notice => {}
                _ => sink.broken(location(), "a line before the first message", &line.bytes)?,
            }
            continue;
        };
        if let Some(finished) = open.take() {
            writer.write(sink, finished)?;
        }
        let day = date(header.date, order).zip(header.time);
        let at = day.and_then(|(day, time)| {
            local(&options.time_zone, DateTime::from_parts(day, time), last)
        });
        last = at.or(last);
        is_notice = false;
        match author(header.rest) {
            Some((author, message_text)) => {
                let (author, text, location) =
                    (author.to_owned(), message_text.to_owned(), location());
                open = Some(OpenMessage { at, author, text, location });
            }
            None => {
                is_notice = true;
                sink.notice()?;
            }
        }
    }
    match open {
        Some(finished) => writer.write(sink, finished),
        None => Ok(()),
    }
}

struct Writer<'a> {
    place: Place<'a>,
    key: String,
    names: HashSet<&'a str>,
    /// The number of occurrences of each message, since a message may be repeated within a minute.
    seen: HashMap<String, u32>,
    clock: Clock,
}

impl Writer<'_> {
    fn write(&mut self, sink: &mut Sink<'_>, open: OpenMessage) -> Result<(), StopReason> {
        let OpenMessage { at, author, text, location } = open;
        let at = self.clock.time_or_previous(at, sink, || location.clone())?;
        let mut message_text = text.trim_end().to_owned();
        let mut edited = None;
        for mark in EDITED {
            if let Some(before) = message_text.strip_suffix(mark) {
                message_text = before
                    .trim_end_matches(|c: char| is_invisible_mark(c) || c.is_whitespace())
                    .to_owned();
                edited = Some(at);
            }
        }
        let first = message_text.trim_start_matches(is_invisible_mark);
        let is_deleted = DELETED.contains(&first.trim_end_matches('.'));
        let (mut body, mut files) = (String::new(), Vec::new());
        if let Some((name, caption)) = attached_file(&message_text) {
            files.push(self.place.attached(name));
            body = self.markdown(caption);
        } else if is_omitted(&message_text) {
            sink.warn("a file that the export does not contain", location)?;
            files.push(AttachedFile::missing(first));
        } else if !is_deleted {
            body = self.markdown(&message_text);
        }
        let digest = fingerprint(&format!("{}\n{author}\n{text}", at.0));
        let occurrence = self.seen.entry(digest.clone()).or_default();
        *occurrence += 1;
        let key = format!("{} {digest} {occurrence}", at.0 / 1000);
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
        // The name of a mentioned person is between two bidirectional control characters.
        let mut out = String::new();
        let mut rest = marked.as_str();
        while let Some((before, after)) = rest.split_once("@\u{2068}") {
            out.push_str(before);
            let (name, rest_of_text) = after.split_once('\u{2069}').unwrap_or((after, ""));
            let plain = name.trim_start_matches(['~', ' ', '\u{a0}', '\u{202f}']);
            match self.names.contains(plain) {
                true => out.push_str(&person(&format!("name {plain}"))),
                false => out.push_str(&format!("@{name}")),
            }
            rest = rest_of_text;
        }
        out + rest
    }
}
