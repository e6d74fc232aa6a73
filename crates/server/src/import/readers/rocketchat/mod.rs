//! Rocket.Chat: its MongoDB collections (mongodump's BSON, mongoexport's lines), or answers of its REST API.

mod documents;

use super::time::Clock;
use crate::import::form::body::{person, without_marks};
use crate::import::form::{Amended, Conversation, Kind, Message, Person, Reaction, Sink, Stop};
use crate::import::input::Files;
use crate::import::input::json::Parts;
use crate::import::text::emoji;
use crate::import::text::starred::{Rules, markdown as starred};
use parlour_protocol::Millis;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

use documents::{What, date, documents, id};

/// What is known before the messages.
#[derive(Default)]
struct Known {
    /// People's keys by their usernames.
    usernames: HashMap<String, String>,
    told: HashSet<String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut known = Known::default();
    for pass in [What::User, What::Room, What::Message] {
        for entry in &files.entries {
            if !matches!(&*entry.ending(), "bson" | "json" | "jsonl")
                || entry.name.ends_with(".metadata.json")
            {
                if pass == What::Message && entry.ending() != "json" {
                    sink.left("a file's content, left out", entry.name.clone())?;
                }
                continue;
            }
            let is_last = pass == What::Message;
            documents(entry, sink, is_last, &mut |sink, what, one, place, raw| match what {
                Some(what) if what == pass => take(sink, what, one, place, raw, &mut known),
                Some(What::Left) if is_last => sink.left(
                    "pictures, files and the server's own emoji, left out",
                    entry.name.clone(),
                ),
                None if is_last => {
                    sink.broken(place, "a document of a kind that is not known", raw)
                }
                _ => Ok(()),
            })?;
        }
    }
    Ok(())
}

fn take(
    sink: &mut Sink<'_>,
    what: What,
    one: &Value,
    place: String,
    raw: &[u8],
    known: &mut Known,
) -> Result<(), Stop> {
    let understood = match what {
        What::User => user(sink, one, known)?,
        What::Room => room(sink, one, &place, known)?,
        What::Message => message(sink, one, &place, known)?,
        What::Left | What::Own => true,
    };
    if understood {
        Ok(())
    } else {
        sink.broken(place, "a document without its id or its place", raw)
    }
}

fn user(sink: &mut Sink<'_>, one: &Value, known: &mut Known) -> Result<bool, Stop> {
    let Some(key) = id(one.get("_id")) else { return Ok(false) };
    let username = one.text("username").unwrap_or_default().to_owned();
    known.usernames.insert(username.clone(), key.clone());
    let email =
        one.list("emails").first().and_then(|email| email.text("address")).unwrap_or_default();
    sink.person(Person {
        key,
        username,
        name: one.text("name").unwrap_or_default().into(),
        email: email.into(),
        is_bot: matches!(one.text("type"), Some("bot" | "app")),
        is_listed: true,
    })?;
    Ok(true)
}

/// The key of somebody by their username.
fn named(sink: &mut Sink<'_>, username: &str, known: &mut Known) -> Result<String, Stop> {
    if let Some(key) = known.usernames.get(username) {
        return Ok(key.clone());
    }
    let key = format!("name {username}");
    known.usernames.insert(username.to_owned(), key.clone());
    sink.person(Person { key: key.clone(), username: username.into(), ..Person::default() })?;
    Ok(key)
}

fn room(sink: &mut Sink<'_>, one: &Value, place: &str, known: &mut Known) -> Result<bool, Stop> {
    let Some(key) = id(one.get("_id")) else { return Ok(false) };
    if !known.told.insert(key.clone()) {
        sink.left("a room that is listed twice, taken once", place)?;
        return Ok(true);
    }
    let what = one.text("t").unwrap_or("c");
    let mut members = BTreeSet::new();
    for username in one.list("usernames").iter().filter_map(Value::as_str) {
        members.insert(named(sink, username, known)?);
    }
    if members.is_empty() {
        for uid in one.list("uids").iter().filter_map(Value::as_str) {
            sink.stranger(uid, "")?;
            members.insert(uid.to_owned());
        }
    }
    if let (true, Some(owner)) = (members.is_empty(), one.get("u")) {
        members.extend(who(sink, owner, None, known)?);
    }
    let kind = match what {
        "d" if (1..=2).contains(&members.len())
            && one.list("usernames").len() + one.list("uids").len() > 0 =>
        {
            Kind::Direct
        }
        "d" => Kind::Group,
        "c" => Kind::Public,
        _ => Kind::Private,
    };
    let title = one.text("fname").or_else(|| one.text("name")).unwrap_or(&key).to_owned();
    let topic =
        one.text("topic").or_else(|| one.text("description")).unwrap_or_default().to_owned();
    sink.conversation(Conversation {
        title,
        topic,
        kind,
        members: members.into_iter().collect(),
        created_at: date(one.get("ts")),
        is_archived: one.is("archived"),
        is_thread: false,
        key,
    })?;
    Ok(true)
}

/// The key of the `u` of a document.
fn who(
    sink: &mut Sink<'_>,
    user: &Value,
    alias: Option<&str>,
    known: &mut Known,
) -> Result<Option<String>, Stop> {
    let username = user.text("username").unwrap_or_default();
    let Some(uid) = id(user.get("_id")).or_else(|| known.usernames.get(username).cloned()) else {
        if username.is_empty() {
            return Ok(None);
        }
        return named(sink, username, known).map(Some);
    };
    let name = alias.or_else(|| user.text("name")).unwrap_or_default();
    let key = alias.map_or_else(|| uid.clone(), |alias| format!("{uid} {alias}"));
    if alias.is_none() && !username.is_empty() {
        // The same person may be met by their name alone, in a reaction.
        let known_as = known.usernames.entry(username.to_owned()).or_insert_with(|| key.clone());
        let known_as = known_as.clone();
        if sink.has_met(&known_as) {
            return Ok(Some(known_as));
        }
    }
    let username = if alias.is_some() { String::new() } else { username.to_owned() };
    sink.person(Person { key: key.clone(), username, name: name.into(), ..Person::default() })?;
    Ok(Some(key))
}

