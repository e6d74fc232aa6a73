//! DiscordChatExporter's JSON: a file for each channel, thread or direct chat, or several for a long one.

mod people;
mod text;

use super::time::{Clock, iso};
use crate::import::form::{Conversation, Kind, Message, Sink, Stop};
use crate::import::input::json::{Parts, Raw, Step, pieces, without_messages};
use crate::import::input::{Entry, Files};
use crate::import::text::markdown::{escaped, quoted};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

use people::{reactions, sender};
use text::{embedded, markdown, polled};

/// What people say. Of the others, those with a text are kept if they are not known.
const SAID: &[&str] = &[
    "Default",
    "Reply",
    "ChatInputCommand",
    "ContextMenuCommand",
    "ThreadStarterMessage",
    "0",
    "19",
    "20",
    "21",
    "23",
];
/// What nobody says.
const NOTICES: &[&str] = &[
    "RecipientAdd",
    "RecipientRemove",
    "Call",
    "ChannelNameChange",
    "ChannelIconChange",
    "ChannelPinnedMessage",
    "GuildMemberJoin",
    "UserPremiumGuildSubscription",
    "UserPremiumGuildSubscriptionTier1",
    "UserPremiumGuildSubscriptionTier2",
    "UserPremiumGuildSubscriptionTier3",
    "ChannelFollowAdd",
    "GuildDiscoveryDisqualified",
    "GuildDiscoveryRequalified",
    "ThreadCreated",
    "GuildInviteReminder",
    "AutoModerationAction",
    "StageStart",
    "StageEnd",
    "StageSpeaker",
    "StageTopic",
];

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut told = HashSet::new();
    let mut names = HashMap::new();
    let mut heads = Vec::new();
    for entry in &files.entries {
        // Files that were taken along lie beside the export.
        let is_media =
            entry.name.split('/').any(|part| part.ends_with("_Files") || part == "_media");
        if entry.ending() != "json" || is_media {
            sink.left("a file's content, left out", entry.name.clone())?;
            continue;
        }
        let head = without_messages(entry, sink)?;
        let channel = head.get("channel").unwrap_or(&Value::Null);
        if let Some((id, name)) = channel.key("id").zip(channel.text("name")) {
            names.insert(id, name.to_owned());
        }
        heads.push((entry, head));
    }
    for (entry, head) in heads {
        let channel = head.get("channel").unwrap_or(&Value::Null);
        let stem = entry.file_name().trim_end_matches(".json").to_owned();
        let key = channel.key("id").unwrap_or_else(|| stem.clone());
        if told.insert(key.clone()) {
            if channel.is_null() {
                sink.left("a file without its channel, called by its name", entry.name.clone())?;
            }
            sink.conversation(conversation(&head, channel, &key, &stem))?;
        }
        messages(entry, sink, &key, &names)?;
    }
    Ok(())
}

fn conversation(head: &Value, channel: &Value, key: &str, stem: &str) -> Conversation {
    let kind = channel.key("type").unwrap_or_default();
    let kind_of = match kind.as_str() {
        "DirectTextChat" | "1" => Kind::Direct,
        "DirectGroupTextChat" | "3" => Kind::Group,
        "GuildPrivateThread" | "12" => Kind::Private,
        _ => Kind::Public,
    };
    let is_thread = kind.contains("Thread") || ["10", "11", "12"].contains(&&*kind);
    let name = channel.text("name").unwrap_or(stem);
    let parent = channel.text("category").filter(|_| is_thread);
    let server = head.get("guild").and_then(|guild| guild.text("name"));
    let topic = channel.text("topic").or(server.filter(|_| kind_of == Kind::Public));
    Conversation {
        key: key.to_owned(),
        title: parent.map_or_else(|| name.to_owned(), |parent| format!("{parent} › {name}")),
        topic: topic.unwrap_or_default().into(),
        kind: kind_of,
        is_thread,
        ..Conversation::default()
    }
}

