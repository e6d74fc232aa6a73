//! The ops that create a conversation or change its title, topic and settings.

use super::context::{OpContext, conflict};
use super::membership::{join, require_reachable};
use crate::error::ApiError;
use crate::queries::{conversations, streams};
use parlour_protocol::{
    ConversationRow, ConversationType, HistoryVisibility, MemberRole, OpDone, Row, UserId,
};
use std::collections::BTreeSet;

impl OpContext<'_> {
    pub(super) async fn create(
        &self,
        kind: ConversationType,
        title: &str,
        others: &[UserId],
        history: Option<HistoryVisibility>,
    ) -> Result<OpDone, ApiError> {
        let (id, stream) = (self.conversation, self.stream());
        if let Some(found) = &self.stored {
            // The other user of the pair created the conversation first, which comes to the same.
            if kind == ConversationType::P2p && found.row.kind == kind {
                let own = self.member()?.row.clone();
                let rows = vec![Row::Conversation(found.row.clone()), Row::Member(own)];
                return Ok(OpDone::new(stream, rows));
            }
            return Err(conflict());
        }
        for other in others {
            require_reachable(self.tx, *other).await?;
        }
        let changed_seq = streams::advance(self.tx, stream).await?;
        let row = ConversationRow {
            history: history.unwrap_or(HistoryVisibility::Beginning),
            changed_seq,
            ..ConversationRow::new(id, kind, title.trim(), self.caller, self.now)
        };
        conversations::insert(self.tx, &row).await?;
        let mut rows = vec![Row::Conversation(row)];
        let everyone: BTreeSet<UserId> = others.iter().copied().chain([self.caller]).collect();
        for user in everyone {
            let owns = kind == ConversationType::Group && user == self.caller;
            let role = if owns { MemberRole::Owner } else { MemberRole::Member };
            rows.push(join(self.tx, id, user, role, self.now, changed_seq).await?);
        }
        Ok(self.announce(stream, changed_seq, rows))
    }

    pub(super) async fn rename(&self, title: &str) -> Result<OpDone, ApiError> {
        self.update_group(|row| row.title = title.trim().into()).await
    }

    pub(super) async fn set_topic(&self, topic: &str) -> Result<OpDone, ApiError> {
        self.update_group(|row| row.topic = topic.trim().into()).await
    }

    /// Changes a property of the whole group.
    pub(super) async fn update_group(
        &self,
        change: impl FnOnce(&mut ConversationRow) + Send,
    ) -> Result<OpDone, ApiError> {
        self.group_manager()?;
        let mut row = self.stored()?.row.clone();
        change(&mut row);
        row.changed_seq = streams::advance(self.tx, self.stream()).await?;
        conversations::update(self.tx, &row).await?;
        Ok(self.announce(self.stream(), row.changed_seq, vec![Row::Conversation(row)]))
    }
}
