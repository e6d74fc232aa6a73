//! Slack's export: a folder for each conversation, a file for each of its days.

use super::super::input::json::{Fields, Raw, Step, read_values};
use super::super::input::{Entry, Files, Wanted};
use super::super::records::{
    AttachedFile, Conversation, ConversationKind, Message, MessageChange, Person, Reaction, Sink,
    StopReason,
};
use super::super::text::emoji;
use super::super::text::slack::{Channels, attachments, blocks, markdown, mentions_all};
use super::time::{Clock, decimal};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const CONVERSATION_LISTS: &[(&str, ConversationKind)] = &[
    ("channels.json", ConversationKind::Public),
    ("groups.json", ConversationKind::Private),
    ("mpims.json", ConversationKind::Group),
    ("dms.json", ConversationKind::Direct),
];
/// Other files of the format, which are not imported.
const IGNORED_FILES: &[&str] = &[
    "integration_logs.json",
    "canvases.json",
    "lists.json",
    "huddle_transcripts.json",
    "file_conversations.json",
];

/// What is collected before the messages are read.
#[derive(Default)]
struct Context {
    /// Conversations' keys by the names of their folders.
    folders: HashMap<String, String>,
    channels: Channels,
    /// Keys of the conversations that were passed on.
    emitted: HashSet<String>,
    /// Direct chats whose members are not listed, and who wrote in them, by the names of their folders.
    unlisted: BTreeMap<String, (Conversation, BTreeSet<String>)>,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
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
    files.set_read(|entry| entry.name.strip_prefix(&base).is_some_and(is_read));
    let mut context = Context::default();
    for (name, entry) in &inside {
        if *name == "users.json" {
            for_each(entry, sink, &mut |sink, user, raw| person(sink, user, raw))?;
        }
    }
    for (list, kind) in CONVERSATION_LISTS {
        for (_, entry) in inside.iter().filter(|(name, _)| name == list) {
            for_each(entry, sink, &mut |sink, item, raw| {
                conversation(sink, item, raw, *kind, &mut context)
            })?;
        }
    }
    emit_unlisted(&inside, sink, &mut context)?;
    let mut days = 0;
    let mut clock = Clock::default();
    for (name, entry) in &inside {
        match day_folder(name) {
            Some(folder) => {
                days += 1;
                let key = folder_key(folder, entry, sink, &mut context)?;
                for_each(entry, sink, &mut |sink, item, raw| {
                    message(sink, item, (raw, files), &key, &context.channels, &mut clock)
                })?;
            }
            None if IGNORED_FILES.contains(name) => {
                for_each(entry, sink, &mut |sink, _, _| {
                    sink.warn("a record of apps, canvases, lists or huddles, left out", *name)
                })?;
            }
            // The others were read before, or are attached files.
            None => {}
        }
    }
    if days == 0 && top.is_none() {
        return Err(StopReason::WrongFormat(
            "there is no users.json, channels.json or day file".into(),
        ));
    }
    files.report_unused(sink)
}

/// Returns whether a file is part of the format.
fn is_read(name: &str) -> bool {
    name == "users.json"
        || IGNORED_FILES.contains(&name)
        || CONVERSATION_LISTS.iter().any(|(list, _)| *list == name)
        || day_folder(name).is_some()
}

/// Returns the folder of a file with the messages of a day.
fn day_folder(name: &str) -> Option<&str> {
    let (folder, file) = name.split_once('/')?;
    let day = file.strip_suffix(".json")?;
    day.parse::<jiff::civil::Date>().is_ok().then_some(folder)
}

/// Passes on the direct chats whose members are not listed, after reading who wrote in them.
fn emit_unlisted(
    inside: &[(&str, &Entry)],
    sink: &mut Sink<'_>,
    context: &mut Context,
) -> Result<(), StopReason> {
    let mut unlisted = std::mem::take(&mut context.unlisted);
    for (name, entry) in inside {
        let Some(folder) = day_folder(name) else { continue };
        let Some((_, authors)) = unlisted.get_mut(folder) else { continue };
        let mut step = |path: &str| if path.is_empty() { Step::Enter } else { Step::Return };
        read_values(entry, sink, false, &mut step, &mut |sink, _, item, _| {
            let subtype = item.text("subtype").unwrap_or_default();
            if item.key("ts").is_some() && !is_notice(subtype) && !is_change(subtype) {
                authors.insert(sender(sink, &item)?);
            }
            Ok(())
        })?;
    }
    for (conversation, authors) in unlisted.into_values() {
        sink.conversation(conversation.of_authors(authors))?;
    }
    Ok(())
}

