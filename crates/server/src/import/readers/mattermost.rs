//! Mattermost's bulk export: one JSON object per line.

use super::super::input::json::{Fields, parse};
use super::super::input::{Entry, Files, Lines, Wanted};
use super::super::records::body::{person, without_marks};
use super::super::records::{
    AttachedFile, Conversation, ConversationKind, Message, Person, Reaction, Sink, StopReason,
};
use super::super::text::emoji;
use super::super::text::markdown::outside_code;
use super::time::{Clock, millis};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The folder of attached files.
const DATA: &str = "data";

/// What is collected before the messages are read.
struct Context<'a> {
    files: &'a Files,
    /// The file that is being read.
    entry: &'a Entry,
    channels: Vec<Conversation>,
    members: HashMap<String, Vec<String>>,
    emitted: HashSet<String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    files.set_read(is_read);
    let mut entries = files.entries.iter().filter(|entry| is_read(entry)).peekable();
    let Some(&first) = entries.peek() else {
        return Err(StopReason::WrongFormat("there is no .jsonl file".into()));
    };
    let mut context = Context {
        files,
        entry: first,
        channels: Vec::new(),
        members: HashMap::new(),
        emitted: HashSet::new(),
        clock: Clock::default(),
    };
    for entry in entries {
        context.entry = entry;
        lines(sink, &mut context)?;
    }
    emit_channels(sink, &mut context)?;
    files.report_unused(sink)
}

/// Returns whether a file has lines of the export: attached files can have any name.
fn is_read(entry: &Entry) -> bool {
    matches!(entry.extension().as_str(), "jsonl" | "ndjson" | "json")
        && !entry.is_below(|folder| folder == DATA)
}

fn lines(sink: &mut Sink<'_>, context: &mut Context<'_>) -> Result<(), StopReason> {
    let entry = context.entry;
    let mut lines = Lines::open(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let location = format!("{}:{}", entry.name, line.number);
        let value = parse(&line.bytes).unwrap_or_default();
        let kind = value.text("type").unwrap_or_default().to_owned();
        let is_valid = match value.get(&kind) {
            Some(item) => read_object(sink, &kind, item, &location, context)?,
            None => false,
        };
        if !is_valid {
            let reason = if value.is_null() { "not JSON" } else { "an unknown kind of line" };
            sink.broken(location, reason, &line.bytes)?;
        }
    }
    Ok(())
}

