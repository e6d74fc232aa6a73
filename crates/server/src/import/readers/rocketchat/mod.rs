//! Reads Rocket.Chat's MongoDB collections (BSON of mongodump, lines of mongoexport), or responses of its REST API.

mod documents;
mod uploads;

use super::time::Clock;
use crate::import::input::json::Fields;
use crate::import::input::{Entry, Files};
use crate::import::records::body::{person, without_marks};
use crate::import::records::{
    Conversation, ConversationKind, Message, MessageChange, Person, Reaction, Sink, StopReason,
};
use crate::import::text::emoji;
use crate::import::text::starred::{Rules, markdown as starred};
use parlour_protocol::Millis;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

use documents::{DocumentKind, date, documents, id};
use uploads::{Uploads, is_of_uploads, listed_files};

/// What is collected before the messages are read.
struct Context<'a> {
    uploads: Uploads<'a>,
    /// Keys of people by their usernames.
    usernames: HashMap<String, String>,
    emitted: HashSet<String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let is_read = |entry: &Entry| matches!(&*entry.extension(), "bson" | "json" | "jsonl");
    files.set_read(is_read);
    let mut context = Context {
        uploads: Uploads::read(files, sink)?,
        usernames: HashMap::new(),
        emitted: HashSet::new(),
        clock: Clock::default(),
    };
    for pass in [DocumentKind::User, DocumentKind::Room, DocumentKind::Message] {
        for entry in files.entries.iter().filter(|entry| is_read(entry)) {
            if entry.name.ends_with(".metadata.json") || is_of_uploads(entry) {
                continue;
            }
            let is_last = pass == DocumentKind::Message;
            documents(entry, sink, is_last, &mut |sink, kind, item, location, raw| match kind {
                Some(kind) if kind == pass => {
                    document(sink, kind, item, location, raw, &mut context)
                }
                Some(DocumentKind::Unsupported) if is_last => {
                    sink.warn("pictures of people and custom emoji, left out", entry.name.clone())
                }
                None if is_last => sink.broken(location, "a document of an unknown kind", raw),
                _ => Ok(()),
            })?;
        }
    }
    context.uploads.report_unused(sink)?;
    files.report_unused(sink)
}

fn document(
    sink: &mut Sink<'_>,
    kind: DocumentKind,
    item: &Value,
    location: String,
    raw: &[u8],
    context: &mut Context<'_>,
) -> Result<(), StopReason> {
    let is_valid = match kind {
        DocumentKind::User => user(sink, item, context)?,
        DocumentKind::Room => room(sink, item, &location, context)?,
        DocumentKind::Message => message(sink, item, &location, context)?,
        DocumentKind::Unsupported | DocumentKind::Internal => true,
    };
    if is_valid { Ok(()) } else { sink.broken(location, "a document without an id or a room", raw) }
}

fn user(sink: &mut Sink<'_>, item: &Value, context: &mut Context<'_>) -> Result<bool, StopReason> {
    let Some(key) = id(item.get("_id")) else { return Ok(false) };
    let username = item.text("username").unwrap_or_default().to_owned();
    context.usernames.insert(username.clone(), key.clone());
    let email =
        item.list("emails").first().and_then(|email| email.text("address")).unwrap_or_default();
    sink.person(Person {
        key,
        username,
        name: item.text("name").unwrap_or_default().into(),
        email: email.into(),
        is_bot: matches!(item.text("type"), Some("bot" | "app")),
        is_listed: true,
        ..Person::default()
    })?;
    Ok(true)
}

/// Returns the key of a person by their username; passes them on if they are unknown.
fn key_by_username(
    sink: &mut Sink<'_>,
    username: &str,
    context: &mut Context<'_>,
) -> Result<String, StopReason> {
    if let Some(key) = context.usernames.get(username) {
        return Ok(key.clone());
    }
    let key = format!("name {username}");
    context.usernames.insert(username.to_owned(), key.clone());
    sink.person(Person { key: key.clone(), username: username.into(), ..Person::default() })?;
    Ok(key)
}

