//! Slack's export: a folder for each conversation, a file for each of its days.

use super::super::form::{Amended, Conversation, Kind, Message, Person, Reaction, Sink, Stop};
use super::super::input::json::{Parts, Raw, Step, pieces};
use super::super::input::{Entry, Files};
use super::super::text::emoji;
use super::super::text::slack::{Channels, attachments, blocks, calls_all, markdown};
use super::time::{Clock, decimal};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const LISTS: &[(&str, Kind)] = &[
    ("channels.json", Kind::Public),
    ("groups.json", Kind::Private),
    ("mpims.json", Kind::Group),
    ("dms.json", Kind::Direct),
];
/// Files beside those, of which nothing is carried.
const OTHERS: &[&str] = &[
    "integration_logs.json",
    "canvases.json",
    "lists.json",
    "huddle_transcripts.json",
    "file_conversations.json",
];

/// What is known before the messages.
#[derive(Default)]
struct Known {
    /// Conversations' keys by the names of their folders.
    folders: HashMap<String, String>,
    channels: Channels,
    /// Conversations that were handed over.
    told: HashSet<String>,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let top = files.named("channels.json").or_else(|| files.named("users.json"));
    let base = match top.map(Entry::folder) {
        Some("") | None => String::new(),
        Some(folder) => format!("{folder}/"),
    };
    let inside: Vec<(&str, &Entry)> = files
        .entries
        .iter()
        .filter_map(|entry| Some((entry.name.strip_prefix(&base)?, entry)))
        .collect();
    let mut known = Known::default();
    for (name, entry) in &inside {
        if *name == "users.json" {
            each(entry, sink, &mut |sink, user, raw| person(sink, user, raw))?;
        }
    }
    for (list, kind) in LISTS {
        for (_, entry) in inside.iter().filter(|(name, _)| name == list) {
            each(entry, sink, &mut |sink, one, raw| {
                conversation(sink, one, raw, *kind, &mut known)
            })?;
        }
    }
    let mut days = 0;
    let mut clock = Clock::default();
    for (name, entry) in &inside {
        let day = name.split_once('/').filter(|(_, file)| is_day(file));
        match day {
            Some((folder, _)) => {
                days += 1;
                let key = folder_key(folder, entry, sink, &mut known)?;
                each(entry, sink, &mut |sink, one, raw| {
                    message(sink, one, raw, &key, &known.channels, &mut clock)
                })?;
            }
            None if OTHERS.contains(name) => {
                each(entry, sink, &mut |sink, _, _| {
                    sink.left("a record of apps, canvases, lists or huddles, left out", *name)
                })?;
            }
            None if *name == "users.json" || LISTS.iter().any(|(list, _)| list == name) => {}
            None => {
                sink.left("a file that is no part of the format, left out", entry.name.clone())?
            }
        }
    }
    if days == 0 && top.is_none() {
        return Err(Stop::Wrong("there is no users.json, channels.json or day file".into()));
    }
    Ok(())
}