fn message(sink: &mut Sink<'_>, one: &Value, place: &str, known: &mut Known) -> Result<bool, Stop> {
    let Some((key, room)) = id(one.get("_id")).zip(id(one.get("rid"))) else { return Ok(false) };
    let at = date(one.get("ts"));
    if one.is("_hidden")
        && let Some(parent) = id(one.get("parent"))
    {
        let edited = date(one.get("editedAt")).or(at).unwrap_or(Millis(0));
        let (text, _) = message_text(one, known);
        sink.amend((&room, &parent), Amended::Earlier(text), edited)?;
        return Ok(true);
    }
    let what = one.text("t").unwrap_or_default();
    // That a discussion was begun is said with its title.
    if !matches!(what, "" | "e2e" | "discussion-created") {
        sink.notice()?;
        return Ok(true);
    }
    let at = known.clock.at(at, sink, || place.to_owned())?;
    if known.told.insert(room.clone()) {
        sink.left("a room that is not listed, taken as a private one", place)?;
        let kind = Kind::Private;
        let (key, title) = (room.clone(), room.clone());
        sink.conversation(Conversation { key, title, kind, ..Conversation::default() })?;
    }
    let sender = who(sink, one.get("u").unwrap_or(&Value::Null), one.text("alias"), known)?;
    let sender = match sender {
        Some(sender) => sender,
        None => named(sink, "unknown", known)?,
    };
    if what == "e2e" {
        sink.left("an encrypted message, kept without its text", place)?;
    }
    let (mut body, quoted) = message_text(one, known);
    if what == "e2e" {
        body = "🔒".to_owned();
    }
    let all = body.contains("@all") || body.contains("@here");
    let reactions = reactions(sink, one.get("reactions"), known)?;
    sink.message(Message {
        conversation: room,
        key,
        sender,
        at,
        body,
        reply_to: id(one.get("tmid")).or(quoted),
        thread: id(one.get("tmid")),
        edited_at: date(one.get("editedAt")),
        is_pinned: one.is("pinned"),
        calls_all: all,
        reactions,
        files: files(one),
        ..Message::default()
    })?;
    Ok(true)
}

fn files(one: &Value) -> Vec<String> {
    let name = |file: &Value| file.text("name").map(str::to_owned);
    let files: Vec<String> = one
        .list("files")
        .iter()
        .filter_map(name)
        .filter(|name| !name.starts_with("thumb-"))
        .collect();
    if !files.is_empty() {
        return files;
    }
    if let Some(file) = one.get("file").and_then(name) {
        return vec![file];
    }
    let uploaded = |file: &&Value| {
        ["title_link", "image_url", "video_url", "audio_url"]
            .iter()
            .any(|key| file.text(key).is_some_and(|link| link.contains("/file-upload/")))
    };
    let title = |file: &Value| file.text("title").unwrap_or("?").to_owned();
    one.list("attachments").iter().filter(uploaded).map(title).collect()
}

fn reactions(
    sink: &mut Sink<'_>,
    all: Option<&Value>,
    known: &mut Known,
) -> Result<Vec<Reaction>, Stop> {
    let mut reactions = Vec::new();
    for (name, who) in all.and_then(Value::as_object).into_iter().flatten() {
        let mut people = Vec::new();
        for username in who.list("usernames").iter().filter_map(Value::as_str) {
            people.push(named(sink, username, known)?);
        }
        let emoji = emoji::emoji(name).map_or_else(|| name.clone(), str::to_owned);
        reactions.push(Reaction { emoji, count: people.len() as u64, people });
    }
    Ok(reactions)
}

/// What a message says, and the message that it quotes.
fn message_text(one: &Value, known: &Known) -> (String, Option<String>) {
    let text = without_marks(one.text("msg").unwrap_or_default());
    let mut text = text.as_str();
    let mut quoted = None;
    if let Some(rest) = text.strip_prefix("[ ](")
        && let Some((url, behind)) = rest.split_once(')')
        && let Some((_, id)) = url.split_once("msg=")
    {
        quoted = Some(id.split('&').next().unwrap_or(id).to_owned());
        text = behind.trim_start();
    }
    let mut mentions: Vec<(String, String)> = Vec::new();
    for one in one.list("mentions") {
        let Some(username) = one.text("username") else { continue };
        let key = known.usernames.get(username).cloned();
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
    // Two stars are bold in both dialects.
    let mut body = if text.contains("**") { plain(text) } else { starred(text, &rules) };
    for card in one.list("attachments") {
        let is_file = files(one).iter().any(|file| card.text("title") == Some(file));
        if card.text("message_link").is_some() || is_file {
            body = [&body, card.text("description").unwrap_or_default()]
                .join("\n")
                .trim_end()
                .to_owned();
            continue;
        }
        let lines =
            [card.text("title"), card.text("text")].into_iter().flatten().collect::<Vec<_>>();
        if !lines.is_empty() {
            let quote = crate::import::text::markdown::quoted(&lines.join("\n"));
            body = if body.is_empty() { quote } else { format!("{body}\n\n{quote}") };
        }
    }
    (body, quoted)
}
