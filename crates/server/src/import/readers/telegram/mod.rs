//! Telegram Desktop's JSON: one chat, or an account with many.

mod text;

use super::time::{Clock, decimal, local};
use crate::import::form::{Amended, Conversation, Kind, Message, Person, Reaction, Sink, Stop};
use crate::import::input::json::{Parts, Raw, Step, pieces};
use crate::import::input::{Entry, Files};
use crate::import::options::Options;
use crate::import::text::emoji;
use crate::import::text::markdown::{escaped, quoted};
use parlour_protocol::Millis;
use serde_json::Value;
use std::cell::Cell;
use std::collections::HashMap;

use text::{files, message_text};

/// The containers that are opened, of one chat and of an account.
fn is_open(path: &str) -> bool {
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

/// A chat while it is read.
#[derive(Default)]
struct Chat {
    key: String,
    /// Its topics: what each is called, and its first message.
    topics: HashMap<String, (String, Option<String>)>,
    clock: Clock,
    last: Option<Millis>,
    name: String,
}

/// Reads an export.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut is_found = false;
    for entry in &files.entries {
        if entry.ending() != "json" {
            sink.left("a file's content, left out", entry.name.clone())?;
            continue;
        }
        is_found = true;
        file(entry, options, sink)?;
    }
    if is_found { Ok(()) } else { Err(Stop::Wrong("there is no result.json".into())) }
}

fn file(entry: &Entry, options: &Options, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let heads = heads(entry, sink)?;
    let number = Cell::new(0_usize);
    let mut at = None;
    let mut chat = Chat::default();
    let mut step = |path: &str| {
        if is_chat(path) {
            number.set(number.get() + 1);
        }
        if is_open(path) { Step::Open } else { Step::Take }
    };
    pieces(entry, sink, true, &mut step, &mut |sink, path, value, raw| {
        let Some(parent) = path.strip_suffix("/messages/*") else {
            let part = path.rsplit('/').next().unwrap_or_default();
            let is_head =
                path.strip_suffix(part).is_some_and(|parent| is_chat(parent.trim_end_matches('/')));
            return match part {
                "name" | "type" | "id" | "about" if is_head => Ok(()),
                _ if path.starts_with("/chats/") || path.starts_with("/left_chats/") => {
                    raw.broken(sink, "a part of a chat that is not known")
                }
                _ => sink.left("a part of the account beside its chats, left out", path.to_owned()),
            };
        };
        debug_assert!(is_chat(parent));
        let now = number.get();
        if at != Some(now) {
            at = Some(now);
            let head = heads.get(now - 1).cloned().unwrap_or_default();
            chat = begin(sink, &head, entry, now, options)?;
        }
        match value {
            Value::Object(_) => message(sink, &value, raw, &mut chat, options),
            _ => raw.broken(sink, "not an object"),
        }
    })?;
    if at.is_none() && heads.len() == 1 {
        begin(sink, &heads[0], entry, 1, options)?;
    }
    Ok(())
}

/// What is told of each chat beside its messages; the account itself is the first.
fn heads(entry: &Entry, sink: &mut Sink<'_>) -> Result<Vec<Value>, Stop> {
    let number = Cell::new(0_usize);
    let mut step = |path: &str| {
        if is_chat(path) {
            number.set(number.get() + 1);
        }
        match path.ends_with("/messages") {
            true => Step::Skip,
            false if is_open(path) => Step::Open,
            false => Step::Take,
        }
    };
    let mut heads: Vec<Value> = Vec::new();
    pieces(entry, sink, false, &mut step, &mut |_, path, value, _| {
        let part = path.rsplit('/').next().unwrap_or_default();
        let parent = path[..path.len() - part.len()].trim_end_matches('/');
        if is_chat(parent) {
            let at = if parent.is_empty() { 0 } else { number.get().max(1) - 1 };
            if heads.len() <= at {
                heads.resize(at + 1, Value::Object(serde_json::Map::new()));
            }
            heads[at][part] = value;
        }
        Ok(())
    })?;
    Ok(heads)
}

fn begin(
    sink: &mut Sink<'_>,
    head: &Value,
    entry: &Entry,
    number: usize,
    options: &Options,
) -> Result<Chat, Stop> {
    let what = head.text("type").unwrap_or_default();
    let key = head.key("id").unwrap_or_else(|| format!("{} {number}", entry.name));
    let kind = match what {
        // Whose account it is, is not told: as a group, nothing of it is taken for another's.
        "personal_chat" | "bot_chat" | "saved_messages" | "replies" | "verify_codes" => {
            Kind::Private
        }
        "private_group" => Kind::Group,
        kind if kind.starts_with("private") => Kind::Private,
        _ => Kind::Public,
    };
    let usual = if what == "saved_messages" { "Saved Messages" } else { "Telegram" };
    let name = head.text("name").or(options.channel.as_deref()).unwrap_or(usual).to_owned();
    sink.conversation(Conversation {
        key: key.clone(),
        title: name.clone(),
        topic: head.text("about").unwrap_or_default().into(),
        kind,
        ..Conversation::default()
    })?;
    Ok(Chat { key, name, ..Chat::default() })
}

