//! Telegram Desktop's JSON: one chat, or an account with many.

mod text;

use super::time::{Clock, decimal, local};
use crate::import::input::json::{Fields, Raw, Step, read_values};
use crate::import::input::{Entry, Files};
use crate::import::options::Options;
use crate::import::records::{
    Conversation, ConversationKind, Message, MessageChange, Person, Reaction, Sink, StopReason,
};
use crate::import::text::emoji;
use crate::import::text::markdown::{escaped, quoted};
use parlour_protocol::Millis;
use serde_json::Value;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use text::{attached, message_text};

/// Returns whether a container is entered, in the export of a chat or an account.
fn is_entered(path: &str) -> bool {
    matches!(
        path,
        "" | "/messages"
            | "/chats"
            | "/chats/list"
            | "/chats/list/*"
            | "/chats/list/*/messages"
            | "/left_chats"
            | "/left_chats/list"
            | "/left_chats/list/*"
            | "/left_chats/list/*/messages"
    )
}

fn is_chat(path: &str) -> bool {
    matches!(path, "" | "/chats/list/*" | "/left_chats/list/*")
}

/// The folders of attached files, which can have any name.
const MEDIA: &[&str] = &[
    "files",
    "photos",
    "video_files",
    "round_video_messages",
    "voice_messages",
    "animations",
    "stickers",
    "contacts",
    "stories",
    "profile_pictures",
];

/// A file of the export, and where the files attached to its messages are.
#[derive(Clone, Copy)]
struct Place<'a> {
    files: &'a Files,
    entry: &'a Entry,
}

/// The state of the chat that is being read.
#[derive(Default)]
struct Chat {
    key: String,
    /// The title and the first message of each topic, by the topic's key.
    topics: HashMap<String, (String, Option<String>)>,
    clock: Clock,
    last: Option<Millis>,
    name: String,
}

/// Reads an export.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let is_read = |entry: &Entry| {
        entry.extension() == "json" && !entry.is_below(|name| MEDIA.contains(&name))
    };
    files.set_read(is_read);
    let mut is_found = false;
    for entry in files.entries.iter().filter(|entry| is_read(entry)) {
        is_found = true;
        file(Place { files, entry }, options, sink)?;
    }
    if !is_found {
        return Err(StopReason::WrongFormat("there is no result.json".into()));
    }
    files.report_unused(sink)
}

fn file(place: Place<'_>, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let entry = place.entry;
    let headers = headers(entry, sink)?;
    let mut authors = authors(entry, &headers, options, sink)?;
    let own = headers.first().and_then(own_key);
    let number = Cell::new(0_usize);
    let mut at = None;
    let mut chat = Chat::default();
    let mut step = |path: &str| {
        if is_chat(path) {
            number.set(number.get() + 1);
        }
        if is_entered(path) { Step::Enter } else { Step::Return }
    };
    read_values(entry, sink, true, &mut step, &mut |sink, path, value, raw| {
        let Some(parent) = path.strip_suffix("/messages/*") else {
            let part = path.rsplit('/').next().unwrap_or_default();
            let is_header =
                path.strip_suffix(part).is_some_and(|parent| is_chat(parent.trim_end_matches('/')));
            return match part {
                "name" | "type" | "id" | "about" if is_header => Ok(()),
                _ if path.starts_with("/chats/") || path.starts_with("/left_chats/") => {
                    raw.broken(sink, "an unknown part of a chat")
                }
                _ => sink
                    .warn("a part of the account other than its chats, left out", path.to_owned()),
            };
        };
        debug_assert!(is_chat(parent));
        let chat_number = number.get();
        if at != Some(chat_number) {
            at = Some(chat_number);
            let header = headers.get(chat_number - 1).cloned().unwrap_or_default();
            let authors = authors.remove(&chat_number).unwrap_or_default();
            chat = named(&header, entry, chat_number, options);
            emit_chat(sink, &header, &chat, authors, own.as_deref())?;
        }
        match value {
            Value::Object(_) => message(sink, &value, (raw, place), &mut chat, options),
            _ => raw.broken(sink, "not an object"),
        }
    })?;
    if at.is_none() && headers.len() == 1 {
        let chat = named(&headers[0], entry, 1, options);
        emit_chat(sink, &headers[0], &chat, BTreeSet::new(), None)?;
    }
    Ok(())
}

