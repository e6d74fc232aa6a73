//! The response to an op that was performed before: the current state, as far as the caller may see it now. It
//! contains nothing that was deleted since, and nothing that only members may see if the caller has left. But it
//! confirms the op, so that the client can remove it from its outbox.

use super::context::{OpContext, complete, conflict, op_digest};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::ops::KnownOp;
use crate::queries::{account, members, messages};
use parlour_protocol::{MessageId, Millis, Op, OpDone, Row, Subject, UserId};

/// Returns the response to an op that was performed before.
///
/// # Errors
/// Fails if a different op was performed with the same id.
pub async fn replay(tx: &Tx, caller: UserId, op: &Op, now: Millis) -> Result<OpDone, ApiError> {
    let (context, earlier_op) = OpContext::load(tx, caller, op, now).await?;
    let earlier_op = earlier_op.ok_or_else(ApiError::retry)?;
    let done = context.replay(op, &earlier_op).await?;
    complete(tx, caller, done).await
}

impl OpContext<'_> {
    pub(super) async fn replay(&self, op: &Op, earlier_op: &KnownOp) -> Result<OpDone, ApiError> {
        if earlier_op.user_id != self.caller || earlier_op.digest != op_digest(op) {
            return Err(conflict());
        }
        let row = match op.action.rules().subject {
            // Also if the caller has left.
            Subject::Membership => {
                self.member.as_ref().map(|member| Row::Membership(member.membership.clone()))
            }
            Subject::Draft => {
                account::draft(self.tx, self.caller, self.conversation).await?.map(Row::Draft)
            }
            Subject::Saved(id) => account::saved(self.tx, self.caller, id).await?.map(Row::Saved),
            Subject::Setting(name) => {
                account::setting(self.tx, self.caller, name).await?.map(Row::Setting)
            }
            Subject::Profile => return self.profile().await,
            Subject::SentMessage => {
                return self.shared(self.visible_message(MessageId(op.id.0)).await?);
            }
            Subject::Message(id) => return self.shared(self.visible_message(id).await?),
            Subject::Member(user) => return self.shared(self.member_row(user).await?),
            Subject::MemberAndSelf(user) => {
                let both = self.member_row(user).await?.into_iter().chain(self.own_row());
                return self.shared(both.collect());
            }
            Subject::Conversation => {
                let found = self.stored.iter().map(|found| Row::Conversation(found.row.clone()));
                return self.shared(found.chain(self.own_row()).collect());
            }
        };
        Ok(OpDone::new(self.account(), row.into_iter().collect()))
    }

    /// Returns rows that every member may see, or none if the caller is not a member.
    fn shared(&self, rows: Vec<Row>) -> Result<OpDone, ApiError> {
        let rows = if self.member().is_ok() { rows } else { Vec::new() };
        Ok(OpDone::new(self.stream(), rows))
    }

    /// Returns the caller's member row, as the other members see it.
    fn own_row(&self) -> Option<Row> {
        self.member.as_ref().map(|member| Row::Member(member.row.clone()))
    }

    /// Returns a message of this conversation, or nothing if the caller may not see it.
    async fn visible_message(&self, id: MessageId) -> Result<Vec<Row>, ApiError> {
        let Ok(member) = self.member() else { return Ok(Vec::new()) };
        let first = member.membership.visible_from;
        let found = messages::find(self.tx, id)
            .await?
            .filter(|found| found.conversation_id == self.conversation && found.row.seq.0 >= first);
        Ok(found.map(|found| Row::Message(found.row)).into_iter().collect())
    }

    async fn member_row(&self, user: UserId) -> Result<Vec<Row>, ApiError> {
        let member = members::find(self.tx, self.conversation, user).await?;
        Ok(member.map(|member| Row::Member(member.row)).into_iter().collect())
    }
}
