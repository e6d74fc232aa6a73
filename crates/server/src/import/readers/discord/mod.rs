//! DiscordChatExporter's JSON: a file for each channel, thread or direct chat, or several for a long one.

mod people;
mod text;

use super::time::{Clock, iso};
use crate::import::input::json::{Fields, Raw, Step, read_values, without_messages};
use crate::import::input::{Entry, Files, Wanted};
use crate::import::records::{
    AttachedFile, Conversation, ConversationKind, Message, Sink, StopReason,
};
use crate::import::text::markdown::{escaped, quoted};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

use people::{reactions, sender};
use text::{embed_text, markdown, poll_text};

/// Types of messages that people write. Messages of unknown types are imported if they have a text.
const MESSAGE_TYPES: &[&str] = &[
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
/// Types of notices.
const NOTICE_TYPES: &[&str] = &[
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
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    let mut emitted = HashSet::new();
    let mut names = HashMap::new();
    let mut headers = Vec::new();
    files.set_read(is_read);
    for entry in files.entries.iter().filter(|entry| is_read(entry)) {
        let header = without_messages(entry, sink)?;
        let channel = header.get("channel").unwrap_or(&Value::Null);
        if let Some((id, name)) = channel.key("id").zip(channel.text("name")) {
            names.insert(id, name.to_owned());
        }
        headers.push((entry, header));
    }
    let mut authors: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (entry, header) in &headers {
        let channel = header.get("channel").unwrap_or(&Value::Null);
        if kind(channel) == ConversationKind::Direct {
            collect_authors(entry, sink, authors.entry(key(channel, entry)).or_default())?;
        }
    }
    for (entry, header) in headers {
        let channel = header.get("channel").unwrap_or(&Value::Null);
        let key = key(channel, entry);
        if emitted.insert(key.clone()) {
            if channel.is_null() {
                sink.warn("a file without a channel, named after the file", entry.name.clone())?;
            }
            let conversation = conversation(&header, channel, &key, stem(entry));
            sink.conversation(match conversation.kind {
                ConversationKind::Direct => {
                    conversation.of_authors(authors.remove(&key).unwrap_or_default())
                }
                _ => conversation,
            })?;
        }
        messages(Place { files, entry }, sink, &key, &names)?;
    }
    files.report_unused(sink)
}

/// Returns whether a file is a channel: downloaded media are in folders next to it.
fn is_read(entry: &Entry) -> bool {
    let is_media = |folder: &str| folder.ends_with("_Files") || folder == "_media";
    entry.extension() == "json" && !entry.is_below(is_media)
}

/// A channel's file, and where the files attached to its messages are.
#[derive(Clone, Copy)]
struct Place<'a> {
    files: &'a Files,
    entry: &'a Entry,
}

impl Place<'_> {
    /// Returns an attached file. Its URL is a path if it was downloaded.
    fn attached(self, file: &Value) -> AttachedFile {
        let url = file.text("url").filter(|url| !url.contains("://"));
        self.files.attached(&Wanted {
            name: file.text("fileName").unwrap_or("?").to_owned(),
            paths: url.map(|path| self.entry.beside(path)).into_iter().collect(),
            id: file.key("id"),
            bytes: file.int("fileSizeBytes").and_then(|size| u64::try_from(size).ok()),
        })
    }
}

fn stem(entry: &Entry) -> &str {
    entry.file_name().trim_end_matches(".json")
}

fn key(channel: &Value, entry: &Entry) -> String {
    channel.key("id").unwrap_or_else(|| stem(entry).to_owned())
}

fn kind(channel: &Value) -> ConversationKind {
    match channel.key("type").unwrap_or_default().as_str() {
        "DirectTextChat" | "1" => ConversationKind::Direct,
        "DirectGroupTextChat" | "3" => ConversationKind::Group,
        "GuildPrivateThread" | "12" => ConversationKind::Private,
        _ => ConversationKind::Public,
    }
}

/// Adds the people who wrote in a direct chat, or called the other, since the file does not list its members.
fn collect_authors(
    entry: &Entry,
    sink: &mut Sink<'_>,
    authors: &mut BTreeSet<String>,
) -> Result<(), StopReason> {
    let mut step = |path: &str| match path {
        "" | "/messages" => Step::Enter,
        path if path.starts_with("/messages/") => Step::Return,
        _ => Step::Skip,
    };
    read_values(entry, sink, false, &mut step, &mut |sink, _, item, _| {
        if let Some(author) = item.get("author").filter(|author| author.is_object()) {
            authors.insert(sender(sink, author)?);
        }
        Ok(())
    })
}