fn is_day(file: &str) -> bool {
    file.strip_suffix(".json").is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// Hears of every element of the list in a file.
fn each(
    entry: &Entry,
    sink: &mut Sink<'_>,
    take: &mut dyn FnMut(&mut Sink<'_>, &Value, Raw<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut step = |path: &str| if path.is_empty() { Step::Open } else { Step::Take };
    pieces(entry, sink, true, &mut step, &mut |sink, _, value, raw| match value {
        Value::Object(_) => take(sink, &value, raw),
        _ => raw.broken(sink, "not an object"),
    })
}

fn person(sink: &mut Sink<'_>, user: &Value, raw: Raw<'_>) -> Result<(), Stop> {
    let Some(key) = user.key("id") else { return raw.broken(sink, "a person without an id") };
    let profile = user.get("profile").unwrap_or(&Value::Null);
    let name = profile.text("display_name").or_else(|| profile.text("real_name"));
    let name = name.or_else(|| user.text("real_name")).unwrap_or_default();
    sink.person(Person {
        key,
        username: user.text("name").unwrap_or_default().into(),
        name: name.into(),
        email: profile.text("email").unwrap_or_default().into(),
        is_bot: user.is("is_bot"),
        is_listed: true,
    })
}

fn conversation(
    sink: &mut Sink<'_>,
    one: &Value,
    raw: Raw<'_>,
    kind: Kind,
    known: &mut Known,
) -> Result<(), Stop> {
    let Some(key) = one.key("id") else { return raw.broken(sink, "a conversation without an id") };
    let name = one.text("name").unwrap_or(&key).to_owned();
    let folder = if kind == Kind::Direct { key.clone() } else { name.clone() };
    if let Some(other) = known.folders.get(&folder)
        && *other != key
    {
        let why = "two conversations of one name: the messages in its folder are the first one's";
        sink.left(why, folder.clone())?;
    } else {
        known.folders.insert(folder, key.clone());
    }
    known.channels.insert(key.clone(), name.clone());
    if !known.told.insert(key.clone()) {
        return sink.left("a conversation that is listed twice, taken once", key);
    }
    let about = |part| one.get(part).and_then(|part: &Value| part.text("value"));
    let members = one.list("members").iter().filter_map(Value::as_str).map(str::to_owned);
    let mut members: Vec<String> = members.collect();
    if members.is_empty() {
        members.extend(one.key("creator"));
    }
    sink.conversation(Conversation {
        title: if kind == Kind::Direct { String::new() } else { name },
        topic: about("topic").or_else(|| about("purpose")).unwrap_or_default().into(),
        kind,
        members,
        created_at: one.get("created").and_then(super::time::any),
        is_archived: one.is("is_archived"),
        is_thread: false,
        key,
    })
}

/// The key of the conversation of a folder.
fn folder_key(
    folder: &str,
    entry: &Entry,
    sink: &mut Sink<'_>,
    known: &mut Known,
) -> Result<String, Stop> {
    if let Some(key) = known.folders.get(folder) {
        return Ok(key.clone());
    }
    let is_id = known.channels.contains_key(folder);
    known.folders.insert(folder.to_owned(), folder.to_owned());
    if !is_id {
        sink.left(
            "a folder of a conversation that is not listed, taken as a channel",
            entry.name.clone(),
        )?;
        let (key, title) = (folder.to_owned(), folder.to_owned());
        sink.conversation(Conversation { key, title, ..Conversation::default() })?;
    }
    Ok(folder.to_owned())
}

fn is_notice(subtype: &str) -> bool {
    let others = [
        "pinned_item",
        "unpinned_item",
        "bot_add",
        "bot_remove",
        "bot_enable",
        "bot_disable",
        "reminder_add",
    ];
    subtype.starts_with("channel_") || subtype.starts_with("group_") || others.contains(&subtype)
}

fn message(
    sink: &mut Sink<'_>,
    one: &Value,
    raw: Raw<'_>,
    conversation: &str,
    channels: &Channels,
    clock: &mut Clock,
) -> Result<(), Stop> {
    let subtype = one.text("subtype").unwrap_or_default();
    if is_notice(subtype) {
        let reactions = one.list("reactions").iter().filter_map(reaction);
        return sink.notice_with(reactions.map(|reaction| reaction.count).sum());
    }
    if subtype == "message_changed" || subtype == "message_deleted" {
        return event(sink, one, raw, conversation, channels);
    }
    let ts = one.key("ts");
    if ts.is_none()
        && one.text("text").is_none()
        && one.get("blocks").is_none()
        && one.get("files").is_none()
    {
        return raw.broken(sink, "neither a time nor a text");
    }
    let at = clock.at(ts.as_deref().and_then(decimal), sink, || raw.place())?;
    let is_deleted = subtype == "tombstone";
    let sender = sender(sink, one)?;
    let (text, previews) = message_text(one, channels);
    if previews > 0 {
        sink.left_many("a preview of a link, left out", raw.place(), previews)?;
    }
    let thread = one.key("thread_ts").filter(|thread| Some(thread) != ts.as_ref());
    // A comment on a file or a mention of it names one that came before.
    let is_about = matches!(subtype, "file_comment" | "file_mention");
    let file = one.get("file").filter(|file| file.is_object() && !is_about);
    let files = one.list("files").iter().chain(file);
    let edited = one.get("edited").and_then(|edited| edited.key("ts"));
    sink.message(Message {
        conversation: conversation.into(),
        key: ts.unwrap_or_else(|| super::super::ids::fingerprint(&one.to_string())),
        sender,
        at,
        body: if is_deleted { String::new() } else { text },
        reply_to: thread.clone(),
        thread,
        edited_at: edited.as_deref().and_then(decimal),
        is_deleted,
        is_pinned: !one.list("pinned_to").is_empty(),
        calls_all: one.text("text").is_some_and(calls_all),
        reactions: one.list("reactions").iter().filter_map(reaction).collect(),
        files: files.map(file_name).collect(),
        ..Message::default()
    })
}

fn reaction(one: &Value) -> Option<Reaction> {
    let name = one.text("name")?;
    let people: Vec<String> =
        one.list("users").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let count = one.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
    Some(Reaction { emoji, count: count.max(people.len() as u64), people })
}

fn file_name(file: &Value) -> String {
    let name = file.text("name").or_else(|| file.text("title")).or_else(|| file.text("id"));
    name.unwrap_or("?").to_owned()
}

/// What a message says, and how many previews of links are left out.
fn message_text(one: &Value, channels: &Channels) -> (String, u64) {
    let text = one.text("text").map(|text| markdown(text, channels));
    let text = text.unwrap_or_else(|| blocks(one.list("blocks"), channels));
    let (more, previews) = attachments(one.list("attachments"), channels);
    let body =
        [text, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let is_action = one.text("subtype") == Some("me_message");
    (if is_action { format!("/me {body}") } else { body }, previews)
}

/// The key of who sent a message; somebody who is not listed is handed over.
fn sender(sink: &mut Sink<'_>, one: &Value) -> Result<String, Stop> {
    let commenter = one.get("comment").and_then(|comment| comment.key("user"));
    if let Some(user) = one.key("user").or(commenter) {
        if !sink.has_met(&user) {
            let profile = one.get("user_profile").unwrap_or(&Value::Null);
            let name =
                ["display_name", "real_name", "name"].iter().find_map(|key| profile.text(key));
            let name = name.or_else(|| one.text("username"));
            let name = if user == "USLACKBOT" { name.or(Some("Slackbot")) } else { name };
            let username = profile.text("name").unwrap_or_default().into();
            let (key, name) = (user.clone(), name.unwrap_or_default().into());
            sink.person(Person { key, username, name, ..Person::default() })?;
        }
        return Ok(user);
    }
    let profile = one.get("bot_profile").unwrap_or(&Value::Null);
    let id = one.key("bot_id").unwrap_or_default();
    let name = one.text("username").or_else(|| profile.text("name")).unwrap_or(&id).to_owned();
    let key = format!("bot {id} {name}");
    let name = if name.is_empty() { "?".to_owned() } else { name };
    sink.person(Person { key: key.clone(), name, is_bot: true, ..Person::default() })?;
    Ok(key)
}

/// What a message was before, in exports with every edit.
fn event(
    sink: &mut Sink<'_>,
    one: &Value,
    raw: Raw<'_>,
    conversation: &str,
    channels: &Channels,
) -> Result<(), Stop> {
    let before = one.get("previous_message").unwrap_or(&Value::Null);
    let changed = one.get("message").and_then(|message| message.key("ts"));
    let key = before.key("ts").or(changed).or_else(|| one.key("deleted_ts"));
    let at = one.key("ts").as_deref().and_then(decimal);
    let (Some(key), Some(at)) = (key, at) else {
        return raw.broken(sink, "a change of a message that it does not name");
    };
    if one.text("subtype") == Some("message_deleted") {
        return sink.amend((conversation, &key), Amended::Deleted, at);
    }
    let (text, _) = message_text(before, channels);
    if text.is_empty() {
        return sink.left("a change of a message without the text before, left out", raw.place());
    }
    sink.amend((conversation, &key), Amended::Earlier(text), at)
}