/// Calls `on_object` for every object of the list in a file.
fn for_each(
    entry: &Entry,
    sink: &mut Sink<'_>,
    on_object: &mut dyn FnMut(&mut Sink<'_>, &Value, Raw<'_>) -> Result<(), StopReason>,
) -> Result<(), StopReason> {
    let mut step = |path: &str| if path.is_empty() { Step::Enter } else { Step::Return };
    read_values(entry, sink, true, &mut step, &mut |sink, _, value, raw| match value {
        Value::Object(_) => on_object(sink, &value, raw),
        _ => raw.broken(sink, "not an object"),
    })
}

fn person(sink: &mut Sink<'_>, user: &Value, raw: Raw<'_>) -> Result<(), StopReason> {
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
        ..Person::default()
    })
}

fn conversation(
    sink: &mut Sink<'_>,
    item: &Value,
    raw: Raw<'_>,
    kind: ConversationKind,
    context: &mut Context,
) -> Result<(), StopReason> {
    let Some(key) = item.key("id") else { return raw.broken(sink, "a conversation without an id") };
    let name = item.text("name").unwrap_or(&key).to_owned();
    let is_direct = kind == ConversationKind::Direct;
    let folder = if is_direct { key.clone() } else { name.clone() };
    if let Some(other) = context.folders.get(&folder)
        && *other != key
    {
        let reason = "two conversations with the same name: the messages in the folder were assigned to the first";
        sink.warn(reason, folder.clone())?;
    } else {
        context.folders.insert(folder.clone(), key.clone());
    }
    context.channels.insert(key.clone(), name.clone());
    if !context.emitted.insert(key.clone()) {
        return sink.warn("a conversation that is listed twice, imported once", key);
    }
    let value_of = |part| item.get(part).and_then(|part: &Value| part.text("value"));
    let members = item.list("members").iter().filter_map(Value::as_str).map(str::to_owned);
    let mut members: Vec<String> = members.collect();
    if members.is_empty() && !is_direct {
        members.extend(item.key("creator"));
    }
    let conversation = Conversation {
        title: if is_direct { String::new() } else { name },
        topic: value_of("topic").or_else(|| value_of("purpose")).unwrap_or_default().into(),
        kind,
        members,
        created_at: item.get("created").and_then(super::time::any),
        is_archived: item.is("is_archived"),
        key,
        ..Conversation::default()
    };
    if is_direct && conversation.members.is_empty() {
        context.unlisted.insert(folder, (conversation, BTreeSet::new()));
        return Ok(());
    }
    sink.conversation(conversation)
}

/// Returns the key of a folder's conversation.
fn folder_key(
    folder: &str,
    entry: &Entry,
    sink: &mut Sink<'_>,
    context: &mut Context,
) -> Result<String, StopReason> {
    if let Some(key) = context.folders.get(folder) {
        return Ok(key.clone());
    }
    let is_id = context.channels.contains_key(folder);
    context.folders.insert(folder.to_owned(), folder.to_owned());
    if !is_id {
        sink.warn(
            "a folder of an unlisted conversation, imported as a channel",
            entry.name.clone(),
        )?;
        let (key, title) = (folder.to_owned(), folder.to_owned());
        sink.conversation(Conversation { key, title, ..Conversation::default() })?;
    }
    Ok(folder.to_owned())
}

fn is_notice(subtype: &str) -> bool {
    let other_notices = [
        "pinned_item",
        "unpinned_item",
        "bot_add",
        "bot_remove",
        "bot_enable",
        "bot_disable",
        "reminder_add",
    ];
    subtype.starts_with("channel_")
        || subtype.starts_with("group_")
        || other_notices.contains(&subtype)
}

fn is_change(subtype: &str) -> bool {
    matches!(subtype, "message_changed" | "message_deleted")
}

fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    (raw, all_files): (Raw<'_>, &Files),
    conversation: &str,
    channels: &Channels,
    clock: &mut Clock,
) -> Result<(), StopReason> {
    let subtype = item.text("subtype").unwrap_or_default();
    if is_notice(subtype) {
        let reactions = item.list("reactions").iter().filter_map(reaction);
        return sink.notice_with(reactions.map(|reaction| reaction.count).sum());
    }
    if is_change(subtype) {
        return change(sink, item, raw, conversation, channels);
    }
    let ts = item.key("ts");
    if ts.is_none()
        && item.text("text").is_none()
        && item.get("blocks").is_none()
        && item.get("files").is_none()
    {
        return raw.broken(sink, "neither a time nor a text");
    }
    let at = clock.time_or_previous(ts.as_deref().and_then(decimal), sink, || raw.location())?;
    let is_deleted = subtype == "tombstone";
    let sender = sender(sink, item)?;
    let (text, previews) = message_text(item, channels);
    if previews > 0 {
        sink.warn_many("a preview of a link, left out", raw.location(), previews)?;
    }
    let thread = item.key("thread_ts").filter(|thread| Some(thread) != ts.as_ref());
    // A comment on a file or a mention of it refers to a file of an earlier message.
    let is_about = matches!(subtype, "file_comment" | "file_mention");
    let file = item.get("file").filter(|file| file.is_object() && !is_about);
    let files = item.list("files").iter().chain(file);
    let edited = item.get("edited").and_then(|edited| edited.key("ts"));
    sink.message(Message {
        conversation: conversation.into(),
        key: ts.unwrap_or_else(|| super::super::ids::fingerprint(&item.to_string())),
        sender,
        at,
        body: if is_deleted { String::new() } else { text },
        reply_to: thread.clone(),
        thread,
        edited_at: edited.as_deref().and_then(decimal),
        is_deleted,
        is_pinned: !item.list("pinned_to").is_empty(),
        mentions_all: item.text("text").is_some_and(mentions_all),
        reactions: item.list("reactions").iter().filter_map(reaction).collect(),
        files: files.map(|file| attached(file, all_files)).collect(),
        ..Message::default()
    })
}

