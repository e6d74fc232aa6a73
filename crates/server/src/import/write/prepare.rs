//! A message of an export as a row: its text, its parts and what tells it from another content.

use super::super::form::{Message, body};
use super::super::ids::fingerprint;
use super::super::text::markdown::with_files;
use super::places::{add_member, ensure};
use super::state::{Counts, Seen, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::history::IMPORTED;
use parlour_protocol::{ConversationId, MessageId, MessageRow, UserId, limits, text};
use std::collections::HashMap;

/// What stands for a message that says nothing.
const NOTHING: &str = "—";

/// A message that can be stored.
pub struct Prepared {
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The row, without its positions.
    pub row: MessageRow,
    /// What tells its content from another one.
    pub digest: String,
    /// What it said before, and when that was replaced.
    pub earlier: Vec<(String, parlour_protocol::Millis)>,
    /// Who reacted, and how.
    pub reactions: Vec<(&'static str, Vec<UserId>)>,
}

/// Prepares a message: several rows if its text is longer than a message may be, none if it came before.
pub async fn prepare(
    tx: &Tx,
    state: &mut State,
    message: Message,
    counts: &mut Counts,
) -> Result<Vec<Prepared>, ApiError> {
    let now = message.at;
    let content = content(&message);
    let mut key = message.key.clone();
    match state.see(&message.conversation, &key, &content) {
        Seen::First => {}
        Seen::Same => {
            let place = format!("{} {key}", message.conversation);
            counts.odd.push(("a message that comes twice, taken once", place));
            return Ok(Vec::new());
        }
        Seen::Other => {
            let place = format!("{} {key}", message.conversation);
            counts.odd.push((
                "another message under an id that came before, taken as one of its own",
                place,
            ));
            key = format!("{key}~{content}");
        }
    }
    let (sender, _) = state.people.find_or_create(tx, &message.sender, now).await?;
    let id = ensure(tx, state, &message.conversation, (sender, &[sender]), now).await?;
    add_member(tx, state, &message.conversation, id, sender, now).await?;
    let said = with_files(&message.body, &message.files);
    let (said, mentions) = named(tx, state, &said, now).await?;
    let said = text::without_controls(&said).into_owned();
    let said = match (message.is_deleted, text::is_blank(&said)) {
        (true, _) => String::new(),
        (false, true) => NOTHING.to_owned(),
        (false, false) => said,
    };
    let mut earlier = Vec::new();
    for (before, at) in &message.earlier {
        let (before, _) = named(tx, state, before, now).await?;
        let before = text::without_controls(&before).into_owned();
        earlier.push((parts(&before).first().copied().unwrap_or_default().to_owned(), *at));
    }
    let mut reactions = Vec::new();
    for reaction in message.reactions.iter().take(limits::REACTIONS) {
        let Some(emoji) = super::super::text::emoji::emoji(&reaction.emoji) else { continue };
        let mut who = Vec::new();
        for person in &reaction.people {
            who.push(state.people.find_or_create(tx, person, now).await?.0);
        }
        reactions.push((emoji, who));
    }
    let reply_to = message.reply_to.as_deref();
    let reply_to = reply_to.map(|to| state.source.message(&message.conversation, to));
    let mut prepared = Vec::new();
    for (number, part) in parts(&said).into_iter().enumerate() {
        let key = if number == 0 { key.clone() } else { format!("{key}#{number}") };
        let row_id: MessageId = state.source.message(&message.conversation, &key);
        let mut row = MessageRow::new(row_id, sender, part, now);
        row.reply_to = reply_to;
        row.edited_at = message.edited_at;
        row.deleted_at = message.is_deleted.then_some(message.edited_at.unwrap_or(now));
        row.pinned_at = (message.is_pinned && number == 0).then_some(now);
        row.mentions.clone_from(&mentions);
        row.mentions_all = message.calls_all;
        let digest = format!("{IMPORTED} {content}");
        let (mut before, mut thought) = (Vec::new(), Vec::new());
        if number == 0 {
            (before, thought) = (std::mem::take(&mut earlier), std::mem::take(&mut reactions));
        } else {
            counts.odd.push(("a message longer than one may be, in several", key));
        }
        prepared.push(Prepared {
            conversation: id,
            row,
            digest,
            earlier: before,
            reactions: thought,
        });
    }
    Ok(prepared)
}

/// Returns what tells a message's content from another one.
fn content(message: &Message) -> String {
    let Message { sender, body, reply_to, earlier, files, .. } = message;
    let earlier: Vec<_> = earlier.iter().map(|(before, at)| (before, at.0)).collect();
    let reactions = message.reactions.iter();
    let reactions: Vec<_> = reactions.map(|one| (&one.emoji, &one.people, one.count)).collect();
    let times = (message.at.0, message.edited_at.map(|at| at.0));
    let flags = (message.is_deleted, message.is_pinned, message.calls_all);
    let all = (sender, body, reply_to, earlier, files, reactions, times, flags);
    fingerprint(&format!("{all:?}"))
}

/// Returns a text with its people as they are called here, and who they are.
async fn named(
    tx: &Tx,
    state: &mut State,
    said: &str,
    now: parlour_protocol::Millis,
) -> Result<(String, Vec<UserId>), ApiError> {
    let mut names = HashMap::new();
    let mut mentions = Vec::new();
    let keys: Vec<String> = body::people(said).map(str::to_owned).collect();
    for key in keys {
        let (id, name) = state.people.find_or_create(tx, &key, now).await?;
        if !mentions.contains(&id) && mentions.len() < limits::MENTIONS {
            mentions.push(id);
        }
        names.insert(key, name);
    }
    let name = |key: &str| format!("@{}", names.get(key).map_or(key, String::as_str));
    Ok((body::named(said, name), mentions))
}

/// Cuts a text into parts that a message can hold, at the end of a line where there is one.
fn parts(text: &str) -> Vec<&str> {
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
    fn a_long_text_is_cut_and_nothing_of_it_lost() {
        let long = "ä\n".repeat(limits::BODY_BYTES);
        let cut = parts(&long);
        assert!(cut.iter().all(|part| part.len() <= limits::BODY_BYTES));
        assert_eq!(cut.concat(), long);
        assert_eq!(parts(""), [""]);
    }
}