/// The time of a message, or of its last change.
fn time(one: &Value, key: &str, options: &Options, after: Option<Millis>) -> Option<Millis> {
    let unix = one.key(&format!("{key}_unixtime"));
    if let Some(at) = unix.as_deref().and_then(decimal) {
        return Some(at);
    }
    local(&options.time_zone, one.text(key)?.parse().ok()?, after)
}

fn message(
    sink: &mut Sink<'_>,
    one: &Value,
    raw: Raw<'_>,
    chat: &mut Chat,
    options: &Options,
) -> Result<(), Stop> {
    let Some(key) = one.key("id") else { return raw.broken(sink, "a message without an id") };
    let what = one.text("type").unwrap_or("message");
    let told = time(one, "date", options, chat.last);
    if what == "service" {
        return service(sink, one, &key, told, chat);
    }
    if what == "unsupported" {
        sink.left("a message that Telegram could not export, kept without its text", raw.place())?;
    }
    let at = match (told, what) {
        (None, "unsupported") => chat.last.unwrap_or(Millis(0)),
        _ => chat.clock.at(told, sink, || raw.place())?,
    };
    chat.last = Some(at);
    let sender = sender(sink, one, chat)?;
    let mut body = message_text(one, sink)?;
    if let Some(from) = one.text("forwarded_from") {
        body = format!("↪ {}\n{}", escaped(from), quoted(&body));
    }
    if one.get("inline_bot_buttons").is_some() {
        sink.left("a bot's buttons, left out", raw.place())?;
    }
    let mut reply_to = one.key("reply_to_message_id");
    if one.get("reply_to_peer_id").is_some_and(|peer| !peer.is_null()) {
        sink.left("an answer to a message of another chat, without that", raw.place())?;
        reply_to = None;
    }
    if let Some((title, first)) = reply_to.as_ref().and_then(|to| chat.topics.get_mut(to)) {
        reply_to.clone_from(first);
        if first.is_none() {
            *first = Some(key.clone());
            body = format!("**{}**\n\n{body}", escaped(title));
        }
    }
    let reactions = reactions(sink, one.list("reactions"))?;
    sink.message(Message {
        conversation: chat.key.clone(),
        key,
        sender,
        at,
        body,
        thread: reply_to.clone(),
        reply_to,
        edited_at: time(one, "edited", options, None),
        reactions,
        files: files(one),
        ..Message::default()
    })
}

fn service(
    sink: &mut Sink<'_>,
    one: &Value,
    key: &str,
    at: Option<Millis>,
    chat: &mut Chat,
) -> Result<(), Stop> {
    match one.text("action") {
        Some("pin_message") => {
            if let Some((pinned, at)) = one.key("message_id").zip(at) {
                sink.amend((&chat.key, &pinned), Amended::Pinned, at)?;
            }
        }
        Some("topic_created") => {
            let title = one.text("title").unwrap_or_default().to_owned();
            chat.topics.insert(key.to_owned(), (title, None));
        }
        _ => {}
    }
    sink.notice()
}

/// The key of who wrote, who is handed over.
fn sender(sink: &mut Sink<'_>, one: &Value, chat: &Chat) -> Result<String, Stop> {
    let name = one.text("from");
    let key = match one.get("from_id") {
        Some(Value::Number(id)) => format!("user{id}"),
        Some(Value::String(id)) if !id.is_empty() => id.clone(),
        _ => match name {
            Some(name) => format!("name {name}"),
            None => format!("chat {}", chat.key),
        },
    };
    let gone = if key.starts_with("chat ") { &*chat.name } else { "Deleted Account" };
    sink.person(Person {
        key: key.clone(),
        name: name.unwrap_or(gone).into(),
        ..Person::default()
    })?;
    Ok(key)
}

fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, Stop> {
    let mut reactions = Vec::new();
    for one in list {
        let mut people = Vec::new();
        for who in one.list("recent") {
            if let Some(key) = who.key("from_id") {
                sink.person(Person {
                    key: key.clone(),
                    name: who.text("from").unwrap_or_default().into(),
                    ..Person::default()
                })?;
                people.push(key);
            }
        }
        let name =
            one.text("emoji").or_else(|| one.text("document_id")).or_else(|| one.text("type"));
        let name = name.unwrap_or("?");
        let emoji = emoji::emoji(name).map_or_else(|| name.to_owned(), str::to_owned);
        let count = one.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        reactions.push(Reaction { emoji, count: count.max(people.len() as u64), people });
    }
    Ok(reactions)
}