fn room(
    sink: &mut Sink<'_>,
    item: &Value,
    location: &str,
    context: &mut Context<'_>,
) -> Result<bool, StopReason> {
    let Some(key) = id(item.get("_id")) else { return Ok(false) };
    if !context.emitted.insert(key.clone()) {
        sink.warn("a room that is listed twice, imported once", location)?;
        return Ok(true);
    }
    let kind = item.text("t").unwrap_or("c");
    let mut members = BTreeSet::new();
    for username in item.list("usernames").iter().filter_map(Value::as_str) {
        members.insert(key_by_username(sink, username, context)?);
    }
    if members.is_empty() {
        for uid in item.list("uids").iter().filter_map(Value::as_str) {
            sink.unlisted_person(uid, "")?;
            members.insert(uid.to_owned());
        }
    }
    if let (true, Some(owner)) = (members.is_empty(), item.get("u")) {
        members.extend(author(sink, owner, None, context)?);
    }
    let kind = match kind {
        "d" if (1..=2).contains(&members.len())
            && item.list("usernames").len() + item.list("uids").len() > 0 =>
        {
            ConversationKind::Direct
        }
        "d" => ConversationKind::Group,
        "c" => ConversationKind::Public,
        _ => ConversationKind::Private,
    };
    let title = item.text("fname").or_else(|| item.text("name")).unwrap_or(&key).to_owned();
    let topic =
        item.text("topic").or_else(|| item.text("description")).unwrap_or_default().to_owned();
    sink.conversation(Conversation {
        title,
        topic,
        kind,
        members: members.into_iter().collect(),
        created_at: date(item.get("ts")),
        is_archived: item.is("archived"),
        key,
        ..Conversation::default()
    })?;
    Ok(true)
}

/// Passes on the user of a document's field `u`, and returns their key.
fn author(
    sink: &mut Sink<'_>,
    user: &Value,
    alias: Option<&str>,
    context: &mut Context<'_>,
) -> Result<Option<String>, StopReason> {
    let username = user.text("username").unwrap_or_default();
    let Some(uid) = id(user.get("_id")).or_else(|| context.usernames.get(username).cloned()) else {
        if username.is_empty() {
            return Ok(None);
        }
        return key_by_username(sink, username, context).map(Some);
    };
    let name = alias.or_else(|| user.text("name")).unwrap_or_default();
    let key = alias.map_or_else(|| uid.clone(), |alias| format!("{uid} {alias}"));
    if alias.is_none() && !username.is_empty() {
        // A reaction may refer to the same person by username only.
        let known_key = context.usernames.entry(username.to_owned()).or_insert_with(|| key.clone());
        let known_key = known_key.clone();
        if sink.has_person(&known_key) {
            return Ok(Some(known_key));
        }
    }
    let username = if alias.is_some() { String::new() } else { username.to_owned() };
    sink.person(Person { key: key.clone(), username, name: name.into(), ..Person::default() })?;
    Ok(Some(key))
}

fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    location: &str,
    context: &mut Context<'_>,
) -> Result<bool, StopReason> {
    let Some((key, room)) = id(item.get("_id")).zip(id(item.get("rid"))) else { return Ok(false) };
    let at = date(item.get("ts"));
    if item.is("_hidden")
        && let Some(parent) = id(item.get("parent"))
    {
        let edited = date(item.get("editedAt")).or(at).unwrap_or(Millis(0));
        let (text, _) = message_text(item, context);
        sink.amend((&room, &parent), MessageChange::Earlier(text), edited)?;
        return Ok(true);
    }
    let kind = item.text("t").unwrap_or_default();
    // The notice that a discussion was created contains its title.
    if !matches!(kind, "" | "e2e" | "discussion-created") {
        sink.notice()?;
        return Ok(true);
    }
    let at = context.clock.time_or_previous(at, sink, || location.to_owned())?;
    if context.emitted.insert(room.clone()) {
        sink.warn("an unlisted room, imported as a private one", location)?;
        let kind = ConversationKind::Private;
        let (key, title) = (room.clone(), room.clone());
        sink.conversation(Conversation { key, title, kind, ..Conversation::default() })?;
    }
    let sender = author(sink, item.get("u").unwrap_or(&Value::Null), item.text("alias"), context)?;
    let sender = match sender {
        Some(sender) => sender,
        None => key_by_username(sink, "unknown", context)?,
    };
    if kind == "e2e" {
        sink.warn("an encrypted message, imported without its text", location)?;
    }
    let (mut body, quoted) = message_text(item, context);
    if kind == "e2e" {
        body = "🔒".to_owned();
    }
    let all = body.contains("@all") || body.contains("@here");
    let reactions = reactions(sink, item.get("reactions"), context)?;
    let files = listed_files(item).into_iter().map(|file| context.uploads.attached(file));
    let files = files.collect();
    sink.message(Message {
        conversation: room,
        key,
        sender,
        at,
        body,
        reply_to: id(item.get("tmid")).or(quoted),
        thread: id(item.get("tmid")),
        edited_at: date(item.get("editedAt")),
        is_pinned: item.is("pinned"),
        mentions_all: all,
        reactions,
        files,
        ..Message::default()
    })?;
    Ok(true)
}

fn reactions(
    sink: &mut Sink<'_>,
    all: Option<&Value>,
    context: &mut Context<'_>,
) -> Result<Vec<Reaction>, StopReason> {
    let mut reactions = Vec::new();
    for (name, reaction) in all.and_then(Value::as_object).into_iter().flatten() {
        let mut people = Vec::new();
        for username in reaction.list("usernames").iter().filter_map(Value::as_str) {
            people.push(key_by_username(sink, username, context)?);
        }
        let emoji = emoji::emoji(name).map_or_else(|| name.clone(), str::to_owned);
        reactions.push(Reaction { emoji, count: people.len() as u64, people });
    }
    Ok(reactions)
}

/// Returns the text of a message, and the key of the message that it quotes.
fn message_text(item: &Value, context: &Context<'_>) -> (String, Option<String>) {
    let text = without_marks(item.text("msg").unwrap_or_default());
    let mut text = text.as_str();
    let mut quoted = None;
    if let Some(rest) = text.strip_prefix("[ ](")
        && let Some((url, remaining)) = rest.split_once(')')
        && let Some((_, id)) = url.split_once("msg=")
    {
        quoted = Some(id.split('&').next().unwrap_or(id).to_owned());
        text = remaining.trim_start();
    }
    let mut mentions: Vec<(String, String)> = Vec::new();
    for item in item.list("mentions") {
        let Some(username) = item.text("username") else { continue };
        let key = context.usernames.get(username).cloned();
        mentions.extend(key.map(|key| (format!("@{username}"), key)));
    }
    mentions.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let plain = |part: &str| {
        let mut part = emoji::in_text(part);
        for (name, key) in &mentions {
            part = part.replace(name.as_str(), &person(key));
        }
        part
    };
    let rules = Rules { has_quotes: true, plain: &plain, ..Rules::default() };
    // Text with `**` is already Markdown.
    let mut body = if text.contains("**") { plain(text) } else { starred(text, &rules) };
    for attachment in item.list("attachments") {
        let is_file = listed_files(item)
            .iter()
            .any(|file| attachment.text("title") == Some(file.name.as_str()));
        if attachment.text("message_link").is_some() || is_file {
            body = [&body, attachment.text("description").unwrap_or_default()]
                .join("\n")
                .trim_end()
                .to_owned();
            continue;
        }
        let lines = [attachment.text("title"), attachment.text("text")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>();
        if !lines.is_empty() {
            let quote = crate::import::text::markdown::quoted(&lines.join("\n"));
            body = if body.is_empty() { quote } else { format!("{body}\n\n{quote}") };
        }
    }
    (body, quoted)
}