/// Returns the fields of each chat other than its messages. The account itself is the first.
fn headers(entry: &Entry, sink: &mut Sink<'_>) -> Result<Vec<Value>, StopReason> {
    let number = Cell::new(0_usize);
    let mut step = |path: &str| {
        if is_chat(path) {
            number.set(number.get() + 1);
        }
        match path.ends_with("/messages") {
            true => Step::Skip,
            false if is_entered(path) => Step::Enter,
            false => Step::Return,
        }
    };
    let mut headers: Vec<Value> = Vec::new();
    read_values(entry, sink, false, &mut step, &mut |_, path, value, _| {
        let part = path.rsplit('/').next().unwrap_or_default();
        let parent = path[..path.len() - part.len()].trim_end_matches('/');
        if is_chat(parent) {
            let at = if parent.is_empty() { 0 } else { number.get().max(1) - 1 };
            if headers.len() <= at {
                headers.resize(at + 1, Value::Object(serde_json::Map::new()));
            }
            headers[at][part] = value;
        }
        Ok(())
    })?;
    Ok(headers)
}

fn is_direct(header: &Value) -> bool {
    matches!(header.text("type"), Some("personal_chat" | "saved_messages"))
}

/// Returns the key of the person whose account was exported, if the export is of an account.
fn own_key(account: &Value) -> Option<String> {
    Some(format!("user{}", account.get("personal_information")?.key("user_id")?))
}

/// Returns who wrote in each chat of two people, by the numbers of the chats, since their members are not listed.
fn authors(
    entry: &Entry,
    headers: &[Value],
    options: &Options,
    sink: &mut Sink<'_>,
) -> Result<HashMap<usize, BTreeSet<String>>, StopReason> {
    let mut authors: HashMap<usize, BTreeSet<String>> = HashMap::new();
    if !headers.iter().any(is_direct) {
        return Ok(authors);
    }
    let number = Cell::new(0_usize);
    let header = |number: usize| headers.get(number.checked_sub(1)?);
    let mut step = |path: &str| {
        if is_chat(path) {
            number.set(number.get() + 1);
        }
        match path.ends_with("/messages") {
            true if !header(number.get()).is_some_and(is_direct) => Step::Skip,
            _ if is_entered(path) => Step::Enter,
            _ if path.ends_with("/messages/*") => Step::Return,
            _ => Step::Skip,
        }
    };
    read_values(entry, sink, false, &mut step, &mut |sink, _, item, _| {
        let Some(header) = header(number.get()).filter(|_| item.is_object()) else { return Ok(()) };
        if item.text("type") != Some("service") {
            let chat = named(header, entry, number.get(), options);
            authors.entry(number.get()).or_default().insert(sender(sink, &item, &chat)?);
        }
        Ok(())
    })?;
    Ok(authors)
}

/// Returns a chat with its key and its name.
fn named(header: &Value, entry: &Entry, number: usize, options: &Options) -> Chat {
    let key = header.key("id").unwrap_or_else(|| format!("{} {number}", entry.name));
    let is_saved = header.text("type") == Some("saved_messages");
    let default = if is_saved { "Saved Messages" } else { "Telegram" };
    let name = header.text("name").or(options.channel.as_deref()).unwrap_or(default).to_owned();
    Chat { key, name, ..Chat::default() }
}

/// Passes on a chat. `authors` are those of a chat of two people, or of somebody's notes, of whom one is `own`.
fn emit_chat(
    sink: &mut Sink<'_>,
    header: &Value,
    chat: &Chat,
    authors: BTreeSet<String>,
    own: Option<&str>,
) -> Result<(), StopReason> {
    let chat_type = header.text("type").unwrap_or_default();
    let are_certain = authors.iter().all(|author| author.starts_with("user"))
        && own.is_none_or(|own| authors.contains(own));
    let kind = match chat_type {
        "personal_chat" if are_certain && authors.len() == 2 => ConversationKind::Direct,
        "saved_messages" if are_certain && authors.len() == 1 => ConversationKind::Direct,
        // Whose it is, is unknown.
        "personal_chat" | "bot_chat" | "saved_messages" | "replies" | "verify_codes" => {
            ConversationKind::Private
        }
        "private_group" => ConversationKind::Group,
        kind if kind.starts_with("private") => ConversationKind::Private,
        _ => ConversationKind::Public,
    };
    sink.conversation(Conversation {
        key: chat.key.clone(),
        title: chat.name.clone(),
        topic: header.text("about").unwrap_or_default().into(),
        kind,
        members: authors.into_iter().collect(),
        ..Conversation::default()
    })
}

