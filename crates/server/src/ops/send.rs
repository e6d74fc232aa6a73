//! Sends messages. Those that arrive together are checked and stored together, because a message's cost on
//! PostgreSQL is its statements.

use super::context::{OpContext, archived, op_digest};
use super::files::{self, FileUse};
use super::mentions::{mentioned_in, mentions_all};
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
type Answers = Vec<Result<OpDone, ApiError>>;

/// Sends messages, and returns the result of each. One that was sent before is returned in its current
/// state.
///
/// # Errors
/// Fails if the database does; nothing may be committed then.
pub async fn send_all(tx: &Tx, submissions: &[Submission]) -> Result<Answers, ApiError> {
    let mut answers: Answers = submissions.iter().map(|_| Err(ApiError::retry())).collect();
    let mut waiting = Vec::with_capacity(submissions.len());
    for (at, submission) in submissions.iter().enumerate() {
        match admit(tx, submission) {
            Ok(()) => waiting.push(at),
            Err(refused) => answers[at] = Err(refused),
        }
    }
    while !waiting.is_empty() {
        // A repetition of a message in the same batch is handled in a later round, in which it finds the
        // first one.
        let mut ids = HashSet::new();
        let (mut first, repeated): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|at| ids.insert(submissions[*at].op.id));
        waiting = first.split_off(first.len().min(MAX_BATCH));
        waiting.extend(repeated);
        send_distinct(tx, submissions, first, &mut answers).await?;
    }
    Ok(answers)
}

/// Checks that a message is meant for the current epoch, and that the caller may create its id.
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

/// Sends the messages at the positions in `first`, whose ids are all different.
async fn send_distinct(
    tx: &Tx,
    submissions: &[Submission],
    first: Vec<usize>,
    answers: &mut Answers,
) -> Result<(), ApiError> {
    let unsent = |at: &usize| {
        let Submission { caller, op, .. } = &submissions[*at];
        (MessageId(op.id.0), *caller, op.conversation_id, reply_to(&op.action))
    };
    let mut contexts = send::contexts(tx, first.iter().map(unsent)).await?;
    let mut ends: HashMap<ConversationId, (Seq, i64)> = HashMap::new();
    let mut new = Vec::with_capacity(first.len());
    let mut uses = Vec::new();
    for at in first {
        let Submission { caller, op, now, .. } = &submissions[at];
        let context = contexts.remove(&MessageId(op.id.0)).ok_or_else(ApiError::retry)?;
        if context.is_known {
            answers[at] = own_refusal(replay(tx, *caller, op, *now).await)?;
            continue;
        }
        let (mut row, target, used) = match own_refusal(check(tx, &submissions[at], context).await)?
        {
            Ok(checked) => checked,
            Err(refused) => {
                answers[at] = Err(refused);
                continue;
            }
        };
        let end = ends.entry(op.conversation_id).or_insert((target.last_seq, target.head));
        *end = (Seq(end.0.0 + 1), end.1 + 1);
        (row.seq, row.changed_seq) = *end;
        answers[at] = Ok(announce(tx, op.conversation_id, row.clone()));
        let digest = op_digest(op);
        uses.push((row.id, used));
        new.push(messages::NewMessage { conversation_id: op.conversation_id, row, digest });
    }
    if !new.is_empty() {
        streams::move_to(tx, ends.iter().map(|(id, (_, head))| (*id, *head))).await?;
        conversations::extend_to(tx, ends.iter().map(|(id, (seq, _))| (*id, *seq))).await?;
        messages::insert(tx, &new).await?;
        for (message, used) in uses {
            files::attach(tx, message, &used).await?;
        }
    }
    Ok(())
}

/// Separates a refusal, which concerns one message, from a failure of the database, which concerns all of
/// them.
fn own_refusal<T>(done: Result<T, ApiError>) -> Result<Result<T, ApiError>, ApiError> {
    match done {
        Err(error) if error.code.class() == ErrorClass::Retry => Err(error),
        done => Ok(done),
    }
}

fn reply_to(action: &Action) -> Option<MessageId> {
    if let Action::Send { reply_to, .. } = action { *reply_to } else { None }
}

/// Checks a message. Returns its row, without a position yet, the conversation that it goes to, and its files.
async fn check(
    tx: &Tx,
    Submission { caller, op, now, .. }: &Submission,
    context: SendContext,
) -> Result<(MessageRow, SendTarget, Vec<FileUse>), ApiError> {
    let Action::Send { body, reply_to, mentions, mentions_all: said, files } = &op.action else {
        return Err(ApiError::invalid("This op is not a message."));
    };
    op.check_texts()?;
    let target = context.target.ok_or_else(ApiError::not_member)?;
    if target.is_archived {
        return Err(archived());
    }
    let is_manager = target.role != MemberRole::Member;
    if *said && !is_manager && target.kind == ConversationType::Group {
        return Err(Refusal::ManagersCallAll.into());
    }
    let is_visible = |(conversation, seq): &(ConversationId, Seq)| {
        *conversation == op.conversation_id && *seq >= target.visible_from
    };
    if reply_to.is_some() && !context.reply.as_ref().is_some_and(is_visible) {
        return Err(ApiError::not_found("message"));
    }
    let used = files::find(tx, *caller, files).await?;
    let row = MessageRow {
        files: files.clone(),
        reply_to: *reply_to,
        mentions: mentioned_in(tx, op.conversation_id, body, mentions).await?,
        mentions_all: mentions_all(body, *said),
        ..MessageRow::new(MessageId(op.id.0), *caller, body, *now)
    };
    Ok((row, target, used))
}

/// Announces a message and returns the op's result.
fn announce(tx: &Tx, conversation: ConversationId, row: MessageRow) -> OpDone {
    let (stream, to) = (StreamId::Conversation(conversation), row.changed_seq);
    let rows = vec![Row::Message(row)];
    streams::announce(tx, stream, to, rows.clone());
    OpDone { epoch: tx.epoch(), ..OpDone::new(stream, rows) }
}
