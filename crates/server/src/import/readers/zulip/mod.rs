//! Zulip's export: realm.json, and messages in files of a thousand or so.

mod text;

use super::time::{Clock, any};
use crate::import::input::json::{Fields, Raw, Step, parse, read_values};
use crate::import::input::{Entry, Files, Wanted};
use crate::import::records::{
    AttachedFile, Conversation, ConversationKind, Message, Person, Reaction, Sink, StopReason,
};
use crate::import::text::emoji;
use crate::import::text::markdown::escaped;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

use text::{LinkedFile, Names, markdown};

/// Tables of realm.json that are read.
const TABLES: &[&str] = &[
    "zerver_userprofile",
    "zerver_userprofile_mirrordummy",
    "zerver_userprofile_crossrealm",
    "zerver_stream",
    "zerver_recipient",
    "zerver_subscription",
    "zerver_reaction",
];
/// Tables whose rows are reported as left out.
const REPORTED_TABLES: &[&str] = &[
    "zerver_realmemoji",
    "zerver_customprofilefieldvalue",
    "zerver_usertopic",
    "zerver_submessage",
];

/// What is collected before the messages are read.
#[derive(Default)]
struct Context {
    /// The type of each recipient, and the id of the user, channel or group.
    recipients: HashMap<i64, (i64, i64)>,
    subscribers: HashMap<i64, BTreeSet<i64>>,
    streams: HashMap<i64, String>,
    names: Names,
    reactions: HashMap<i64, Vec<(String, i64)>>,
    emitted: HashSet<String>,
    /// The first message of each topic.
    topics: HashMap<(i64, String), (i64, u32)>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let mut context = Context::default();
    let mut streams = Vec::new();
    if let Some(realm) = files.named("realm.json") {
        tables(realm, sink, &mut context, &mut streams)?;
    }
    files.set_read(is_read);
    let is_messages = |entry: &&Entry| {
        let name = entry.file_name();
        is_read(entry) && name.starts_with("messages-") && name.ends_with(".json")
    };
    for stream in streams {
        emit_stream(sink, &stream, &mut context)?;
    }
    let mut huddles: Vec<i64> =
        context.recipients.iter().filter(|(_, item)| item.0 == 3).map(|(id, _)| *id).collect();
    huddles.sort_unstable();
    for huddle in huddles {
        conversation(sink, huddle, None, &mut context)?;
    }
    let messages: Vec<&Entry> = files.entries.iter().filter(is_messages).collect();
    if messages.is_empty() && files.named("realm.json").is_none() {
        return Err(StopReason::WrongFormat(
            "there is no realm.json or messages-000001.json".into(),
        ));
    }
    for entry in &messages {
        for_each_message(entry, sink, false, &mut |_, item, _| {
            record_topic(item, &mut context);
            Ok(())
        })?;
    }
    for entry in &messages {
        for_each_message(entry, sink, true, &mut |sink, item, raw| {
            message(sink, item, (raw, files), &mut context)
        })?;
    }
    files.report_unused(sink)
}

/// Returns whether a file is part of the export: attached files can have any name.
fn is_read(entry: &Entry) -> bool {
    let is_media = |folder: &str| ["uploads", "avatars", "emoji", "realm_icons"].contains(&folder);
    let is_list = || {
        entry.file_name() == "records.json"
            && entry.folder().rsplit('/').next().is_some_and(is_media)
    };
    entry.extension() == "json" && (!entry.is_below(is_media) || is_list())
}

fn for_each_message(
    entry: &Entry,
    sink: &mut Sink<'_>,
    is_counted: bool,
    on_message: &mut dyn FnMut(&mut Sink<'_>, &Value, Raw<'_>) -> Result<(), StopReason>,
) -> Result<(), StopReason> {
    let mut step = |path: &str| match path {
        "" | "/zerver_message" => Step::Enter,
        "/zerver_usermessage" => Step::Skip,
        _ => Step::Return,
    };
    let mut is_found = false;
    read_values(entry, sink, is_counted, &mut step, &mut |sink, path, value, raw| match path {
        "/zerver_message/*" if value.is_object() => {
            is_found = true;
            on_message(sink, &value, raw)
        }
        _ if is_counted => raw.broken(sink, "neither a message nor a list of messages"),
        _ => Ok(()),
    })?;
    if is_counted && !is_found {
        sink.warn("a file without messages", entry.name.clone())?;
    }
    Ok(())
}

