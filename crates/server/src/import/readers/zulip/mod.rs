//! Zulip's export: realm.json, and messages in files of a thousand or so.

mod text;

use super::time::{Clock, any};
use crate::import::form::{Conversation, Kind, Message, Person, Reaction, Sink, Stop};
use crate::import::input::json::{Parts, Raw, Step, parse, pieces};
use crate::import::input::{Entry, Files};
use crate::import::text::emoji;
use crate::import::text::markdown::escaped;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

use text::{Names, markdown};

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
/// Tables whose rows people would miss.
const LEFT: &[&str] = &[
    "zerver_realmemoji",
    "zerver_customprofilefieldvalue",
    "zerver_usertopic",
    "zerver_submessage",
];

/// What is known before the messages.
#[derive(Default)]
struct Known {
    /// What each recipient is: its type, and the id of that.
    recipients: HashMap<i64, (i64, i64)>,
    subscribers: HashMap<i64, BTreeSet<i64>>,
    streams: HashMap<i64, String>,
    names: Names,
    reactions: HashMap<i64, Vec<(String, i64)>>,
    told: HashSet<String>,
    /// The first message of each topic.
    topics: HashMap<(i64, String), (i64, u32)>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut known = Known::default();
    let mut streams = Vec::new();
    if let Some(realm) = files.named("realm.json") {
        tables(realm, sink, &mut known, &mut streams)?;
    }
    let is_messages = |entry: &&Entry| {
        entry.file_name().starts_with("messages-") && entry.file_name().ends_with(".json")
    };
    for stream in streams {
        tell_stream(sink, &stream, &mut known)?;
    }
    let mut huddles: Vec<i64> =
        known.recipients.iter().filter(|(_, one)| one.0 == 3).map(|(id, _)| *id).collect();
    huddles.sort_unstable();
    for huddle in huddles {
        conversation(sink, huddle, None, &mut known)?;
    }
    let messages: Vec<&Entry> = files.entries.iter().filter(is_messages).collect();
    if messages.is_empty() && files.named("realm.json").is_none() {
        return Err(Stop::Wrong("there is no realm.json or messages-000001.json".into()));
    }
    for entry in &messages {
        each_message(entry, sink, false, &mut |_, one, _| {
            learn_topic(one, &mut known);
            Ok(())
        })?;
    }
    for entry in &messages {
        each_message(entry, sink, true, &mut |sink, one, raw| message(sink, one, raw, &mut known))?;
    }
    for entry in &files.entries {
        let is_read = is_messages(&entry) || entry.ending() == "json";
        if !is_read {
            sink.left("a file's content, left out", entry.name.clone())?;
        }
    }
    Ok(())
}

fn each_message(
    entry: &Entry,
    sink: &mut Sink<'_>,
    is_counted: bool,
    take: &mut dyn FnMut(&mut Sink<'_>, &Value, Raw<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut step = |path: &str| match path {
        "" | "/zerver_message" => Step::Open,
        "/zerver_usermessage" => Step::Skip,
        _ => Step::Take,
    };
    let mut is_found = false;
    pieces(entry, sink, is_counted, &mut step, &mut |sink, path, value, raw| match path {
        "/zerver_message/*" if value.is_object() => {
            is_found = true;
            take(sink, &value, raw)
        }
        _ if is_counted => raw.broken(sink, "no message and no list of them"),
        _ => Ok(()),
    })?;
    if is_counted && !is_found {
        sink.left("a file without messages", entry.name.clone())?;
    }
    Ok(())
}