/// Returns the time in a field of a message.
fn time(item: &Value, key: &str, options: &Options, after: Option<Millis>) -> Option<Millis> {
    let unix = item.key(&format!("{key}_unixtime"));
    if let Some(at) = unix.as_deref().and_then(decimal) {
        return Some(at);
    }
    local(&options.time_zone, item.text(key)?.parse().ok()?, after)
}

fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    (raw, place): (Raw<'_>, Place<'_>),
    chat: &mut Chat,
    options: &Options,
) -> Result<(), StopReason> {
    let Some(key) = item.key("id") else { return raw.broken(sink, "a message without an id") };
    let kind = item.text("type").unwrap_or("message");
    let date = time(item, "date", options, chat.last);
    if kind == "service" {
        return service(sink, item, &key, date, chat);
    }
    if kind == "unsupported" {
        sink.warn(
            "a message that Telegram could not export, imported without its text",
            raw.location(),
        )?;
    }
    let at = match (date, kind) {
        (None, "unsupported") => chat.last.unwrap_or(Millis(0)),
        _ => chat.clock.time_or_previous(date, sink, || raw.location())?,
    };
    chat.last = Some(at);
    let sender = sender(sink, item, chat)?;
    let mut body = message_text(item, sink)?;
    if let Some(from) = item.text("forwarded_from") {
        body = format!("↪ {}\n{}", escaped(from), quoted(&body));
    }
    if item.get("inline_bot_buttons").is_some() {
        sink.warn("a bot's buttons, left out", raw.location())?;
    }
    let mut reply_to = item.key("reply_to_message_id");
    if item.get("reply_to_peer_id").is_some_and(|peer| !peer.is_null()) {
        sink.warn(
            "a reply to a message of another chat, imported as a plain message",
            raw.location(),
        )?;
        reply_to = None;
    }
    if let Some((title, first)) = reply_to.as_ref().and_then(|to| chat.topics.get_mut(to)) {
        reply_to.clone_from(first);
        if first.is_none() {
            *first = Some(key.clone());
            body = format!("**{}**\n\n{body}", escaped(title));
        }
    }
    let reactions = reactions(sink, item.list("reactions"))?;
    sink.message(Message {
        conversation: chat.key.clone(),
        key,
        sender,
        at,
        body,
        thread: reply_to.clone(),
        reply_to,
        edited_at: time(item, "edited", options, None),
        reactions,
        files: attached(item, place.files, place.entry).into_iter().collect(),
        ..Message::default()
    })
}

fn service(
    sink: &mut Sink<'_>,
    item: &Value,
    key: &str,
    at: Option<Millis>,
    chat: &mut Chat,
) -> Result<(), StopReason> {
    match item.text("action") {
        Some("pin_message") => {
            if let Some((pinned, at)) = item.key("message_id").zip(at) {
                sink.amend((&chat.key, &pinned), MessageChange::Pinned, at)?;
            }
        }
        Some("topic_created") => {
            let title = item.text("title").unwrap_or_default().to_owned();
            chat.topics.insert(key.to_owned(), (title, None));
        }
        _ => {}
    }
    sink.notice()
}

/// Passes on the sender of a message, and returns their key.
fn sender(sink: &mut Sink<'_>, item: &Value, chat: &Chat) -> Result<String, StopReason> {
    let name = item.text("from");
    let key = match item.get("from_id") {
        Some(Value::Number(id)) => format!("user{id}"),
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        _ => match name {
            Some(name) => format!("name {name}"),
            None => format!("chat {}", chat.key),
        },
    };
    let default = if key.starts_with("chat ") { &*chat.name } else { "Deleted Account" };
    sink.person(Person {
        key: key.clone(),
        name: name.unwrap_or(default).into(),
        ..Person::default()
    })?;
    Ok(key)
}

fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, StopReason> {
    let mut reactions = Vec::new();
    for item in list {
        let mut people = Vec::new();
        for user in item.list("recent") {
            if let Some(key) = user.key("from_id") {
                sink.person(Person {
                    key: key.clone(),
                    name: user.text("from").unwrap_or_default().into(),
                    ..Person::default()
                })?;
                people.push(key);
            }
        }
        let name =
            item.text("emoji").or_else(|| item.text("document_id")).or_else(|| item.text("type"));
        let name = name.unwrap_or("?");
        let emoji = emoji::emoji(name).map_or_else(|| name.to_owned(), str::to_owned);
        let count = item.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        reactions.push(Reaction { emoji, count: count.max(people.len() as u64), people });
    }
    Ok(reactions)
}