fn reaction(item: &Value) -> Option<Reaction> {
    let name = item.text("name")?;
    let people: Vec<String> =
        item.list("users").iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let count = item.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
    let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
    Some(Reaction { emoji, count: count.max(people.len() as u64), people })
}

/// Returns an attached file. Slack's export contains no files; other programs add them under their ids.
fn attached(file: &Value, files: &Files) -> AttachedFile {
    let id = file.key("id");
    let name = file.text("name").or_else(|| file.text("title")).or(id.as_deref());
    let name = name.unwrap_or("?").to_owned();
    let paths = id.iter().map(|id| format!("__uploads/{id}/{name}")).collect();
    let bytes = file.int("size").and_then(|size| u64::try_from(size).ok());
    files.attached(&Wanted { name, paths, id, bytes })
}

/// Returns the text of a message, and the number of link previews that were left out.
fn message_text(item: &Value, channels: &Channels) -> (String, u64) {
    let text = item.text("text").map(|text| markdown(text, channels));
    let text = text.unwrap_or_else(|| blocks(item.list("blocks"), channels));
    let (more, previews) = attachments(item.list("attachments"), channels);
    let body =
        [text, more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let is_action = item.text("subtype") == Some("me_message");
    (if is_action { format!("/me {body}") } else { body }, previews)
}

/// Returns the key of a message's sender; passes on a sender who is not listed.
fn sender(sink: &mut Sink<'_>, item: &Value) -> Result<String, StopReason> {
    let commenter = item.get("comment").and_then(|comment| comment.key("user"));
    if let Some(user) = item.key("user").or(commenter) {
        if !sink.has_person(&user) {
            let profile = item.get("user_profile").unwrap_or(&Value::Null);
            let name =
                ["display_name", "real_name", "name"].iter().find_map(|key| profile.text(key));
            let name = name.or_else(|| item.text("username"));
            let name = if user == "USLACKBOT" { name.or(Some("Slackbot")) } else { name };
            let username = profile.text("name").unwrap_or_default().into();
            let (key, name) = (user.clone(), name.unwrap_or_default().into());
            sink.person(Person { key, username, name, ..Person::default() })?;
        }
        return Ok(user);
    }
    let profile = item.get("bot_profile").unwrap_or(&Value::Null);
    let id = item.key("bot_id").unwrap_or_default();
    let name = item.text("username").or_else(|| profile.text("name")).unwrap_or(&id).to_owned();
    let key = format!("bot {id} {name}");
    let name = if name.is_empty() { "?".to_owned() } else { name };
    sink.person(Person { key: key.clone(), name, is_bot: true, ..Person::default() })?;
    Ok(key)
}

/// Reads a change of a message, in exports with every edit.
fn change(
    sink: &mut Sink<'_>,
    item: &Value,
    raw: Raw<'_>,
    conversation: &str,
    channels: &Channels,
) -> Result<(), StopReason> {
    let before = item.get("previous_message").unwrap_or(&Value::Null);
    let changed = item.get("message").and_then(|message| message.key("ts"));
    let key = before.key("ts").or(changed).or_else(|| item.key("deleted_ts"));
    let at = item.key("ts").as_deref().and_then(decimal);
    let (Some(key), Some(at)) = (key, at) else {
        return raw.broken(sink, "a change without the message's time");
    };
    if item.text("subtype") == Some("message_deleted") {
        return sink.amend((conversation, &key), MessageChange::Deleted, at);
    }
    let (text, _) = message_text(before, channels);
    if text.is_empty() {
        return sink
            .warn("a change of a message without its previous text, left out", raw.location());
    }
    sink.amend((conversation, &key), MessageChange::Earlier(text), at)
}
