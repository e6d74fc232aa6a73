//! Stores a batch of records of an export.

use super::super::records::Record;
use super::super::text::markdown::without_files;
use super::conversations::add_conversation;
use super::given::{store_reactions, summarize_reactions};
use super::merge::merge;
use super::origin::Origin;
use super::prepare::{Prepared, prepare};
use super::state::{Counts, State};
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::files;
use crate::queries::{conversations, edits, history, import_runs, messages, reactions, streams};
use parlour_protocol::{ConversationId, MessageId, MessageRow, Millis, Seq, StreamId, UserId};
use std::collections::{BTreeMap, HashSet};

/// Stores the records. Those that exist already with the same content are left unchanged.
pub async fn write(
    tx: &Tx,
    state: &mut State,
    records: Vec<Record>,
    now: Millis,
) -> Result<Counts, ApiError> {
    let mut counts = Counts::default();
    let mut prepared = Vec::new();
    // The ids of the prepared messages, if there may be copies.
    let mut ids: HashSet<MessageId> = HashSet::new();
    for record in records {
        match record {
            Record::Person(person) => {
                let (key, is_listed) = (person.key.clone(), person.is_listed);
                state.people.add(person);
                if is_listed {
                    state.people.find_or_create(tx, &key, now).await?;
                }
            }
            Record::Conversation(conversation) => {
                add_conversation(tx, state, conversation, now).await?
            }
            Record::Message(message) => {
                if state.source.format.has_copies() {
                    let id = state.source.message(&message.conversation, &message.key);
                    if !ids.insert(id) {
                        // The copy is merged into the stored message.
                        let prepared = std::mem::take(&mut prepared);
                        store(tx, &mut state.origin, prepared, &mut counts, now).await?;
                        ids.clear();
                        ids.insert(id);
                    }
                }
                prepared.extend(prepare(tx, state, *message, &mut counts).await?);
            }
            Record::Amendment(amendment) => state.amendments.push(amendment),
            // Only the report contains these.
            Record::Notice { .. }
            | Record::Warning { .. }
            | Record::Broken(_)
            | Record::Read(_) => {}
        }
    }
    counts.odd.append(&mut state.people.odd);
    store(tx, &mut state.origin, prepared, &mut counts, now).await?;
    import_runs::count(tx, state.origin.run, (counts.added, counts.changed)).await?;
    Ok(counts)
}

/// Adds the new ones of these messages, of which no two have the same id, and updates those that have changed.
async fn store(
    tx: &Tx,
    origin: &mut Origin,
    prepared: Vec<Prepared>,
    counts: &mut Counts,
    now: Millis,
) -> Result<(), ApiError> {
    let stored = history::digests(tx, prepared.iter().map(|message| message.row.id)).await?;
    let mut new: BTreeMap<ConversationId, Vec<Prepared>> = BTreeMap::new();
    for message in prepared {
        let people = people_of(&message);
        match stored.get(&message.row.id) {
            None => {
                origin.record(tx, people).await?;
                new.entry(message.conversation).or_default().push(message);
            }
            Some(digest) if *digest == message.digest => counts.known += 1,
            Some(_) if message.is_copy => match merge(tx, message, now).await? {
                true => {
                    counts.changed += 1;
                    origin.record(tx, people).await?;
                }
                false => counts.known += 1,
            },
            Some(_) => {
                counts.changed += 1;
                origin.record(tx, people).await?;
                update(tx, message, now).await?;
            }
        }
    }
    for (conversation, new) in new {
        counts.added += new.len() as u64;
        add(tx, origin, conversation, new).await?;
    }
    Ok(())
}

/// Returns the people of a message: its sender, those whom it mentions, and those who reacted.
fn people_of(message: &Prepared) -> Vec<UserId> {
    let reacted = message.reactions.iter().flat_map(|(_, users)| users);
    let people = message.row.mentions.iter().chain(reacted).copied();
    std::iter::once(message.row.sender_id).chain(people).collect()
}

/// Adds messages after those of a conversation.
async fn add(
    tx: &Tx,
    origin: &Origin,
    conversation: ConversationId,
    mut new: Vec<Prepared>,
) -> Result<(), ApiError> {
    // In order of time within the batch, so that the conversation often needs no reordering.
    new.sort_by_key(|message| message.row.sent_at);
    let stream = StreamId::Conversation(conversation);
    let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
    let head = streams::advance_by(tx, stream, count).await?;
    let last = conversations::next_seqs(tx, conversation, count).await?;
    let mut rows = Vec::with_capacity(new.len());
    let mut with_details = Vec::new();
    // People's reactions stay when an import is undone.
    let reacted = match origin.follows_undo {
        true => reactions::with_reactions(tx, new.iter().map(|message| message.row.id)).await?,
        false => HashSet::new(),
    };
    for (index, mut message) in (1..).zip(new) {
        message.row.seq = Seq(last - count + index);
        message.row.changed_seq = head - count + index;
        let row = message.row.clone();
        let has_details =
            row.edited_at.is_some() || row.deleted_at.is_some() || row.pinned_at.is_some();
        files::attach(tx, message.row.id, &message.uses).await?;
        rows.push(messages::NewMessage {
            conversation_id: conversation,
            row,
            digest: message.digest.clone(),
            import_run: origin.run,
        });
        let has_details = has_details || reacted.contains(&message.row.id);
        if has_details || !message.reactions.is_empty() || !message.earlier.is_empty() {
            with_details.push(message);
        }
    }
    messages::insert(tx, &rows).await?;
    for mut message in with_details {
        for (before, at) in &message.earlier {
            edits::insert(tx, message.row.id, before, *at).await?;
        }
        store_reactions(tx, &mut message).await?;
        if message.reactions.is_empty() && reacted.contains(&message.row.id) {
            summarize_reactions(tx, &mut message).await?;
        }
        messages::update(tx, &message.row).await?;
    }
    streams::announce_head(tx, stream, head);
    Ok(())
}

/// Updates a message with the content of a later export. A message that was deleted here stays deleted.
async fn update(tx: &Tx, mut message: Prepared, now: Millis) -> Result<(), ApiError> {
    history::set_digest(tx, message.row.id, &message.digest).await?;
    let Some(found) = messages::find(tx, message.row.id).await? else { return Ok(()) };
    if found.row.deleted_at.is_some() {
        return Ok(());
    }
    if found.row.files != message.row.files {
        files::detach(tx, message.row.id, now).await?;
        files::attach(tx, message.row.id, &message.uses).await?;
    }
    // A name that a file has replaced is no earlier text.
    let is_edited = without_files(&found.row.body) != without_files(&message.row.body);
    if is_edited && !found.row.body.is_empty() {
        edits::insert(
            tx,
            message.row.id,
            &found.row.body,
            message.row.edited_at.unwrap_or(message.row.sent_at),
        )
        .await?;
    }
    if message.row.deleted_at.is_some() {
        edits::forget(tx, message.row.id).await?;
    }
    // Fields that an export does not contain keep their values.
    let new = message.row;
    message.row = MessageRow {
        body: new.body,
        mentions: new.mentions,
        files: new.files,
        edited_at: new.edited_at,
        deleted_at: new.deleted_at,
        pinned_at: found.row.pinned_at.or(new.pinned_at),
        ..found.row
    };
    let stream = StreamId::Conversation(found.conversation_id);
    message.conversation = found.conversation_id;
    store_reactions(tx, &mut message).await?;
    message.row.changed_seq = streams::advance(tx, stream).await?;
    messages::update(tx, &message.row).await?;
    streams::announce_head(tx, stream, message.row.changed_seq);
    Ok(())
}
