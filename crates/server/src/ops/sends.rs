//! Saying something. What comes in together is stored together, because statements are what a
//! message costs on PostgreSQL.

use super::messages::members_among;
use super::{Deed, archived};
use crate::auth::digest;
use crate::db::{BoxFuture, Tx};
use crate::error::ApiError;
use crate::queries::sends::{Place, Standing};
use crate::queries::{conversations, messages, sends, streams};
use parlour_protocol::{
    Action, ConversationId, ConversationType, ErrorClass, MemberRole, MessageId, MessageRow,
    Millis, Op, OpDone, Row, Seq, StreamId, UserId,
};
use std::collections::{HashMap, HashSet};

/// A message that somebody wants to send.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Who.
    pub caller: UserId,
    /// An op that sends.
    pub op: Op,
    /// When.
    pub now: Millis,
}

/// Most messages that one statement stores.
const TOGETHER: usize = 256;

/// An answer for each.
pub type Answers = Vec<Result<OpDone, ApiError>>;

/// Sends them, or answers for each why not; what was sent before is answered as it was then.
///
/// # Errors
/// The database failed, and nothing of it must be committed.
pub fn send_all<'t>(
    tx: &'t Tx,
    sending: &'t [Sending],
) -> BoxFuture<'t, Result<Answers, ApiError>> {
    Box::pin(async move {
        let mut answers: Answers = sending.iter().map(|_| Err(ApiError::retry())).collect();
        let mut waiting = Vec::with_capacity(sending.len());
        for (at, Sending { caller, op, .. }) in sending.iter().enumerate() {
            match op.check_ids(*caller) {
                Ok(()) => waiting.push(at),
                Err(refused) => answers[at] = Err(refused.into()),
            }
        }
        while !waiting.is_empty() {
            // A second try that came with the first one finds what that one did.
            let mut ids = HashSet::new();
            let (mut first, again): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|at| ids.insert(sending[*at].op.id));
            waiting = first.split_off(first.len().min(TOGETHER));
            waiting.extend(again);
            send_first(tx, sending, first, &mut answers).await?;
        }
        Ok(answers)
    })
}

impl Deed<'_> {
    /// Sends one message by itself.
    pub(super) async fn send(&self, op: &Op) -> Result<OpDone, ApiError> {
        let sending = Sending { caller: self.caller, op: op.clone(), now: self.now };
        send_all(self.tx, &[sending]).await?.pop().unwrap_or_else(|| Err(ApiError::retry()))
    }
}

/// The ones that have ids of their own.
async fn send_first(
    tx: &Tx,
    sending: &[Sending],
    first: Vec<usize>,
    answers: &mut Answers,
) -> Result<(), ApiError> {
    let sent = |at: &usize| {
        let Sending { caller, op, .. } = &sending[*at];
        (MessageId(op.id.0), *caller, op.conversation_id, reply_to(&op.action))
    };
    let mut standing = sends::standing(tx, first.iter().map(sent)).await?;
    let mut ends: HashMap<ConversationId, (Seq, i64)> = HashMap::new();
    let mut new = Vec::with_capacity(first.len());
    for at in first {
        let Sending { caller, op, now } = &sending[at];
        let standing = standing.remove(&MessageId(op.id.0)).ok_or_else(ApiError::retry)?;
        if standing.is_known {
            answers[at] = refusal(super::apply(tx, *caller, op, *now).await)?;
            continue;
        }
        let (mut row, place) = match refusal(check(tx, &sending[at], standing).await)? {
            Ok(checked) => checked,
            Err(refused) => {
                answers[at] = Err(refused);
                continue;
            }
        };
        let end = ends.entry(op.conversation_id).or_insert((place.last_seq, place.head));
        *end = (Seq(end.0.0 + 1), end.1 + 1);
        (row.seq, row.changed_seq) = *end;
        answers[at] = Ok(done(tx, op.conversation_id, row.clone()));
        let digest = op_digest(op);
        new.push(messages::New { conversation_id: op.conversation_id, row, digest });
    }
    if !new.is_empty() {
        streams::move_to(tx, ends.iter().map(|(id, (_, head))| (*id, *head))).await?;
        conversations::extend_to(tx, ends.iter().map(|(id, (seq, _))| (*id, *seq))).await?;
        messages::insert(tx, &new).await?;
    }
    Ok(())
}

/// A refusal is one message's; that the database failed is everybody's.
fn refusal<T>(done: Result<T, ApiError>) -> Result<Result<T, ApiError>, ApiError> {
    match done {
        Err(error) if error.code.class() == ErrorClass::Retry => Err(error),
        done => Ok(done),
    }
}

fn reply_to(action: &Action) -> Option<MessageId> {
    if let Action::Send { reply_to, .. } = action { *reply_to } else { None }
}

/// The message, before it has its place, and where that will be; or why it cannot be sent.
async fn check(
    tx: &Tx,
    Sending { caller, op, now }: &Sending,
    standing: Standing,
) -> Result<(MessageRow, Place), ApiError> {
    let Action::Send { body, reply_to, mentions, mentions_all } = &op.action else {
        return Err(ApiError::invalid("This op sends nothing."));
    };
    op.check_texts()?;
    let place = standing.place.ok_or_else(ApiError::not_member)?;
    if place.is_archived {
        return Err(archived());
    }
    let is_manager = place.role != MemberRole::Member;
    if *mentions_all && !is_manager && place.kind == ConversationType::Group {
        let message = "Only the group's owner and administrators can call everybody.";
        return Err(ApiError::forbidden(message));
    }
    let is_here = |(conversation, seq): &(ConversationId, Seq)| {
        *conversation == op.conversation_id && *seq >= place.visible_from
    };
    if reply_to.is_some() && !standing.reply.as_ref().is_some_and(is_here) {
        return Err(ApiError::gone("message"));
    }
    let row = MessageRow {
        reply_to: *reply_to,
        mentions: members_among(tx, op.conversation_id, mentions).await?,
        mentions_all: *mentions_all,
        ..MessageRow::new(MessageId(op.id.0), *caller, body, *now)
    };
    Ok((row, place))
}

/// Announces a message and makes the answer of it.
fn done(tx: &Tx, conversation: ConversationId, row: MessageRow) -> OpDone {
    let (stream, to) = (StreamId::Conversation(conversation), row.changed_seq);
    let rows = vec![Row::Message(row)];
    streams::announce(tx, stream, to, rows.clone());
    OpDone { epoch: tx.epoch(), ..OpDone::new(stream, rows) }
}

/// What tells an op from another under its id.
pub fn op_digest(op: &Op) -> String {
    digest(serde_json::to_string(op).expect("an op is plain data"))
}
