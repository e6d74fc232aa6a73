//! Element's export of a room.

use super::super::form::body::person;
use super::super::form::{Amended, Conversation, Kind, Message, Person, Sink, Stop};
use super::super::input::json::{Parts, Raw, Step, pieces, without_messages};
use super::super::input::{Entry, Files};
use super::super::text::html;
use super::super::text::markdown::escaped;
use super::time::{Clock, millis};
use parlour_protocol::Millis;
use serde_json::Value;
use std::collections::HashMap;

/// A room while it is read.
#[derive(Default)]
struct Room {
    key: String,
    names: HashMap<String, String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut is_found = false;
    for entry in &files.entries {
        if entry.ending() != "json" {
            sink.left("a file's content, left out", entry.name.clone())?;
            continue;
        }
        is_found = true;
        room(entry, sink)?;
    }
    if is_found { Ok(()) } else { Err(Stop::Wrong("there is no .json file".into())) }
}

fn room(entry: &Entry, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let head = without_messages(entry, sink)?;
    let mut room: Option<Room> = None;
    let mut step = |path: &str| match path {
        "" | "/messages" => Step::Open,
        _ => Step::Take,
    };
    let known = ["/room_name", "/room_creator", "/topic", "/export_date", "/exported_by"];
    pieces(entry, sink, true, &mut step, &mut |sink, path, value, raw| match path {
        "/messages/*" if value.is_object() => {
            let room = match &mut room {
                Some(room) => room,
                None => room.insert(begin(sink, &head, value.text("room_id"), entry)?),
            };
            event(sink, &value, raw, room)
        }
        path if known.contains(&path) => Ok(()),
        _ => raw.broken(sink, "a part of the file that is not known"),
    })?;
    if room.is_none() {
        begin(sink, &head, None, entry)?;
    }
    Ok(())
}

fn begin(sink: &mut Sink<'_>, head: &Value, id: Option<&str>, entry: &Entry) -> Result<Room, Stop> {
    let name = head.text("room_name");
    let key = id.or(name).unwrap_or(&entry.name).to_owned();
    sink.conversation(Conversation {
        key: key.clone(),
        title: name.unwrap_or(&key).into(),
        topic: head.text("topic").unwrap_or_default().into(),
        kind: Kind::Private,
        ..Conversation::default()
    })?;
    Ok(Room { key, ..Room::default() })
}

/// Hands over a sender with the name that they have by then.
fn met(sink: &mut Sink<'_>, id: &str, room: &Room) -> Result<(), Stop> {
    let local = id.trim_start_matches('@').split(':').next().unwrap_or_default();
    let name = room.names.get(id).map_or(local, String::as_str);
    sink.person(Person {
        key: id.into(),
        username: local.into(),
        name: name.into(),
        ..Person::default()
    })
}

fn event(sink: &mut Sink<'_>, one: &Value, raw: Raw<'_>, room: &mut Room) -> Result<(), Stop> {
    let what = one.text("type").unwrap_or_default();
    let content = one.get("content").unwrap_or(&Value::Null);
    let (Some(sender), false) = (one.key("sender"), what.is_empty()) else {
        return raw.broken(sink, "an event without a type or a sender");
    };
    let at = one.int("origin_server_ts").and_then(millis);
    if what == "m.room.member"
        && let Some((who, name)) = one.key("state_key").zip(content.text("displayname"))
    {
        room.names.insert(who, name.to_owned());
    }
    if what == "m.room.pinned_events" {
        for pinned in content.list("pinned").iter().filter_map(Value::as_str) {
            sink.amend((&room.key, pinned), Amended::Pinned, at.unwrap_or(Millis(0)))?;
        }
    }
    let is_said = matches!(what, "m.room.message" | "m.room.encrypted" | "m.sticker")
        || what.ends_with("poll.start")
        || what.contains("voice_broadcast");
    let relation = content.get("m.relates_to").unwrap_or(&Value::Null);
    let replaces = relation.text("rel_type") == Some("m.replace");
    if !is_said || replaces || one.get("state_key").is_some() {
        return sink.notice();
    }
    let Some(key) = one.key("event_id") else { return raw.broken(sink, "a message without an id") };
    let at = room.clock.at(at, sink, || raw.place())?;
    met(sink, &sender, room)?;
    let unsigned = one.get("unsigned").unwrap_or(&Value::Null);
    let is_deleted = unsigned.get("redacted_because").is_some();
    let answered = relation.get("m.in_reply_to").and_then(|to| to.key("event_id"));
    let thread = relation.key("event_id").filter(|_| relation.text("rel_type") == Some("m.thread"));
    let is_fallback = relation.is("is_falling_back");
    let reply_to = answered.filter(|_| thread.is_none() || !is_fallback).or_else(|| thread.clone());
    let edited = unsigned.get("m.relations").and_then(|all| all.get("m.replace"));
    let edited = edited.and_then(|edit| edit.int("origin_server_ts")).and_then(millis);
    let is_unreadable =
        what == "m.room.encrypted" || content.text("msgtype") == Some("m.bad.encrypted");
    let body = if is_deleted {
        String::new()
    } else if is_unreadable {
        sink.left("a message that could not be decrypted, kept without its text", raw.place())?;
        "🔒".to_owned()
    } else {
        message_text(sink, content, room, reply_to.is_some())?
    };
    let calls_all = content.get("m.mentions").is_some_and(|mentions| mentions.is("room"));
    sink.message(Message {
        conversation: room.key.clone(),
        key,
        sender,
        at,
        body,
        reply_to,
        thread,
        edited_at: edited,
        is_deleted,
        calls_all,
        files: if is_deleted { Vec::new() } else { file(what, content) },
        ..Message::default()
    })
}