fn messages(
    entry: &Entry,
    sink: &mut Sink<'_>,
    key: &str,
    names: &HashMap<String, String>,
) -> Result<(), Stop> {
    let (mut clock, mut is_found) = (Clock::default(), false);
    let mut step = |path: &str| match path {
        "" | "/messages" => Step::Open,
        _ => Step::Take,
    };
    let known = ["/guild", "/channel", "/dateRange", "/exportedAt", "/messageCount"];
    pieces(entry, sink, true, &mut step, &mut |sink, path, value, raw| match path {
        "/messages/*" if value.is_object() => {
            is_found = true;
            message(sink, &value, raw, key, names, &mut clock)
        }
        "/messages/*" => raw.broken(sink, "not an object"),
        path if known.contains(&path) => Ok(()),
        _ => raw.broken(sink, "a part of the file that is not known"),
    })?;
    if !is_found && entry.bytes > 0 {
        sink.left("a file without messages", entry.name.clone())?;
    }
    Ok(())
}

fn message(
    sink: &mut Sink<'_>,
    one: &Value,
    raw: Raw<'_>,
    conversation: &str,
    names: &HashMap<String, String>,
    clock: &mut Clock,
) -> Result<(), Stop> {
    let kind = one.key("type").unwrap_or_else(|| "Default".to_owned());
    let has_text = one.text("content").is_some();
    if NOTICES.contains(&&*kind) || !SAID.contains(&&*kind) && !has_text {
        return sink.notice();
    }
    let author = one.get("author").unwrap_or(&Value::Null);
    if author.is_null() && !has_text && one.key("id").is_none() {
        return raw.broken(sink, "neither an author nor a text");
    }
    let at = clock.at(one.text("timestamp").and_then(iso), sink, || raw.place())?;
    let sender = sender(sink, author)?;
    let reference = one.get("reference").unwrap_or(&Value::Null);
    let mut body =
        markdown(one.text("content").unwrap_or_default(), one.list("mentions"), names, sink)?;
    let forwarded = one.get("forwardedMessage").filter(|forwarded| forwarded.is_object());
    if let Some(forwarded) = forwarded {
        let text = markdown(forwarded.text("content").unwrap_or_default(), &[], names, sink)?;
        body = [body, quoted(&text)]
            .into_iter()
            .filter(|part| part.len() > 2)
            .collect::<Vec<_>>()
            .join("\n\n");
    }
    let is_bot = author.is("isBot");
    for embed in one.list("embeds") {
        if is_bot || body.is_empty() {
            let text = embedded(embed);
            body.push_str(if body.is_empty() || text.is_empty() { "" } else { "\n\n" });
            body.push_str(&text);
        } else {
            sink.left("a preview of a link, left out", raw.place())?;
        }
    }
    if let Some(poll) = one.get("poll").filter(|poll| poll.is_object()) {
        body.push_str(&polled(poll));
    }
    let all = one
        .list("attachments")
        .iter()
        .chain(forwarded.map_or(&[][..], |one| one.list("attachments")));
    let mut files: Vec<String> =
        all.map(|file| file.text("fileName").unwrap_or("?").to_owned()).collect();
    let stickers = one.list("stickers").iter().filter_map(|sticker| sticker.text("name"));
    let stickers: Vec<String> = stickers.map(str::to_owned).collect();
    if !stickers.is_empty() {
        sink.left_many("a sticker's picture, left out", raw.place(), stickers.len() as u64)?;
    }
    if body.is_empty() && files.is_empty() && !stickers.is_empty() {
        body = escaped(&stickers.join(", "));
    } else {
        files.extend(stickers);
    }
    let reactions = reactions(sink, one.list("reactions"))?;
    sink.message(Message {
        conversation: conversation.into(),
        key: one.key("id").unwrap_or_else(|| crate::import::ids::fingerprint(&one.to_string())),
        sender,
        at,
        body,
        reply_to: reference
            .key("messageId")
            .filter(|_| forwarded.is_none() && kind != "ThreadStarterMessage"),
        edited_at: one.text("timestampEdited").and_then(iso),
        is_pinned: one.is("isPinned"),
        calls_all: one
            .text("content")
            .is_some_and(|text| text.contains("@everyone") || text.contains("@here")),
        reactions,
        files,
        ..Message::default()
    })
}