fn tables(
    realm: &Entry,
    sink: &mut Sink<'_>,
    known: &mut Known,
    streams: &mut Vec<Value>,
) -> Result<(), Stop> {
    let mut step = |path: &str| {
        let table = path.trim_start_matches('/').trim_end_matches("/*");
        match path.is_empty() || TABLES.contains(&table) || LEFT.contains(&table) {
            true if path.ends_with("/*") => Step::Take,
            true => Step::Open,
            false => Step::Skip,
        }
    };
    pieces(realm, sink, true, &mut step, &mut |sink, path, row, raw| {
        let table = path.trim_start_matches('/').trim_end_matches("/*");
        let id = row.int("id");
        match (table, id) {
            ("zerver_recipient", Some(id)) => {
                let what = row.int("type").unwrap_or(0);
                known.recipients.insert(id, (what, row.int("type_id").unwrap_or(0)));
            }
            ("zerver_subscription", _) => {
                if let Some((recipient, user)) = row.int("recipient").zip(row.int("user_profile")) {
                    known.subscribers.entry(recipient).or_default().insert(user);
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
                    known.reactions.entry(message).or_default().push((emoji, user));
                }
            }
            ("zerver_stream", Some(_)) => streams.push(row),
            (table, Some(id)) if table.starts_with("zerver_userprofile") => {
                profile(sink, &row, id, table == "zerver_userprofile", known)?;
            }
            (table, _) if LEFT.contains(&table) => {
                sink.left(
                    "emoji pictures, profile fields, topics' settings and widgets, left out",
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
    known: &mut Known,
) -> Result<(), Stop> {
    let name = row.text("full_name").unwrap_or_default();
    let entry = known.names.entry(name.to_owned()).or_insert(Some(id));
    if *entry != Some(id) {
        *entry = None;
    }
    let email = row.text("delivery_email").or_else(|| row.text("email")).unwrap_or_default();
    // The servers' own bots are told when one of them says something.
    if !is_listed && row.is("is_bot") {
        known.told.insert(format!("bot {id}\n{name}"));
        return Ok(());
    }
    sink.person(Person {
        key: id.to_string(),
        username: email.split('@').next().unwrap_or_default().to_owned(),
        name: name.into(),
        email: email.into(),
        is_bot: row.is("is_bot"),
        is_listed,
    })
}

fn tell_stream(sink: &mut Sink<'_>, stream: &Value, known: &mut Known) -> Result<(), Stop> {
    let id = stream.int("id").unwrap_or(0);
    let name = stream.text("name").unwrap_or_default().to_owned();
    known.streams.insert(id, name.clone());
    let recipient = stream.int("recipient").or_else(|| {
        known.recipients.iter().find(|(_, one)| **one == (2, id)).map(|(recipient, _)| *recipient)
    });
    let members = recipient.and_then(|recipient| known.subscribers.get(&recipient));
    let members = members.into_iter().flatten().map(i64::to_string).collect();
    let key = format!("stream {id}");
    known.told.insert(key.clone());
    sink.conversation(Conversation {
        key,
        title: name.trim_start_matches('!').to_owned(),
        topic: stream.text("description").unwrap_or_default().into(),
        kind: if stream.is("invite_only") { Kind::Private } else { Kind::Public },
        members,
        created_at: stream.get("date_created").and_then(any),
        is_archived: stream.is("deactivated"),
        is_thread: false,
    })
}

/// The key of a recipient's conversation, which is handed over the first time.
fn conversation(
    sink: &mut Sink<'_>,
    recipient: i64,
    sender: Option<i64>,
    known: &mut Known,
) -> Result<String, Stop> {
    let members: BTreeSet<i64> = match known.recipients.get(&recipient) {
        Some((2, id)) => return stranger_stream(sink, *id, known),
        Some((1, user)) => [Some(*user), sender].into_iter().flatten().collect(),
        Some((3, _)) => known.subscribers.get(&recipient).cloned().unwrap_or_default(),
        _ => BTreeSet::new(),
    };
    let key = if members.is_empty() {
        format!("recipient {recipient}")
    } else {
        let ids: Vec<String> = members.iter().map(i64::to_string).collect();
        format!("direct {}", ids.join(","))
    };
    if known.told.insert(key.clone()) {
        let kind = if (1..=2).contains(&members.len()) { Kind::Direct } else { Kind::Group };
        let ids: Vec<String> = members.iter().map(i64::to_string).collect();
        for id in &ids {
            sink.stranger(id, "")?;
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

fn stranger_stream(sink: &mut Sink<'_>, id: i64, known: &mut Known) -> Result<String, Stop> {
    let key = format!("stream {id}");
    if known.told.insert(key.clone()) {
        let title = format!("#{id}");
        sink.conversation(Conversation { key: key.clone(), title, ..Conversation::default() })?;
    }
    Ok(key)
}

/// The topic that a message is in, if it is in a channel's.
fn topic(one: &Value, known: &Known) -> Option<(i64, String)> {
    let recipient = one.int("recipient")?;
    let is_channel = known.recipients.get(&recipient).is_some_and(|what| what.0 == 2);
    let topic = one.text("subject")?;
    is_channel.then(|| (recipient, topic.trim_start_matches("✔ ").to_lowercase()))
}

fn learn_topic(one: &Value, known: &mut Known) {
    if let Some((topic, id)) = topic(one, known).zip(one.int("id")) {
        let first = known.topics.entry(topic).or_insert((id, 0));
        first.0 = first.0.min(id);
    }
}

fn message(sink: &mut Sink<'_>, one: &Value, raw: Raw<'_>, known: &mut Known) -> Result<(), Stop> {
    let (Some(recipient), Some(sender)) = (one.int("recipient"), one.int("sender")) else {
        return raw.broken(sink, "a message without its sender or its place");
    };
    let id = one.int("id");
    let at = known.clock.at(one.get("date_sent").and_then(any), sink, || raw.place())?;
    let key = sender.to_string();
    if !sink.has_met(&key) {
        let prefix = format!("bot {sender}\n");
        let bot = known.told.iter().find_map(|told| told.strip_prefix(&prefix).map(str::to_owned));
        let (name, is_bot) = (bot.clone().unwrap_or_default(), bot.is_some());
        sink.person(Person { key: key.clone(), name, is_bot, ..Person::default() })?;
    }
    let conversation = conversation(sink, recipient, Some(sender), known)?;
    let content = one.text("content").unwrap_or_default();
    let (mut body, files, calls_all) = markdown(content, &known.names);
    let (mut reply_to, mut thread) = (None, None);
    if let Some(first) = topic(one, known).and_then(|topic| known.topics.get(&topic)) {
        thread = Some(first.0.to_string());
        if Some(first.0) == id {
            let subject = one.text("subject").unwrap_or_default();
            body = format!("**{}**\n\n{body}", escaped(subject));
        } else {
            reply_to = Some(first.0.to_string());
        }
    }
    let mut people: Vec<Reaction> = Vec::new();
    for (emoji, user) in id.and_then(|id| known.reactions.remove(&id)).unwrap_or_default() {
        sink.stranger(&user.to_string(), "")?;
        match people.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => {
                reaction.count += 1;
                reaction.people.push(user.to_string());
            }
            None => people.push(Reaction { emoji, people: vec![user.to_string()], count: 1 }),
        }
    }
    let history =
        one.text("edit_history").and_then(|text| parse(text.as_bytes())).unwrap_or_default();
    let earlier = |edit: &Value| {
        let (text, _, _) = markdown(edit.text("prev_content")?, &known.names);
        Some((text, edit.get("timestamp").and_then(any)?))
    };
    let history = history.as_array().map_or(&[][..], Vec::as_slice);
    let earlier: Vec<_> = history.iter().rev().filter_map(earlier).collect();
    let edited_at = earlier.last().map(|(_, at)| *at);
    sink.message(Message {
        conversation,
        key: id
            .map_or_else(|| crate::import::ids::fingerprint(&one.to_string()), |id| id.to_string()),
        sender: key,
        at,
        body,
        reply_to,
        thread,
        edited_at,
        earlier,
        calls_all,
        reactions: people,
        files,
        ..Message::default()
    })
}
