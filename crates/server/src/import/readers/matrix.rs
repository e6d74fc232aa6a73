//! Element's export of a room.

use super::super::input::json::{Fields, Raw, Step, read_values, without_messages};
use super::super::input::{Entry, Files, Wanted};
use super::super::records::body::person;
use super::super::records::{
    AttachedFile, Conversation, ConversationKind, Message, MessageChange, Person, Sink, StopReason,
};
use super::super::text::html;
use super::super::text::markdown::escaped;
use super::time::{Clock, millis};
use parlour_protocol::Millis;
use serde_json::Value;
use std::collections::HashMap;

/// The folders of attached files.
const MEDIA: &[&str] = &["images", "videos", "audio", "files", "stickers"];

/// Maximum number of files with the same beginning that are compared with a message.
const MAX_NAMESAKES: usize = 10_000;

/// A room's file, and where the files attached to its messages are.
#[derive(Clone, Copy)]
struct Place<'a> {
    files: &'a Files,
    entry: &'a Entry,
}

/// The state of the room that is being read.
#[derive(Default)]
struct Room {
    key: String,
    names: HashMap<String, String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    files.set_read(is_read);
    let mut is_found = false;
    for entry in files.entries.iter().filter(|entry| is_read(entry)) {
        is_found = true;
        room(Place { files, entry }, sink)?;
    }
    if !is_found {
        return Err(StopReason::WrongFormat("there is no .json file".into()));
    }
    files.report_unused(sink)
}

/// Returns whether a file is a room: attached files can have any name.
fn is_read(entry: &Entry) -> bool {
    entry.extension() == "json" && !entry.is_below(|folder| MEDIA.contains(&folder))
}

fn room(place: Place<'_>, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let entry = place.entry;
    let head = without_messages(entry, sink)?;
    let mut room: Option<Room> = None;
    let mut step = |path: &str| match path {
        "" | "/messages" => Step::Enter,
        _ => Step::Return,
    };
    let known = ["/room_name", "/room_creator", "/topic", "/export_date", "/exported_by"];
    read_values(entry, sink, true, &mut step, &mut |sink, path, value, raw| match path {
        "/messages/*" if value.is_object() => {
            let room = match &mut room {
                Some(room) => room,
                None => room.insert(emit_room(sink, &head, value.text("room_id"), entry)?),
            };
            event(sink, &value, (raw, place), room)
        }
        path if known.contains(&path) => Ok(()),
        _ => raw.broken(sink, "an unknown part of the file"),
    })?;
    if room.is_none() {
        emit_room(sink, &head, None, entry)?;
    }
    Ok(())
}

fn emit_room(
    sink: &mut Sink<'_>,
    head: &Value,
    id: Option<&str>,
    entry: &Entry,
) -> Result<Room, StopReason> {
    let name = head.text("room_name");
    let key = id.or(name).unwrap_or(&entry.name).to_owned();
    sink.conversation(Conversation {
        key: key.clone(),
        title: name.unwrap_or(&key).into(),
        topic: head.text("topic").unwrap_or_default().into(),
        kind: ConversationKind::Private,
        ..Conversation::default()
    })?;
    Ok(Room { key, ..Room::default() })
}

/// Passes on a person with their current name in the room.
fn emit_person(sink: &mut Sink<'_>, id: &str, room: &Room) -> Result<(), StopReason> {
    let local = id.trim_start_matches('@').split(':').next().unwrap_or_default();
    let name = room.names.get(id).map_or(local, String::as_str);
    sink.person(Person {
        key: id.into(),
        username: local.into(),
        name: name.into(),
        ..Person::default()
    })
}

fn event(
    sink: &mut Sink<'_>,
    item: &Value,
    (raw, place): (Raw<'_>, Place<'_>),
    room: &mut Room,
) -> Result<(), StopReason> {
    let kind = item.text("type").unwrap_or_default();
    let content = item.get("content").unwrap_or(&Value::Null);
    let (Some(sender), false) = (item.key("sender"), kind.is_empty()) else {
        return raw.broken(sink, "an event without a type or a sender");
    };
    let at = item.int("origin_server_ts").and_then(millis);
    if kind == "m.room.member"
        && let Some((user, name)) = item.key("state_key").zip(content.text("displayname"))
    {
        room.names.insert(user, name.to_owned());
    }
    if kind == "m.room.pinned_events" {
        for pinned in content.list("pinned").iter().filter_map(Value::as_str) {
            sink.amend((&room.key, pinned), MessageChange::Pinned, at.unwrap_or(Millis(0)))?;
        }
    }
    let is_message = matches!(kind, "m.room.message" | "m.room.encrypted" | "m.sticker")
        || kind.ends_with("poll.start")
        || kind.contains("voice_broadcast");
    let relation = content.get("m.relates_to").unwrap_or(&Value::Null);
    let replaces = relation.text("rel_type") == Some("m.replace");
    if !is_message || replaces || item.get("state_key").is_some() {
        return sink.notice();
    }
    let Some(key) = item.key("event_id") else {
        return raw.broken(sink, "a message without an id");
    };
    let at = room.clock.time_or_previous(at, sink, || raw.location())?;
    emit_person(sink, &sender, room)?;
    let unsigned = item.get("unsigned").unwrap_or(&Value::Null);
    let is_deleted = unsigned.get("redacted_because").is_some();
    let replied_to = relation.get("m.in_reply_to").and_then(|to| to.key("event_id"));
    let thread = relation.key("event_id").filter(|_| relation.text("rel_type") == Some("m.thread"));
    let is_fallback = relation.is("is_falling_back");
    let reply_to =
        replied_to.filter(|_| thread.is_none() || !is_fallback).or_else(|| thread.clone());
    let edited = unsigned.get("m.relations").and_then(|all| all.get("m.replace"));
    let edited = edited.and_then(|edit| edit.int("origin_server_ts")).and_then(millis);
    let is_unreadable =
        kind == "m.room.encrypted" || content.text("msgtype") == Some("m.bad.encrypted");
    let body = if is_deleted {
        String::new()
    } else if is_unreadable {
        sink.warn(
            "a message that could not be decrypted, imported without its text",
            raw.location(),
        )?;
        "🔒".to_owned()
    } else {
        message_text(sink, content, room, reply_to.is_some())?
    };
    let attached = (!is_deleted).then(|| file(kind, content)).flatten();
    let attached = attached.map(|name| place.attached(name, content, at));
    let mentions_all = content.get("m.mentions").is_some_and(|mentions| mentions.is("room"));
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
        mentions_all,
        files: attached.into_iter().collect(),
        ..Message::default()
    })
}

