//! Converts a message of an export to rows: its text, split into parts if it is too long, and the digest of its
//! content.

use super::super::ids::fingerprint;
use super::super::records::{Message, body};
use super::super::text::markdown::with_files;
use super::attachments::{Attachments, attachments};
use super::place::conversation_of;
use super::state::{Counts, Occurrence, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::files::FileUse;
use crate::queries::history::IMPORTED;
use parlour_protocol::{
    ConversationId, FileHash, MessageFile, MessageId, MessageRow, UserId, limits, text,
};
use std::collections::HashMap;

/// The text of a message that has none.
const EMPTY_BODY: &str = "—";

/// A message that is ready to be stored.
pub struct Prepared {
    /// Its conversation.
    pub conversation: ConversationId,
    /// The row, without its positions in the streams.
    pub row: MessageRow,
    /// The stored files to which it refers, in the order of the row's.
    pub uses: Vec<FileUse>,
    /// The digest of its content.
    pub digest: String,
    /// Its earlier texts, and the times at which they were replaced.
    pub earlier: Vec<(String, parlour_protocol::Millis)>,
    /// The reactions, with the users who reacted.
    pub reactions: Vec<(&'static str, Vec<UserId>)>,
    /// Whether it may be a copy of a stored message, and older than that.
    pub is_copy: bool,
}

/// Prepares a message. Returns several rows if its text is longer or its files are more than a message may have, and
/// none if it is a duplicate.
pub async fn prepare(
    tx: &Tx,
    state: &mut State,
    message: Message,
    counts: &mut Counts,
) -> Result<Vec<Prepared>, ApiError> {
    let now = message.at;
    // Without the contents of files, which the same export may contain or not.
    let content = content_digest(&message, &[]);
    let mut key = message.key.clone();
    let is_copy = state.source.format.has_copies();
    match state.record_occurrence(&message.conversation, &key, &content) {
        // Copies are merged.
        _ if is_copy => {}
        Occurrence::First => {}
        Occurrence::Duplicate => {
            let location = format!("{} {key}", message.conversation);
            counts.odd.push(("a message that occurs twice, imported once", location));
            return Ok(Vec::new());
        }
        Occurrence::Conflict => {
            let location = format!("{} {key}", message.conversation);
            counts.odd.push((
                "another message with an id that occurred before, imported under an id of its own",
                location,
            ));
            key = format!("{key}~{content}");
        }
    }
    let (sender, _) = state.people.find_or_create(tx, &message.sender, now).await?;
    let id = conversation_of(tx, state, &message, sender, counts).await?;
    let row_id = |number: usize| {
        let key = if number == 0 { key.clone() } else { format!("{key}#{number}") };
        state.source.message(&message.conversation, &key)
    };
    let Attachments { files, missing } = attachments(tx, sender, &message, row_id).await?;
    let hashes: Vec<FileHash> = files.iter().map(|(file, _)| file.hash).collect();
    let digest = format!("{IMPORTED} {}", content_digest(&message, &hashes));
    let body = with_files(&message.body, &missing);
    let (body, mut mentions) = with_names(tx, state, &body, now).await?;
    let details = message.details.as_deref().cloned().unwrap_or_default();
    if message.details.is_some() {
        // The export lists them.
        mentions.clear();
    }
    for person in &details.mentions {
        let (user, _) = state.people.find_or_create(tx, person, now).await?;
        if !mentions.contains(&user) && mentions.len() < limits::MENTIONS {
            mentions.push(user);
        }
    }
    let body = text::without_controls(&body).into_owned();
    let body = match (message.is_deleted, text::is_blank(&body)) {
        (true, _) => String::new(),
        (false, true) if files.is_empty() => EMPTY_BODY.to_owned(),
        (false, true) => String::new(),
        (false, false) => body,
    };
    let mut earlier = Vec::new();
    for (before, at) in &message.earlier {
        let (before, _) = with_names(tx, state, before, now).await?;
        let before = text::without_controls(&before).into_owned();
        earlier.push((split_body(&before).first().copied().unwrap_or_default().to_owned(), *at));
    }
    let mut reactions = Vec::new();
    for reaction in message.reactions.iter().take(limits::REACTIONS) {
        let Some(emoji) = super::super::text::emoji::emoji(&reaction.emoji) else { continue };
        let mut users = Vec::new();
        for person in &reaction.people {
            users.push(state.people.find_or_create(tx, person, now).await?.0);
        }
        reactions.push((emoji, users));
    }
    let reply_to = message.reply_to.as_deref();
    let reply_to = reply_to.map(|to| state.source.message(&message.conversation, to));
    let mut prepared = Vec::new();
    let (texts, mut files) = (split_body(&body), files.into_iter());
    let count = texts.len().max(files.len().div_ceil(limits::FILES));
    for number in 0..count {
        let key = if number == 0 { key.clone() } else { format!("{key}#{number}") };
        let row_id: MessageId = state.source.message(&message.conversation, &key);
        let part = texts.get(number).copied().unwrap_or_default();
        let mut row = MessageRow::new(row_id, sender, part, now);
        let (row_files, uses): (Vec<MessageFile>, Vec<FileUse>) =
            files.by_ref().take(limits::FILES).unzip();
        row.files = row_files;
        row.reply_to = reply_to;
        row.edited_at = message.edited_at;
        let deleted_at = details.deleted_at.or(message.edited_at).unwrap_or(now);
        row.deleted_at = message.is_deleted.then_some(deleted_at);
        let pinned_at = details.pinned_at.unwrap_or(now);
        row.pinned_at = (message.is_pinned && number == 0).then_some(pinned_at);
        row.mentions.clone_from(&mentions);
        row.mentions_all = message.mentions_all;
        let (mut part_earlier, mut part_reactions) = (Vec::new(), Vec::new());
        if number == 0 {
            (part_earlier, part_reactions) =
                (std::mem::take(&mut earlier), std::mem::take(&mut reactions));
        } else {
            let reason =
                "a message that is too long or has too many files for one, split into several";
            counts.odd.push((reason, key));
        }
        prepared.push(Prepared {
            conversation: id,
            row,
            uses,
            digest: digest.clone(),
            earlier: part_earlier,
            reactions: part_reactions,
            is_copy,
        });
    }
    Ok(prepared)
}

/// Returns a digest of a message's content, with those of its files that are stored. Without any, it is the one of
/// versions that imported no files.
fn content_digest(message: &Message, stored: &[FileHash]) -> String {
    let Message { sender, body, reply_to, earlier, files, .. } = message;
    let earlier: Vec<_> = earlier.iter().map(|(before, at)| (before, at.0)).collect();
    let reactions = message.reactions.iter();
    let reactions: Vec<_> =
        reactions.map(|reaction| (&reaction.emoji, &reaction.people, reaction.count)).collect();
    let times = (message.at.0, message.edited_at.map(|at| at.0));
    let flags = (message.is_deleted, message.is_pinned, message.mentions_all);
    let files: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let all = (sender, body, reply_to, earlier, files, reactions, times, flags);
    match stored {
        [] => fingerprint(&format!("{all:?}")),
        stored => fingerprint(&format!("{all:?} {stored:?}")),
    }
}

/// Returns a text with the usernames of the people it mentions, and their ids.
async fn with_names(
    tx: &Tx,
    state: &mut State,
    body: &str,
    now: parlour_protocol::Millis,
) -> Result<(String, Vec<UserId>), ApiError> {
    let mut names = HashMap::new();
    let mut mentions = Vec::new();
    let keys: Vec<String> = body::people(body).map(str::to_owned).collect();
    for key in keys {
        let (id, name) = state.people.find_or_create(tx, &key, now).await?;
        if !mentions.contains(&id) && mentions.len() < limits::MENTIONS {
            mentions.push(id);
        }
        names.insert(key, name);
    }
    let name = |key: &str| format!("@{}", names.get(key).map_or(key, String::as_str));
    Ok((body::with_names(body, name), mentions))
}

/// Splits a text into parts that fit into a message, at line ends where possible.
fn split_body(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while rest.len() > limits::BODY_BYTES {
        let mut end = limits::BODY_BYTES;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let line = rest[..end].rfind('\n').filter(|at| *at > end / 2);
        let end = line.map_or(end, |at| at + 1);
        parts.push(&rest[..end]);
        rest = &rest[end..];
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(rest);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_split_without_loss() {
        let long = "ä\n".repeat(limits::BODY_BYTES);
        let split = split_body(&long);
        assert!(split.iter().all(|part| part.len() <= limits::BODY_BYTES));
        assert_eq!(split.concat(), long);
        assert_eq!(split_body(""), [""]);
    }
}