/// Reads a line; returns whether it is valid.
fn read_object(
    sink: &mut Sink<'_>,
    kind: &str,
    item: &Value,
    location: &str,
    context: &mut Context<'_>,
) -> Result<bool, StopReason> {
    match kind {
        "version" | "team" | "role" | "scheme" | "preference" => {}
        "emoji" => sink.warn("the picture of a custom emoji, left out", location)?,
        "channel" => return Ok(channel(item, context)),
        "user" => return user(sink, item, context),
        "bot" => {
            let Some(key) = item.key("username") else { return Ok(false) };
            let name = item.text("display_name").unwrap_or_default().into();
            let username = key.clone();
            sink.person(Person {
                key,
                username,
                name,
                is_bot: true,
                is_listed: true,
                ..Person::default()
            })?;
        }
        "direct_channel" => {
            emit_channels(sink, context)?;
            let members = names(item.list("members").iter().chain(item.list("participants")));
            if members.is_empty() {
                return Ok(false);
            }
            direct(sink, members, item.text("header").unwrap_or_default(), context)?;
        }
        "post" => {
            emit_channels(sink, context)?;
            let Some((team, channel)) = item.key("team").zip(item.key("channel")) else {
                return Ok(false);
            };
            let key = format!("{team}/{channel}");
            if context.emitted.insert(key.clone()) {
                sink.warn("an unlisted channel, imported as a public one", location)?;
                let (key, title) = (key.clone(), channel);
                sink.conversation(Conversation { key, title, ..Conversation::default() })?;
            }
            return post(sink, item, &key, location, context);
        }
        "direct_post" => {
            emit_channels(sink, context)?;
            let members = names(item.list("channel_members").iter());
            if members.is_empty() {
                return Ok(false);
            }
            let key = direct(sink, members, "", context)?;
            return post(sink, item, &key, location, context);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn names<'a>(list: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    list.filter_map(|item| item.as_str().map(str::to_owned).or_else(|| item.key("username")))
        .collect()
}

fn channel(item: &Value, context: &mut Context<'_>) -> bool {
    let Some((team, name)) = item.key("team").zip(item.key("name")) else { return false };
    let archived_at = item.int("deleted_at").filter(|at| *at > 0);
    let about = item.text("purpose").or_else(|| item.text("header"));
    context.channels.push(Conversation {
        key: format!("{team}/{name}"),
        title: item.text("display_name").unwrap_or(&name).into(),
        topic: about.unwrap_or_default().into(),
        kind: if item.text("type") == Some("P") {
            ConversationKind::Private
        } else {
            ConversationKind::Public
        },
        is_archived: archived_at.is_some(),
        archived_at: archived_at.and_then(millis),
        ..Conversation::default()
    });
    true
}

fn user(sink: &mut Sink<'_>, item: &Value, context: &mut Context<'_>) -> Result<bool, StopReason> {
    let Some(key) = item.key("username") else { return Ok(false) };
    for team in item.list("teams") {
        let name = team.key("name").unwrap_or_default();
        for channel in team.list("channels") {
            let channel = format!("{name}/{}", channel.key("name").unwrap_or_default());
            context.members.entry(channel).or_default().push(key.clone());
        }
    }
    let full_name =
        [item.text("first_name"), item.text("last_name")].into_iter().flatten().collect::<Vec<_>>();
    let name = item.text("nickname").map_or_else(|| full_name.join(" "), str::to_owned);
    let email = item.text("email").unwrap_or_default().into();
    let username = key.clone();
    sink.person(Person { key, username, name, email, is_listed: true, ..Person::default() })?;
    Ok(true)
}

/// Passes on the channels, once their members are known.
fn emit_channels(sink: &mut Sink<'_>, context: &mut Context<'_>) -> Result<(), StopReason> {
    for mut channel in std::mem::take(&mut context.channels) {
        if context.emitted.insert(channel.key.clone()) {
            channel.members = context.members.remove(&channel.key).unwrap_or_default();
            sink.conversation(channel)?;
        }
    }
    Ok(())
}

fn direct(
    sink: &mut Sink<'_>,
    members: BTreeSet<String>,
    topic: &str,
    context: &mut Context<'_>,
) -> Result<String, StopReason> {
    let members: Vec<String> = members.into_iter().collect();
    let key = format!("direct {}", members.join(","));
    if context.emitted.insert(key.clone()) {
        for member in &members {
            emit_unlisted(sink, member)?;
        }
        let kind =
            if members.len() <= 2 { ConversationKind::Direct } else { ConversationKind::Group };
        let (title, topic) = (members.join(", "), topic.into());
        sink.conversation(Conversation {
            key: key.clone(),
            title,
            topic,
            kind,
            members,
            ..Conversation::default()
        })?;
    }
    Ok(key)
}

/// Passes on a person who is not listed.
fn emit_unlisted(sink: &mut Sink<'_>, username: &str) -> Result<(), StopReason> {
    if sink.has_person(username) {
        return Ok(());
    }
    sink.person(Person { key: username.into(), username: username.into(), ..Person::default() })
}

fn post(
    sink: &mut Sink<'_>,
    item: &Value,
    conversation: &str,
    location: &str,
    context: &mut Context<'_>,
) -> Result<bool, StopReason> {
    let root = message(sink, item, conversation, None, location, context)?;
    let mut replies: Vec<&Value> = item.list("replies").iter().collect();
    replies.sort_by_key(|reply| reply.int("create_at"));
    for reply in replies {
        if message(sink, reply, conversation, root.as_deref(), location, context)?.is_none() {
            sink.broken(
                location,
                "a reply that could not be parsed",
                reply.to_string().as_bytes(),
            )?;
        }
    }
    Ok(root.is_some())
}

/// Passes on a post or a reply; returns its key, if it is valid.
fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    conversation: &str,
    root: Option<&str>,
    location: &str,
    context: &mut Context<'_>,
) -> Result<Option<String>, StopReason> {
    let (Some(sender), true) =
        (item.key("user"), item.get("message").is_some_and(Value::is_string))
    else {
        return Ok(None);
    };
    let created = item.int("create_at");
    let key = format!("{} {sender}", created.unwrap_or(0));
    if item.text("type").is_some_and(|kind| kind.starts_with("system_")) {
        sink.notice()?;
        return Ok(Some(key));
    }
    emit_unlisted(sink, &sender)?;
    let sent_at =
        context.clock.time_or_previous(created.and_then(millis), sink, || location.to_owned())?;
    let text = item.text("message").map(str::to_owned).unwrap_or_else(|| attachment_text(item));
    let reactions = reactions(sink, item.list("reactions"))?;
    let files = item.list("attachments").iter().filter_map(|file| attached(file, context));
    let files = files.collect();
    let (body, mentions_all) = markdown(&text, &|name| sink.has_person(name));
    sink.message(Message {
        conversation: conversation.into(),
        key: key.clone(),
        sender,
        at: sent_at,
        body,
        reply_to: root.map(str::to_owned),
        thread: root.map(str::to_owned),
        edited_at: item.int("edit_at").filter(|at| *at > 0).and_then(millis),
        is_pinned: item.is("is_pinned"),
        mentions_all,
        reactions,
        files,
        ..Message::default()
    })?;
    Ok(Some(key))
}

/// Returns an attached file.
fn attached(file: &Value, context: &Context<'_>) -> Option<AttachedFile> {
    let path = file.text("path")?;
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let entry = context.entry;
    let paths = vec![entry.beside(&format!("{DATA}/{path}")), entry.beside(path)];
    Some(context.files.attached(&Wanted { name, paths, ..Wanted::default() }))
}

/// Returns the text of a bot's message attachments, for messages without text of their own.
fn attachment_text(item: &Value) -> String {
    let props = match item.get("props") {
        Some(Value::String(props)) => parse(props.as_bytes()).unwrap_or_default(),
        props => props.cloned().unwrap_or_default(),
    };
    let text = |attachment: &Value| {
        ["text", "fallback", "title"].iter().find_map(|key| attachment.text(key).map(str::to_owned))
    };
    props.list("attachments").iter().filter_map(text).collect::<Vec<_>>().join("\n\n")
}

fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, StopReason> {
    let mut reactions: Vec<Reaction> = Vec::new();
    for item in list {
        let Some(name) = item.text("emoji_name") else { continue };
        let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
        let index = reactions.iter().position(|reaction| reaction.emoji == emoji);
        let index = index.unwrap_or_else(|| {
            reactions.push(Reaction { emoji, ..Reaction::default() });
            reactions.len() - 1
        });
        reactions[index].count += 1;
        if let Some(user) = item.key("user") {
            emit_unlisted(sink, &user)?;
            reactions[index].people.push(user);
        }
    }
    Ok(reactions)
}

/// Returns a text with references to its people, and whether it mentions everybody.
fn markdown(text: &str, is_known: &dyn Fn(&str) -> bool) -> (String, bool) {
    let mentions_all = std::cell::Cell::new(false);
    let change = |part: &str| {
        let mut out = String::new();
        let mut rest = part;
        while let Some(at) = rest.find('@') {
            let before = rest[..at].chars().next_back();
            out.push_str(&emoji::in_text(&rest[..at]));
            let after = &rest[at + 1..];
            let end = after
                .find(|c: char| !c.is_alphanumeric() && !"._-".contains(c))
                .unwrap_or(after.len());
            let full_name = &after[..end];
            let name = if is_known(full_name) {
                full_name
            } else {
                full_name.trim_end_matches(['.', '-', '_'])
            };
            let is_word_start = !before.is_some_and(char::is_alphanumeric);
            match name {
                "all" | "channel" | "here" if is_word_start => {
                    mentions_all.set(true);
                    out.push_str(if name == "here" { "@here" } else { "@all" });
                }
                name if is_word_start && !name.is_empty() && is_known(name) => {
                    out.push_str(&person(name))
                }
                name => {
                    out.push('@');
                    out.push_str(name);
                }
            }
            rest = &after[name.len()..];
        }
        out + &emoji::in_text(rest)
    };
    (outside_code(&without_marks(text), &change), mentions_all.get())
}
