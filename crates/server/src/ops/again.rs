//! What an op is answered that was done before: how things stand now, as far as the caller may see them
//! now. What was deleted since is not in it, and nothing is for who has left: but it was done, and who asks
//! can let it go.

use super::Deed;
use crate::error::ApiError;
use crate::queries::{account, members, messages};
use parlour_protocol::{Action, MessageId, Op, OpDone, Row, UserId};

impl Deed<'_> {
    pub(super) async fn again(&self, op: &Op) -> Result<OpDone, ApiError> {
        let own = match &op.action {
            // One's own place, whether one is still there or not.
            Action::Leave
            | Action::Read { .. }
            | Action::Mute { .. }
            | Action::Pin { .. }
            | Action::Hide { .. }
            | Action::MarkUnread { .. } => {
                self.place.as_ref().map(|place| Row::Membership(place.membership.clone()))
            }
            Action::Draft { .. } => {
                account::draft(self.tx, self.caller, self.conversation).await?.map(Row::Draft)
            }
            Action::Save { message_id, .. } => {
                account::saved(self.tx, self.caller, *message_id).await?.map(Row::Saved)
            }
            Action::Setting { name, .. } => {
                account::setting(self.tx, self.caller, name).await?.map(Row::Setting)
            }
            _ => return Ok(OpDone::new(self.stream(), self.of_conversation(op).await?)),
        };
        Ok(OpDone::new(self.account(), own.into_iter().collect()))
    }

    /// What an op was about, for who is in the conversation.
    async fn of_conversation(&self, op: &Op) -> Result<Vec<Row>, ApiError> {
        let Ok(place) = self.place() else { return Ok(Vec::new()) };
        let itself = self.found.iter().map(|found| Row::Conversation(found.row.clone()));
        Ok(match &op.action {
            Action::Send { .. } => self.seen(MessageId(op.id.0)).await?,
            Action::Edit { message_id, .. }
            | Action::Delete { message_id }
            | Action::React { message_id, .. }
            | Action::PinMessage { message_id, .. } => self.seen(*message_id).await?,
            Action::AddMember { user_id }
            | Action::RemoveMember { user_id }
            | Action::SetRole { user_id, .. } => self.member(*user_id).await?,
            Action::Transfer { user_id } => {
                let mut rows = self.member(*user_id).await?;
                rows.push(Row::Member(place.member.clone()));
                rows
            }
            _ => itself.chain([Row::Member(place.member.clone())]).collect(),
        })
    }

    /// A message of this conversation, if the caller may see it.
    async fn seen(&self, id: MessageId) -> Result<Vec<Row>, ApiError> {
        let first = self.place()?.membership.visible_from;
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
