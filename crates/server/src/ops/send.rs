//! Sends messages. Those that arrive together are checked and stored together, because a message's cost on
//! PostgreSQL is its statements.

use super::context::{OpContext, archived, op_digest};
use super::files::{self, FileUse};
use super::mentions::{filter_mentioned, mentions_all};
use super::replay::replay;
use super::submission::Submission;
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::send::{self, SendContext, SendTarget};
use crate::queries::{conversations, messages, streams};
use parlour_protocol::{
    Action, ConversationId, ConversationType, ErrorClass, MemberRole, MessageId, MessageRow, Op,
    OpDone, Refusal, Row, Seq, StreamId,
};
use std::collections::{HashMap, HashSet};

/// The largest number of messages that one statement stores.
const MAX_BATCH: usize = 256;

/// The result of each message.
type Results = Vec<Result<OpDone, ApiError>>;

/// Sends messages, and returns the result of each. A message that was sent before is returned in its current state.
///
/// # Errors
/// Fails if the database does; nothing may be committed then.
pub async fn send_all(tx: &Tx, submissions: &[Submission]) -> Result<Results, ApiError> {
    let mut results: Results = submissions.iter().map(|_| Err(ApiError::retry())).collect();
    let mut waiting = Vec::with_capacity(submissions.len());
    for (index, submission) in submissions.iter().enumerate() {
        match admit(tx, submission) {
            Ok(()) => waiting.push(index),
            Err(refused) => results[index] = Err(refused),
        }
    }
    while !waiting.is_empty() {
        // A duplicate of a message is handled in a later round, which finds the stored one.
        let mut ids = HashSet::new();
        let (mut batch, duplicates): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|index| ids.insert(submissions[*index].op.id));
        waiting = batch.split_off(batch.len().min(MAX_BATCH));
        waiting.extend(duplicates);
        send_distinct(tx, submissions, batch, &mut results).await?;
    }
    Ok(results)
}

/// Checks the epoch of a message, and that the caller may create its id.
fn admit(tx: &Tx, Submission { caller, op, epoch, .. }: &Submission) -> Result<(), ApiError> {
    if let Some(epoch) = epoch {
        epoch::check(tx, epoch)?;
    }
    Ok(op.check_ids(*caller)?)
}

impl OpContext<'_> {
    /// Sends a single message.
    pub(super) async fn send(&self, op: &Op) -> Result<OpDone, ApiError> {
        let (caller, op, now) = (self.caller, op.clone(), self.now);
        let submission = Submission { caller, op, epoch: None, now };
        send_all(self.tx, &[submission]).await?.pop().unwrap_or_else(|| Err(ApiError::retry()))
    }
}

/// Sends the messages at the positions in `batch`, whose ids are all different.
async fn send_distinct(
    tx: &Tx,
    submissions: &[Submission],
    batch: Vec<usize>,
    results: &mut Results,
) -> Result<(), ApiError> {
    let key = |index: &usize| {
        let Submission { caller, op, .. } = &submissions[*index];
        (MessageId(op.id.0), *caller, op.conversation_id, reply_to(&op.action))
    };
    let mut contexts = send::contexts(tx, batch.iter().map(key)).await?;
    let mut positions: HashMap<ConversationId, (Seq, i64)> = HashMap::new();
    let mut new = Vec::with_capacity(batch.len());
    let mut all_file_uses = Vec::new();
    for index in batch {
        let Submission { caller, op, now, .. } = &submissions[index];
        let context = contexts.remove(&MessageId(op.id.0)).ok_or_else(ApiError::retry)?;
        if context.is_known {
            results[index] = split_refusal(replay(tx, *caller, op, *now).await)?;
            continue;
        }
        let (mut row, target, file_uses) =
            match split_refusal(check(tx, &submissions[index], context).await)? {
                Ok(checked) => checked,
                Err(refused) => {
                    results[index] = Err(refused);
                    continue;
                }
            };
        let position =
            positions.entry(op.conversation_id).or_insert((target.last_seq, target.head));
        *position = (Seq(position.0.0 + 1), position.1 + 1);
        (row.seq, row.changed_seq) = *position;
        results[index] = Ok(announce(tx, op.conversation_id, row.clone()));
        let digest = op_digest(op);
        all_file_uses.push((row.id, file_uses));
        let conversation_id = op.conversation_id;
        new.push(messages::NewMessage { conversation_id, row, digest, import_run: 0 });
    }
    if !new.is_empty() {
        streams::move_to(tx, positions.iter().map(|(id, (_, head))| (*id, *head))).await?;
        conversations::extend_to(tx, positions.iter().map(|(id, (seq, _))| (*id, *seq))).await?;
        messages::insert(tx, &new).await?;
        for (message, file_uses) in all_file_uses {
            files::attach(tx, message, &file_uses).await?;
        }
    }
    Ok(())
}

/// Separates a refusal, which concerns one message, from a failure of the database, which concerns all.
fn split_refusal<T>(done: Result<T, ApiError>) -> Result<Result<T, ApiError>, ApiError> {
    match done {
        Err(error) if error.code.class() == ErrorClass::Retry => Err(error),
        done => Ok(done),
    }
}

fn reply_to(action: &Action) -> Option<MessageId> {
    if let Action::Send { reply_to, .. } = action { *reply_to } else { None }
}

/// Checks a message. Returns its row, which has no position yet, its conversation, and its files.
async fn check(
    tx: &Tx,
    Submission { caller, op, now, .. }: &Submission,
    context: SendContext,
) -> Result<(MessageRow, SendTarget, Vec<FileUse>), ApiError> {
    let Action::Send { body, reply_to, mentions, mentions_all: requested_all, files } = &op.action
    else {
        return Err(ApiError::invalid("This op is not a message."));
    };
    op.check_texts()?;
    let target = context.target.ok_or_else(ApiError::not_member)?;
    if target.is_archived {
        return Err(archived());
    }
    let is_manager = target.role != MemberRole::Member;
    if *requested_all && !is_manager && target.kind == ConversationType::Group {
        return Err(Refusal::ManagersCallAll.into());
    }
    let is_visible = |(conversation, seq): &(ConversationId, Seq)| {
        *conversation == op.conversation_id && *seq >= target.visible_from
    };
    if reply_to.is_some() && !context.reply.as_ref().is_some_and(is_visible) {
        return Err(ApiError::not_found("message"));
    }
    let file_uses = files::find(tx, *caller, files).await?;
    let row = MessageRow {
        files: files.clone(),
        reply_to: *reply_to,
        mentions: filter_mentioned(tx, op.conversation_id, body, mentions).await?,
        mentions_all: mentions_all(body, *requested_all),
        ..MessageRow::new(MessageId(op.id.0), *caller, body, *now)
    };
    Ok((row, target, file_uses))
}

/// Announces a message and returns the op's result.
fn announce(tx: &Tx, conversation: ConversationId, row: MessageRow) -> OpDone {
    let (stream, to) = (StreamId::Conversation(conversation), row.changed_seq);
    let rows = vec![Row::Message(row)];
    streams::announce(tx, stream, to, rows.clone());
    OpDone { epoch: tx.epoch(), ..OpDone::new(stream, rows) }
}