fn conversation(header: &Value, channel: &Value, key: &str, stem: &str) -> Conversation {
    let conversation_kind = kind(channel);
    let kind = channel.key("type").unwrap_or_default();
    let is_thread = kind.contains("Thread") || ["10", "11", "12"].contains(&&*kind);
    let name = channel.text("name").unwrap_or(stem);
    let parent = channel.text("category").filter(|_| is_thread);
    let server = header.get("guild").and_then(|guild| guild.text("name"));
    let topic =
        channel.text("topic").or(server.filter(|_| conversation_kind == ConversationKind::Public));
    Conversation {
        key: key.to_owned(),
        title: parent.map_or_else(|| name.to_owned(), |parent| format!("{parent} › {name}")),
        topic: topic.unwrap_or_default().into(),
        kind: conversation_kind,
        is_thread,
        ..Conversation::default()
    }
}

fn messages(
    place: Place<'_>,
    sink: &mut Sink<'_>,
    key: &str,
    names: &HashMap<String, String>,
) -> Result<(), StopReason> {
    let (mut clock, mut is_found, entry) = (Clock::default(), false, place.entry);
    let mut step = |path: &str| match path {
        "" | "/messages" => Step::Enter,
        _ => Step::Return,
    };
    let known = ["/guild", "/channel", "/dateRange", "/exportedAt", "/messageCount"];
    read_values(entry, sink, true, &mut step, &mut |sink, path, value, raw| match path {
        "/messages/*" if value.is_object() => {
            is_found = true;
            message(sink, &value, (raw, place), key, names, &mut clock)
        }
        "/messages/*" => raw.broken(sink, "not an object"),
        path if known.contains(&path) => Ok(()),
        _ => raw.broken(sink, "an unknown part of the file"),
    })?;
    if !is_found && entry.bytes > 0 {
        sink.warn("a file without messages", entry.name.clone())?;
    }
    Ok(())
}

fn message(
    sink: &mut Sink<'_>,
    item: &Value,
    (raw, place): (Raw<'_>, Place<'_>),
    conversation: &str,
    names: &HashMap<String, String>,
    clock: &mut Clock,
) -> Result<(), StopReason> {
    let kind = item.key("type").unwrap_or_else(|| "Default".to_owned());
    let has_text = item.text("content").is_some();
    if NOTICE_TYPES.contains(&&*kind) || !MESSAGE_TYPES.contains(&&*kind) && !has_text {
        return sink.notice();
    }
    let author = item.get("author").unwrap_or(&Value::Null);
    if author.is_null() && !has_text && item.key("id").is_none() {
        return raw.broken(sink, "neither an author nor a text");
    }
    let at =
        clock.time_or_previous(item.text("timestamp").and_then(iso), sink, || raw.location())?;
    let sender = sender(sink, author)?;
    let reference = item.get("reference").unwrap_or(&Value::Null);
    let mut body =
        markdown(item.text("content").unwrap_or_default(), item.list("mentions"), names, sink)?;
    let forwarded = item.get("forwardedMessage").filter(|forwarded| forwarded.is_object());
    if let Some(forwarded) = forwarded {
        let text = markdown(forwarded.text("content").unwrap_or_default(), &[], names, sink)?;
        body = [body, quoted(&text)]
            .into_iter()
            .filter(|part| part.len() > 2)
            .collect::<Vec<_>>()
            .join("\n\n");
    }
    let is_bot = author.is("isBot");
    for embed in item.list("embeds") {
        if is_bot || body.is_empty() {
            let text = embed_text(embed);
            body.push_str(if body.is_empty() || text.is_empty() { "" } else { "\n\n" });
            body.push_str(&text);
        } else {
            sink.warn("a preview of a link, left out", raw.location())?;
        }
    }
    if let Some(poll) = item.get("poll").filter(|poll| poll.is_object()) {
        body.push_str(&poll_text(poll));
    }
    let attachments = item
        .list("attachments")
        .iter()
        .chain(forwarded.map_or(&[][..], |item| item.list("attachments")));
    let mut files: Vec<AttachedFile> = attachments.map(|file| place.attached(file)).collect();
    let stickers = item.list("stickers").iter().filter_map(|sticker| sticker.text("name"));
    let stickers: Vec<String> = stickers.map(str::to_owned).collect();
    if !stickers.is_empty() {
        sink.warn_many("a sticker's picture, left out", raw.location(), stickers.len() as u64)?;
    }
    if body.is_empty() && files.is_empty() && !stickers.is_empty() {
        body = escaped(&stickers.join(", "));
    } else {
        files.extend(stickers.into_iter().map(AttachedFile::missing));
    }
    let reactions = reactions(sink, item.list("reactions"))?;
    sink.message(Message {
        conversation: conversation.into(),
        key: item.key("id").unwrap_or_else(|| crate::import::ids::fingerprint(&item.to_string())),
        sender,
        at,
        body,
        reply_to: reference
            .key("messageId")
            .filter(|_| forwarded.is_none() && kind != "ThreadStarterMessage"),
        edited_at: item.text("timestampEdited").and_then(iso),
        is_pinned: item.is("isPinned"),
        mentions_all: item
            .text("content")
            .is_some_and(|text| text.contains("@everyone") || text.contains("@here")),
        reactions,
        files,
        ..Message::default()
    })
}