/// The name of a message's file, if it has one.
fn file(what: &str, content: &Value) -> Vec<String> {
    let is_file =
        matches!(content.text("msgtype"), Some("m.image" | "m.file" | "m.audio" | "m.video"));
    if !is_file && what != "m.sticker" {
        return Vec::new();
    }
    vec![content.text("filename").or_else(|| content.text("body")).unwrap_or("?").to_owned()]
}

fn message_text(
    sink: &mut Sink<'_>,
    content: &Value,
    room: &Room,
    is_answer: bool,
) -> Result<String, Stop> {
    let poll = ["m.poll", "org.matrix.msc3381.poll.start", "m.poll.start"]
        .iter()
        .find_map(|key| content.get(key));
    if let Some(poll) = poll {
        let text = |value: &Value| {
            let list = value.get("m.text").or_else(|| value.get("org.matrix.msc1767.text"));
            let first = |list: &Value| {
                list.as_str().or_else(|| list.get(0)?.text("body")).map(str::to_owned)
            };
            list.and_then(first)
                .or_else(|| value.text("body").map(str::to_owned))
                .unwrap_or_default()
        };
        let mut message_text = escaped(&poll.get("question").map(text).unwrap_or_default());
        for answer in poll.list("answers") {
            message_text.push_str(&format!("\n- {}", escaped(&text(answer))));
        }
        return Ok(message_text);
    }
    let is_file = !file("", content).is_empty();
    let body = content.text("body").unwrap_or_default();
    // A file's name is its line; a text beside it is what was said.
    if is_file && content.text("filename").is_none_or(|name| name == body) {
        return Ok(String::new());
    }
    let user = |url: &str| {
        let id = url.strip_prefix("https://matrix.to/#/")?.replace("%40", "@").replace("%3A", ":");
        id.starts_with('@').then(|| id.split('?').next().unwrap_or(&id).to_owned())
    };
    let formatted = content.text("formatted_body");
    let formatted = formatted.filter(|_| content.text("format") == Some("org.matrix.custom.html"));
    let mut text = match formatted {
        Some(formatted) => html::markdown(formatted, &user),
        None => escaped(without_fallback(body, is_answer)),
    };
    let people: Vec<String> = super::super::form::body::people(&text).map(str::to_owned).collect();
    for id in people {
        met(sink, &id, room)?;
    }
    let mentioned = content.get("m.mentions").map_or(&[][..], |mentions| mentions.list("user_ids"));
    for id in mentioned.iter().filter_map(Value::as_str) {
        let name = room.names.get(id).map(|name| escaped(name));
        if let Some(name) =
            name.filter(|name| !text.contains(&person(id)) && text.contains(name.as_str()))
        {
            met(sink, id, room)?;
            text = text.replacen(&name, &person(id), 1);
        }
    }
    let is_action = content.text("msgtype") == Some("m.emote");
    Ok(if is_action { format!("/me {text}") } else { text })
}

/// What an answer says without the copy of what it answers.
fn without_fallback(body: &str, is_answer: bool) -> &str {
    if !is_answer || !body.starts_with("> ") {
        return body;
    }
    let mut rest = body;
    while rest.starts_with('>') {
        rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
    }
    rest.trim_start_matches('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_of_what_is_answered_is_taken_out() {
        assert_eq!(without_fallback("> <@a:b> one\n> two\n\nyes", true), "yes");
        assert_eq!(without_fallback("> quoted by hand", false), "> quoted by hand");
    }
}
