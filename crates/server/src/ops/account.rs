//! The ops on data that only the caller sees.

use super::context::OpContext;
use super::draft::merge;
use crate::error::ApiError;
use crate::queries::{account, members, streams};
use parlour_protocol::{
    DraftRow, MembershipRow, MessageId, OpDone, Row, SavedRow, SettingRow, limits, text,
};

impl OpContext<'_> {
    /// Changes how a conversation appears in the caller's own list.
    pub(super) async fn update_membership(
        &self,
        change: impl FnOnce(&mut MembershipRow) + Send,
    ) -> Result<OpDone, ApiError> {
        let mut membership = self.member()?.membership.clone();
        change(&mut membership);
        let to = streams::advance(self.tx, self.account()).await?;
        let member = members::update_membership(self.tx, self.caller, &membership, to).await?;
        Ok(self.announce(self.account(), to, vec![Row::Membership(member.membership)]))
    }

    pub(super) async fn draft(
        &self,
        body: &str,
        reply_to: Option<MessageId>,
        based_on: Option<i64>,
    ) -> Result<OpDone, ApiError> {
        self.member()?;
        let stored = account::draft(self.tx, self.caller, self.conversation).await?;
        let (body, reply_to) = match &stored {
            Some(stored) if based_on.is_some_and(|based_on| based_on != stored.changed_seq) => {
                (merge(&stored.body, body), reply_to.or(stored.reply_to))
            }
            _ => (body.to_owned(), reply_to),
        };
        // The merged text of two devices may be too long.
        text::check_draft(&body)?;
        if let Some(row) = stored
            && row.body == body
            && row.reply_to == reply_to
        {
            return Ok(OpDone::new(self.account(), vec![Row::Draft(row)]));
        }
        let to = streams::advance(self.tx, self.account()).await?;
        let row = DraftRow {
            conversation_id: self.conversation,
            body,
            reply_to,
            updated_at: self.now,
            changed_seq: to,
        };
        account::set_draft(self.tx, self.caller, &row).await?;
        Ok(self.announce(self.account(), to, vec![Row::Draft(row)]))
    }

    pub(super) async fn save(&self, id: MessageId, on: bool) -> Result<OpDone, ApiError> {
        self.message(id).await?;
        let to = streams::advance(self.tx, self.account()).await?;
        let row = SavedRow {
            message_id: id,
            conversation_id: self.conversation,
            saved_at: on.then_some(self.now),
            changed_seq: to,
        };
        account::set_saved(self.tx, self.caller, &row).await?;
        Ok(self.announce(self.account(), to, vec![Row::Saved(row)]))
    }

    pub(super) async fn setting(&self, name: &str, value: &str) -> Result<OpDone, ApiError> {
        if account::count_others(self.tx, self.caller, name).await? >= limits::SETTINGS {
            return Err(ApiError::invalid("This account has as many settings as it may have."));
        }
        let to = streams::advance(self.tx, self.account()).await?;
        let row = SettingRow { name: name.into(), value: value.into(), changed_seq: to };
        account::set_setting(self.tx, self.caller, &row).await?;
        Ok(self.announce(self.account(), to, vec![Row::Setting(row)]))
    }
}
