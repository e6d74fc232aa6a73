//! What an op is answered that was done before: how things stand now, as far as the caller may see them
//! now. What was deleted since is not in it, and nothing is for who has left: but it was done, and who asks
//! can let it go.

use super::context::{OpContext, answer, conflict, op_digest};
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::ops::Known;
use crate::queries::{account, members, messages};
use parlour_protocol::{MessageId, Millis, Op, OpDone, Row, Subject, UserId};

/// Answers an op that was done before.
///
/// # Errors
/// Something else was done under its id.
pub async fn replay(tx: &Tx, caller: UserId, op: &Op, now: Millis) -> Result<OpDone, ApiError> {
    let (context, known) = OpContext::load(tx, caller, op, now).await?;
    let known = known.ok_or_else(ApiError::retry)?;
    let done = context.replay(op, &known).await?;
    answer(tx, caller, done).await
}

impl OpContext<'_> {
    pub(super) async fn replay(&self, op: &Op, known: &Known) -> Result<OpDone, ApiError> {
        if known.user_id != self.caller || known.digest != op_digest(op) {
            return Err(conflict());
        }
        let own = match op.action.rules().subject {
            // Whether one is still there or not.
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
            Subject::ItsMessage => return self.shared(self.seen(MessageId(op.id.0)).await?),
            Subject::Message(id) => return self.shared(self.seen(id).await?),
            Subject::Member(user) => return self.shared(self.other_row(user).await?),
            Subject::MemberAndSelf(user) => {
                let both = self.other_row(user).await?.into_iter().chain(self.own_row());
                return self.shared(both.collect());
            }
            Subject::Conversation => {
                let found = self.found.iter().map(|found| Row::Conversation(found.row.clone()));
                return self.shared(found.chain(self.own_row()).collect());
            }
        };
        Ok(OpDone::new(self.account(), own.into_iter().collect()))
    }

    /// What everybody in the conversation hears, for who is in it.
    fn shared(&self, rows: Vec<Row>) -> Result<OpDone, ApiError> {
        let rows = if self.member().is_ok() { rows } else { Vec::new() };
        Ok(OpDone::new(self.stream(), rows))
    }

    /// The caller as the others see them.
    fn own_row(&self) -> Option<Row> {
        self.member.as_ref().map(|member| Row::Member(member.row.clone()))
    }

    /// A message of this conversation, if the caller may see it.
    async fn seen(&self, id: MessageId) -> Result<Vec<Row>, ApiError> {
        let Ok(member) = self.member() else { return Ok(Vec::new()) };
        let first = member.membership.visible_from;
        let found = messages::find(self.tx, id)
            .await?
            .filter(|found| found.conversation_id == self.conversation && found.row.seq.0 >= first);
        Ok(found.map(|found| Row::Message(found.row)).into_iter().collect())
    }

    async fn other_row(&self, user: UserId) -> Result<Vec<Row>, ApiError> {
        let member = members::find(self.tx, self.conversation, user).await?;
        Ok(member.map(|member| Row::Member(member.row)).into_iter().collect())
    }
}
