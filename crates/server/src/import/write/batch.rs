//! Stores some records of an export in one commit.

use super::super::form::Record;
use super::places::place;
use super::prepare::{Prepared, prepare};
use super::state::{Counts, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{conversations, edits, history, messages, reactions, streams};
use parlour_protocol::{ConversationId, MessageRow, Millis, Seq, StreamId};
use std::collections::BTreeMap;

/// Stores records; those that are there already are left as they are.
pub async fn write(
    tx: &Tx,
    state: &mut State,
    records: Vec<Record>,
    now: Millis,
) -> Result<Counts, ApiError> {
    let mut counts = Counts::default();
    let mut prepared = Vec::new();
    for record in records {
        match record {
            Record::Person(person) => {
                let (key, is_listed) = (person.key.clone(), person.is_listed);
                state.people.tell(person);
                if is_listed {
                    state.people.find_or_create(tx, &key, now).await?;
                }
            }
            Record::Conversation(conversation) => place(tx, state, conversation, now).await?,
            Record::Message(message) => {
                prepared.extend(prepare(tx, state, *message, &mut counts).await?);
            }
            Record::Amendment(amendment) => state.amendments.push(amendment),
            // These are for the report alone.
            Record::Notice { .. } | Record::Left { .. } | Record::Broken(_) | Record::Read(_) => {}
        }
    }
    counts.odd.append(&mut state.people.odd);
    let there = history::digests(tx, prepared.iter().map(|one| one.row.id)).await?;
    let mut new: BTreeMap<ConversationId, Vec<Prepared>> = BTreeMap::new();
    for one in prepared {
        match there.get(&one.row.id) {
            None => new.entry(one.conversation).or_default().push(one),
            Some(digest) if *digest == one.digest => counts.known += 1,
            Some(_) => {
                counts.changed += 1;
                change(tx, one).await?;
            }
        }
    }
    for (conversation, new) in new {
        counts.added += new.len() as u64;
        add(tx, conversation, new).await?;
    }
    Ok(counts)
}

/// Adds messages behind those of a conversation.
async fn add(
    tx: &Tx,
    conversation: ConversationId,
    mut new: Vec<Prepared>,
) -> Result<(), ApiError> {
    // In order of time as far as they came together: often nothing has to be numbered anew then.
    new.sort_by_key(|one| one.row.sent_at);
    let stream = StreamId::Conversation(conversation);
    let many = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let head = streams::advance_by(tx, stream, many).await?;
    let last = conversations::next_seqs(tx, conversation, many).await?;
    let mut rows = Vec::with_capacity(new.len());
    let mut rest = Vec::new();
    for (index, mut one) in (1..).zip(new) {
        one.row.seq = Seq(last - many + index);
        one.row.changed_seq = head - many + index;
        let row = one.row.clone();
        let has_more =
            row.edited_at.is_some() || row.deleted_at.is_some() || row.pinned_at.is_some();
        rows.push(messages::NewMessage {
            conversation_id: conversation,
            row,
            digest: one.digest.clone(),
        });
        if has_more || !one.reactions.is_empty() || !one.earlier.is_empty() {
            rest.push(one);
        }
    }
    messages::insert(tx, &rows).await?;
    for mut one in rest {
        for (before, at) in &one.earlier {
            edits::insert(tx, one.row.id, before, *at).await?;
        }
        react(tx, &mut one).await?;
        messages::update(tx, &one.row).await?;
    }
    streams::announce_head(tx, stream, head);
    Ok(())
}

/// Stores what others thought of a message.
async fn react(tx: &Tx, one: &mut Prepared) -> Result<(), ApiError> {
    if one.reactions.is_empty() {
        return Ok(());
    }
    let mut at = one.row.sent_at;
    for (emoji, who) in &one.reactions {
        for user in who {
            reactions::set(tx, one.row.id, *user, emoji, Some(at)).await?;
            // Times are not told: this keeps their order.
            at = Millis(at.0 + 1);
        }
    }
    let found = conversations::find(tx, one.conversation).await?;
    let is_large = found.is_some_and(|found| found.is_large());
    one.row.reactions = reactions::summary(tx, one.row.id, !is_large).await?;
    Ok(())
}

/// Takes over what a later export tells of a message that is there. One that was deleted here stays so.
async fn change(tx: &Tx, mut one: Prepared) -> Result<(), ApiError> {
    history::set_digest(tx, one.row.id, &one.digest).await?;
    let Some(found) = messages::find(tx, one.row.id).await? else { return Ok(()) };
    if found.row.deleted_at.is_some() {
        return Ok(());
    }
    if found.row.body != one.row.body && !found.row.body.is_empty() {
        edits::insert(
            tx,
            one.row.id,
            &found.row.body,
            one.row.edited_at.unwrap_or(one.row.sent_at),
        )
        .await?;
    }
    if one.row.deleted_at.is_some() {
        edits::forget(tx, one.row.id).await?;
    }
    // What an export does not contain stays.
    let new = one.row;
    one.row = MessageRow {
        body: new.body,
        mentions: new.mentions,
        files: new.files,
        edited_at: new.edited_at,
        deleted_at: new.deleted_at,
        pinned_at: found.row.pinned_at.or(new.pinned_at),
        ..found.row
    };
    let stream = StreamId::Conversation(found.conversation_id);
    one.conversation = found.conversation_id;
    react(tx, &mut one).await?;
    one.row.changed_seq = streams::advance(tx, stream).await?;
    messages::update(tx, &one.row).await?;
    streams::announce_head(tx, stream, one.row.changed_seq);
    Ok(())
}
