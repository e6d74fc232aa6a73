//! An op that is being done: what is known before it, and how its change is announced.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::conversations::{self, Found};
use crate::queries::members::{self, Member};
use crate::queries::ops::{self, Known};
use crate::queries::{reactions, streams};
use crate::tokens::digest;
use futures_util::future::try_join3;
use parlour_protocol::{
    ConversationId, ConversationType, ErrorCode, MemberRole, Millis, Op, OpDone, Refusal, Row,
    StreamId, UserId,
};

/// An op that is being done: by whom, where and when.
pub struct OpContext<'t> {
    pub(super) tx: &'t Tx,
    pub(super) caller: UserId,
    pub(super) conversation: ConversationId,
    /// The caller in it before the op, also if they left.
    pub(super) member: Option<Member>,
    /// What it was before the op.
    pub(super) found: Option<Found>,
    pub(super) now: Millis,
}

impl<'t> OpContext<'t> {
    /// Reads what an op needs to know, and whether it was done before.
    pub async fn load(
        tx: &'t Tx,
        caller: UserId,
        op: &Op,
        now: Millis,
    ) -> Result<(Self, Option<Known>), ApiError> {
        let conversation = op.conversation_id;
        // Together, because round trips to PostgreSQL are what an op costs.
        let (known, member, found) = try_join3(
            ops::known(tx, caller, op.id),
            members::find(tx, conversation, caller),
            conversations::find(tx, conversation),
        )
        .await?;
        Ok((Self { tx, caller, conversation, member, found, now }, known))
    }
}

impl OpContext<'_> {
    /// The conversation's stream.
    pub(super) fn stream(&self) -> StreamId {
        StreamId::Conversation(self.conversation)
    }

    /// The caller's own stream.
    pub(super) fn account(&self) -> StreamId {
        StreamId::Account(self.caller)
    }

    /// The caller as a member of the conversation, or a refusal.
    pub(super) fn member(&self) -> Result<&Member, ApiError> {
        let present = self.member.as_ref().filter(|member| member.is_present());
        present.ok_or_else(ApiError::not_member)
    }

    /// The conversation, or a refusal where there is none.
    pub(super) fn found(&self) -> Result<&Found, ApiError> {
        self.found.as_ref().ok_or_else(ApiError::not_member)
    }

    /// The caller as a member of a group; refused in a direct message.
    pub(super) fn group_member(&self) -> Result<&Member, ApiError> {
        let member = self.member()?;
        match self.found()?.row.kind {
            ConversationType::Group => Ok(member),
            ConversationType::P2p => {
                Err(ApiError::invalid("A direct message always has the same two people."))
            }
        }
    }

    /// The caller as an owner or administrator of a group.
    pub(super) fn group_manager(&self) -> Result<&Member, ApiError> {
        let member = self.group_member()?;
        if member.row.role == MemberRole::Member {
            return Err(Refusal::ManagersOnly.into());
        }
        Ok(member)
    }

    /// Announces one change of the conversation and makes the answer of it: at once, or in a large
    /// conversation with what comes next.
    pub(super) fn done_coalesced(&self, to: i64, rows: Vec<Row>) -> OpDone {
        if !self.found.as_ref().is_some_and(Found::is_large) {
            return self.done(self.stream(), to, rows);
        }
        streams::announce_later(self.tx, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// As [`Self::done_coalesced`], where what all are told leaves out that it was the caller: their devices ask.
    pub(super) fn done_head_only(&self, to: i64, rows: Vec<Row>) -> OpDone {
        let can_wait = self.found.as_ref().is_some_and(Found::is_large);
        let by = (self.caller, can_wait);
        streams::announce_head_only(self.tx, by, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// Announces one change of a stream and makes the answer of it.
    pub(super) fn done(&self, stream: StreamId, to: i64, rows: Vec<Row>) -> OpDone {
        streams::announce(self.tx, stream, to, rows.clone());
        OpDone::new(stream, rows)
    }
}

/// What tells an op from another under its id.
pub fn op_digest(op: &Op) -> String {
    digest(serde_json::to_string(op).expect("an op is plain data"))
}

/// The answer to an op as its caller is told it: in this epoch, with the reactions that are their own.
pub async fn answer(tx: &Tx, caller: UserId, mut done: OpDone) -> Result<OpDone, ApiError> {
    let messages = done.rows.iter_mut().filter_map(|row| match row {
        Row::Message(row) => Some(row),
        _ => None,
    });
    reactions::tell_own(tx, caller, messages.collect()).await?;
    Ok(OpDone { epoch: tx.epoch(), ..done })
}

/// Refuses an id that something else was done under.
pub fn conflict() -> ApiError {
    ApiError::new(ErrorCode::OpConflict, "This id was used for something else before.")
}

/// Refuses a change of an archived group.
pub fn archived() -> ApiError {
    let message = "This group is archived: it can be read and no more.";
    ApiError::new(ErrorCode::ReadOnly, message)
}
