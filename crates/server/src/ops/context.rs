//! The context of an op: the state before it, and how its changes are announced.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::conversations::{self, StoredConversation};
use crate::queries::members::{self, Member};
use crate::queries::ops::{self, KnownOp};
use crate::queries::{reactions, streams};
use crate::tokens::digest;
use futures_util::future::try_join3;
use parlour_protocol::{
    ConversationId, ConversationType, ErrorCode, MemberRole, Millis, Op, OpDone, Refusal, Row,
    StreamId, UserId,
};

/// The context of an op: the caller, the conversation and the time, with the state before the op.
pub struct OpContext<'t> {
    pub(super) tx: &'t Tx,
    pub(super) caller: UserId,
    pub(super) conversation: ConversationId,
    /// The caller's membership before the op, including a former one.
    pub(super) member: Option<Member>,
    /// The conversation before the op, if it exists.
    pub(super) stored: Option<StoredConversation>,
    pub(super) now: Millis,
}

impl<'t> OpContext<'t> {
    /// Loads the context of an op, and the record of the op if it was performed before.
    pub async fn load(
        tx: &'t Tx,
        caller: UserId,
        op: &Op,
        now: Millis,
    ) -> Result<(Self, Option<KnownOp>), ApiError> {
        let conversation = op.conversation_id;
        // In parallel, because an op's cost on PostgreSQL is round trips.
        let (earlier_op, member, stored) = try_join3(
            ops::find(tx, caller, op.id),
            members::find(tx, conversation, caller),
            conversations::find(tx, conversation),
        )
        .await?;
        Ok((Self { tx, caller, conversation, member, stored, now }, earlier_op))
    }
}

impl OpContext<'_> {
    /// Returns the conversation's stream.
    pub(super) fn stream(&self) -> StreamId {
        StreamId::Conversation(self.conversation)
    }

    /// Returns the caller's own stream.
    pub(super) fn account(&self) -> StreamId {
        StreamId::Account(self.caller)
    }

    /// Returns the caller's membership, or refuses if they are not a member.
    pub(super) fn member(&self) -> Result<&Member, ApiError> {
        let member = self.member.as_ref().filter(|member| member.is_present());
        member.ok_or_else(ApiError::not_member)
    }

    /// Returns the conversation, or refuses as for a non-member if it does not exist.
    pub(super) fn stored(&self) -> Result<&StoredConversation, ApiError> {
        self.stored.as_ref().ok_or_else(ApiError::not_member)
    }

    /// Returns the caller's membership of a group; refuses in a direct message.
    pub(super) fn group_member(&self) -> Result<&Member, ApiError> {
        let member = self.member()?;
        match self.stored()?.row.kind {
            ConversationType::Group => Ok(member),
            ConversationType::P2p => {
                Err(ApiError::invalid("A direct message always has the same two people."))
            }
        }
    }

    /// Returns the caller's membership if they are an owner or administrator of the group; otherwise
    /// refuses.
    pub(super) fn group_manager(&self) -> Result<&Member, ApiError> {
        let member = self.group_member()?;
        if member.row.role == MemberRole::Member {
            return Err(Refusal::ManagersOnly.into());
        }
        Ok(member)
    }

    /// Announces one change of the conversation and returns the op's result. In a large conversation the
    /// change is announced with the next one, or a little later.
    pub(super) fn announce_coalesced(&self, to: i64, rows: Vec<Row>) -> OpDone {
        if !self.stored.as_ref().is_some_and(StoredConversation::is_large) {
            return self.announce(self.stream(), to, rows);
        }
        streams::announce_later(self.tx, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// Like [`Self::announce_coalesced`], for rows that do not show whether the caller is among the users, such as a
    /// reaction with too many users to name: the caller's devices get only the head, and pull.
    pub(super) fn announce_rows_except_to_caller(&self, to: i64, rows: Vec<Row>) -> OpDone {
        let can_wait = self.stored.as_ref().is_some_and(StoredConversation::is_large);
        let caller_and_wait = (self.caller, can_wait);
        streams::announce_rows_except_to(self.tx, caller_and_wait, self.stream(), to, rows.clone());
        OpDone::new(self.stream(), rows)
    }

    /// Announces one change of a stream and returns the op's result.
    pub(super) fn announce(&self, stream: StreamId, to: i64, rows: Vec<Row>) -> OpDone {
        streams::announce(self.tx, stream, to, rows.clone());
        OpDone::new(stream, rows)
    }
}

/// Returns the digest that distinguishes an op from a different one with the same id.
pub fn op_digest(op: &Op) -> String {
    digest(serde_json::to_string(op).expect("an op is plain data"))
}

/// Completes the result of an op for its caller: sets the current epoch, and marks the reactions that are the
/// caller's own.
pub async fn complete(tx: &Tx, caller: UserId, mut done: OpDone) -> Result<OpDone, ApiError> {
    let messages = done.rows.iter_mut().filter_map(|row| match row {
        Row::Message(row) => Some(row),
        _ => None,
    });
    reactions::mark_own(tx, caller, messages.collect()).await?;
    Ok(OpDone { epoch: tx.epoch(), ..done })
}

/// Returns the refusal of an id that belongs to a different op.
pub fn conflict() -> ApiError {
    ApiError::new(ErrorCode::OpConflict, "This id was already used for a different op.")
}

/// Returns the refusal of a change to an archived group.
pub fn archived() -> ApiError {
    let message = "This group is archived and can only be read.";
    ApiError::new(ErrorCode::ReadOnly, message)
}