fn tables(
    realm: &Entry,
    sink: &mut Sink<'_>,
    context: &mut Context,
    streams: &mut Vec<Value>,
) -> Result<(), StopReason> {
    let mut step = |path: &str| {
        let table = path.trim_start_matches('/').trim_end_matches("/*");
        match path.is_empty() || TABLES.contains(&table) || REPORTED_TABLES.contains(&table) {
            true if path.ends_with("/*") => Step::Return,
            true => Step::Enter,
            false => Step::Skip,
        }
    };
    read_values(realm, sink, true, &mut step, &mut |sink, path, row, raw| {
        let table = path.trim_start_matches('/').trim_end_matches("/*");
        let id = row.int("id");
        match (table, id) {
            ("zerver_recipient", Some(id)) => {
                let what = row.int("type").unwrap_or(0);
                context.recipients.insert(id, (what, row.int("type_id").unwrap_or(0)));
            }
            ("zerver_subscription", _) => {
                if let Some((recipient, user)) = row.int("recipient").zip(row.int("user_profile")) {
                    context.subscribers.entry(recipient).or_default().insert(user);
                }
            }
            ("zerver_reaction", _) => {
                let emoji = match row.text("reaction_type") {
                    Some("realm_emoji" | "zulip_extra_emoji") => None,
                    _ => row.text("emoji_code").and_then(emoji::of_codes),
                };
                let name = row.text("emoji_name").unwrap_or_default();
                let emoji = emoji.map(str::to_owned).unwrap_or_else(|| format!(":{name}:"));
                if let Some((message, user)) = row.int("message").zip(row.int("user_profile")) {
                    context.reactions.entry(message).or_default().push((emoji, user));
                }
            }
            ("zerver_stream", Some(_)) => streams.push(row),
            (table, Some(id)) if table.starts_with("zerver_userprofile") => {
                profile(sink, &row, id, table == "zerver_userprofile", context)?;
            }
            (table, _) if REPORTED_TABLES.contains(&table) => {
                sink.warn(
                    "custom emoji, profile fields, topic settings and widgets, left out",
                    table,
                )?;
            }
            _ => raw.broken(sink, "a row without an id")?,
        }
        Ok(())
    })
}

fn profile(
    sink: &mut Sink<'_>,
    row: &Value,
    id: i64,
    is_listed: bool,
    context: &mut Context,
) -> Result<(), StopReason> {
    let name = row.text("full_name").unwrap_or_default();
    let entry = context.names.entry(name.to_owned()).or_insert(Some(id));
    if *entry != Some(id) {
        *entry = None;
    }
    let email = row.text("delivery_email").or_else(|| row.text("email")).unwrap_or_default();
    // The server's internal bots are only passed on if they sent a message.
    if !is_listed && row.is("is_bot") {
        context.emitted.insert(format!("bot {id}\n{name}"));
        return Ok(());
    }
    sink.person(Person {
        key: id.to_string(),
        username: email.split('@').next().unwrap_or_default().to_owned(),
        name: name.into(),
        email: email.into(),
        is_bot: row.is("is_bot"),
        is_listed,
        ..Person::default()
    })
}

fn emit_stream(
    sink: &mut Sink<'_>,
    stream: &Value,
    context: &mut Context,
) -> Result<(), StopReason> {
    let id = stream.int("id").unwrap_or(0);
    let name = stream.text("name").unwrap_or_default().to_owned();
    context.streams.insert(id, name.clone());
    let recipient = stream.int("recipient").or_else(|| {
        context
            .recipients
            .iter()
            .find(|(_, item)| **item == (2, id))
            .map(|(recipient, _)| *recipient)
    });
    let members = recipient.and_then(|recipient| context.subscribers.get(&recipient));
    let members = members.into_iter().flatten().map(i64::to_string).collect();
    let key = format!("stream {id}");
    context.emitted.insert(key.clone());
    sink.conversation(Conversation {
        key,
        title: name.trim_start_matches('!').to_owned(),
        topic: stream.text("description").unwrap_or_default().into(),
        kind: if stream.is("invite_only") {
            ConversationKind::Private
        } else {
            ConversationKind::Public
        },
        members,
        created_at: stream.get("date_created").and_then(any),
        is_archived: stream.is("deactivated"),
        ..Conversation::default()
    })
}

/// Returns the key of a recipient's conversation; passes it on the first time.
fn conversation(
    sink: &mut Sink<'_>,
    recipient: i64,
    sender: Option<i64>,
    context: &mut Context,
) -> Result<String, StopReason> {
    let members: BTreeSet<i64> = match context.recipients.get(&recipient) {
        Some((2, id)) => return emit_unlisted_stream(sink, *id, context),
        Some((1, user)) => [Some(*user), sender].into_iter().flatten().collect(),
        Some((3, _)) => context.subscribers.get(&recipient).cloned().unwrap_or_default(),
        _ => BTreeSet::new(),
    };
    let key = if members.is_empty() {
        format!("recipient {recipient}")
    } else {
        let ids: Vec<String> = members.iter().map(i64::to_string).collect();
        format!("direct {}", ids.join(","))
    };
    if context.emitted.insert(key.clone()) {
        let kind = if (1..=2).contains(&members.len()) {
            ConversationKind::Direct
        } else {
            ConversationKind::Group
        };
        let ids: Vec<String> = members.iter().map(i64::to_string).collect();
        for id in &ids {
            sink.unlisted_person(id, "")?;
        }
        let title = format!("#{recipient}");
        sink.conversation(Conversation {
            key: key.clone(),
            title,
            kind,
            members: ids,
            ..Conversation::default()
        })?;
    }
    Ok(key)
}

