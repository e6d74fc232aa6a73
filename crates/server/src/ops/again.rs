//! What an op is answered that was done before: how things stand now, as far as the caller may see them
//! now. What was deleted since is not in it, and nothing is for who has left: but it was done, and who asks
//! can let it go.

use super::Deed;
use crate::error::ApiError;
use crate::queries::{account, members, messages};
use parlour_protocol::{MessageId, Op, OpDone, Row, Subject, UserId};

impl Deed<'_> {
    pub(super) async fn again(&self, op: &Op) -> Result<OpDone, ApiError> {
        let own = match op.action.rules().subject {
            // Whether one is still there or not.
            Subject::Membership => {
                self.place.as_ref().map(|place| Row::Membership(place.membership.clone()))
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
            Subject::Member(user) => return self.shared(self.member(user).await?),
            Subject::MemberAndSelf(user) => {
                let both = self.member(user).await?.into_iter().chain(self.itself());
                return self.shared(both.collect());
            }
            Subject::Conversation => {
                let found = self.found.iter().map(|found| Row::Conversation(found.row.clone()));
                return self.shared(found.chain(self.itself()).collect());
            }
        };
        Ok(OpDone::new(self.account(), own.into_iter().collect()))
    }

    /// What everybody in the conversation hears, for who is in it.
    fn shared(&self, rows: Vec<Row>) -> Result<OpDone, ApiError> {
        let rows = if self.place().is_ok() { rows } else { Vec::new() };
        Ok(OpDone::new(self.stream(), rows))
    }

    /// The caller as the others see them.
    fn itself(&self) -> Option<Row> {
        self.place.as_ref().map(|place| Row::Member(place.member.clone()))
    }

    /// A message of this conversation, if the caller may see it.
    async fn seen(&self, id: MessageId) -> Result<Vec<Row>, ApiError> {
        let Ok(place) = self.place() else { return Ok(Vec::new()) };
        let first = place.membership.visible_from;
        let found = messages::find(self.tx, id)
            .await?
            .filter(|found| found.conversation_id == self.conversation && found.row.seq.0 >= first);
        Ok(found.map(|found| Row::Message(found.row)).into_iter().collect())
    }

    async fn member(&self, user: UserId) -> Result<Vec<Row>, ApiError> {
        let place = members::find(self.tx, self.conversation, user).await?;
        Ok(place.map(|place| Row::Member(place.member)).into_iter().collect())
    }
}