/// Returns the name of the message's file, if it has one.
fn file<'a>(kind: &str, content: &'a Value) -> Option<&'a str> {
    let is_file =
        matches!(content.text("msgtype"), Some("m.image" | "m.file" | "m.audio" | "m.video"));
    let name = || content.text("filename").or_else(|| content.text("body")).unwrap_or("?");
    (is_file || kind == "m.sticker").then(name)
}

impl Place<'_> {
    /// Returns an attached file. Element names it after the body, with the local date and time of the message before the
    /// extension, so it is found by the part of its name before that, and by minute and second.
    fn attached(self, name: &str, content: &Value, at: Millis) -> AttachedFile {
        let size = content.get("info").and_then(|info| info.int("size"));
        let size = size.and_then(|size| u64::try_from(size).ok());
        let url = content.text("url").or_else(|| content.get("file")?.text("url"));
        let id = url.and_then(|url| url.rsplit('/').next());
        let body = content.text("body").unwrap_or(name);
        let stem = body.rsplit_once('.').map_or(body, |(stem, _)| stem);
        let mut found = Vec::new();
        for folder in MEDIA {
            let start = self.entry.beside(&format!("{folder}/{stem}-"));
            found.extend(self.files.starting_with(&start).take(MAX_NAMESAKES));
        }
        let fits = |entry: &&Entry| size.is_none_or(|size| size == entry.bytes);
        found.retain(fits);
        if found.len() > 1 {
            found.retain(|entry| has_time(entry.file_name(), at));
        }
        let paths = match found.as_slice() {
            [only] => vec![only.name.clone()],
            _ => Vec::new(),
        };
        let (name, id) = (name.to_owned(), id.map(str::to_owned));
        self.files.attached(&Wanted { name, paths, id, bytes: size })
    }
}

/// Returns whether the numbers in a name contain the minute and the second of a time, one after the other. The hour
/// depends on the time zone.
fn has_time(name: &str, at: Millis) -> bool {
    let seconds = at.0.div_euclid(1000);
    let (minute, second) = (seconds.div_euclid(60).rem_euclid(60), seconds.rem_euclid(60));
    let numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let numbers: Vec<Option<i64>> = numbers.map(|digits| digits.parse().ok()).collect();
    numbers.windows(2).any(|pair| pair == [Some(minute), Some(second)])
}

fn message_text(
    sink: &mut Sink<'_>,
    content: &Value,
    room: &Room,
    is_reply: bool,
) -> Result<String, StopReason> {
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
    let is_file = file("", content).is_some();
    let body = content.text("body").unwrap_or_default();
    // The text of a message with a file may only repeat the file's name.
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
        None => escaped(without_fallback(body, is_reply)),
    };
    let people: Vec<String> =
        super::super::records::body::people(&text).map(str::to_owned).collect();
    for id in people {
        emit_person(sink, &id, room)?;
    }
    let mentioned = content.get("m.mentions").map_or(&[][..], |mentions| mentions.list("user_ids"));
    for id in mentioned.iter().filter_map(Value::as_str) {
        let name = room.names.get(id).map(|name| escaped(name));
        if let Some(name) =
            name.filter(|name| !text.contains(&person(id)) && text.contains(name.as_str()))
        {
            emit_person(sink, id, room)?;
            text = text.replacen(&name, &person(id), 1);
        }
    }
    let is_action = content.text("msgtype") == Some("m.emote");
    Ok(if is_action { format!("/me {text}") } else { text })
}

/// Returns the text of a reply without the quoted copy of the original.
fn without_fallback(body: &str, is_reply: bool) -> &str {
    if !is_reply || !body.starts_with("> ") {
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
    fn the_time_in_a_name_is_compared_without_the_hour() {
        // 2022-11-16 10:06:23 UTC.
        let at = Millis(1_668_593_183_802);
        assert!(has_time("plan-11-16-2022 at 11-06-23 AM.png", at));
        assert!(has_time("plan-16.11.2022 um 10-06-23.png", at));
        assert!(!has_time("plan-16.11.2022 um 10-07-23.png", at) && !has_time("plan.png", at));
    }

    #[test]
    fn the_quoted_original_is_removed_from_a_reply() {
        assert_eq!(without_fallback("> <@a:b> one\n> two\n\nyes", true), "yes");
        assert_eq!(without_fallback("> quoted by hand", false), "> quoted by hand");
    }
}