fn emit_unlisted_stream(
    sink: &mut Sink<'_>,
    id: i64,
    context: &mut Context,
) -> Result<String, StopReason> {
    let key = format!("stream {id}");
    if context.emitted.insert(key.clone()) {
        let title = format!("#{id}");
        sink.conversation(Conversation { key: key.clone(), title, ..Conversation::default() })?;
    }
    Ok(key)
}

/// Returns the topic of a message, if it is in a channel.
fn topic(item: &Value, context: &Context) -> Option<(i64, String)> {
    let recipient = item.int("recipient")?;
    let is_channel = context.recipients.get(&recipient).is_some_and(|what| what.0 == 2);
    let topic = item.text("subject")?;
    is_channel.then(|| (recipient, topic.trim_start_matches("✔ ").to_lowercase()))
}

/// Returns an attached file. Anybody can write such a link, but only paths below a folder of a realm are accepted, so it
/// leads to an uploaded file.
fn attached(file: LinkedFile, files: &Files, raw: Raw<'_>) -> AttachedFile {
    let LinkedFile { name, path } = file;
    let is_upload = path.split('/').filter(|part| !matches!(*part, "" | ".")).count() > 2;
    let paths = if is_upload { vec![raw.beside(&format!("uploads/{path}"))] } else { Vec::new() };
    files.attached(&Wanted { name, paths, ..Wanted::default() })
}

fn record_topic(item: &Value, context: &mut Context) {
    if let Some((topic, id)) = topic(item, context).zip(item.int("id")) {
        let first = context.topics.entry(topic).or_insert((id, 0));
        first.0 = first.0.min(id);
    }
}

fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    (raw, files): (Raw<'_>, &Files),
    context: &mut Context,
) -> Result<(), StopReason> {
    let (Some(recipient), Some(sender)) = (item.int("recipient"), item.int("sender")) else {
        return raw.broken(sink, "a message without a sender or a recipient");
    };
    let id = item.int("id");
    let at = context
        .clock
        .time_or_previous(item.get("date_sent").and_then(any), sink, || raw.location())?;
    let key = sender.to_string();
    if !sink.has_person(&key) {
        let prefix = format!("bot {sender}\n");
        let bot = context
            .emitted
            .iter()
            .find_map(|emitted| emitted.strip_prefix(&prefix).map(str::to_owned));
        let (name, is_bot) = (bot.clone().unwrap_or_default(), bot.is_some());
        sink.person(Person { key: key.clone(), name, is_bot, ..Person::default() })?;
    }
    let conversation = conversation(sink, recipient, Some(sender), context)?;
    let content = item.text("content").unwrap_or_default();
    let (mut body, linked, mentions_all) = markdown(content, &context.names);
    let attached = linked.into_iter().map(|file| attached(file, files, raw)).collect();
    let (mut reply_to, mut thread) = (None, None);
    if let Some(first) = topic(item, context).and_then(|topic| context.topics.get(&topic)) {
        thread = Some(first.0.to_string());
        if Some(first.0) == id {
            let subject = item.text("subject").unwrap_or_default();
            body = format!("**{}**\n\n{body}", escaped(subject));
        } else {
            reply_to = Some(first.0.to_string());
        }
    }
    let mut people: Vec<Reaction> = Vec::new();
    for (emoji, user) in id.and_then(|id| context.reactions.remove(&id)).unwrap_or_default() {
        sink.unlisted_person(&user.to_string(), "")?;
        match people.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => {
                reaction.count += 1;
                reaction.people.push(user.to_string());
            }
            None => people.push(Reaction { emoji, people: vec![user.to_string()], count: 1 }),
        }
    }
    let history =
        item.text("edit_history").and_then(|text| parse(text.as_bytes())).unwrap_or_default();
    let earlier = |edit: &Value| {
        let (text, _, _) = markdown(edit.text("prev_content")?, &context.names);
        Some((text, edit.get("timestamp").and_then(any)?))
    };
    let history = history.as_array().map_or(&[][..], Vec::as_slice);
    let earlier: Vec<_> = history.iter().rev().filter_map(earlier).collect();
    let edited_at = earlier.last().map(|(_, at)| *at);
    sink.message(Message {
        conversation,
        key: id.map_or_else(
            || crate::import::ids::fingerprint(&item.to_string()),
            |id| id.to_string(),
        ),
        sender: key,
        at,
        body,
        reply_to,
        thread,
        edited_at,
        earlier,
        mentions_all,
        reactions: people,
        files: attached,
        ..Message::default()
    })
}
