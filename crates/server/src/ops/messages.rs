//! The ops on existing messages.

use super::context::OpContext;
use super::files;
use super::mentions::filter_mentioned;
use crate::error::ApiError;
use crate::queries::{edits, messages, reactions, streams};
use parlour_protocol::{
    MemberRole, MessageId, MessageRow, OpDone, Reaction, Refusal, Row, UserId, limits, text,
};

impl OpContext<'_> {
    pub(super) async fn edit(
        &self,
        id: MessageId,
        body: &str,
        mentions: &[UserId],
    ) -> Result<OpDone, ApiError> {
        self.member()?;
        let mut row = self.undeleted_message(id).await?;
        if row.sender_id != self.caller {
            return Err(Refusal::SenderEdits.into());
        }
        edits::insert(self.tx, id, &row.body, self.now).await?;
        row.body = body.into();
        row.mentions = filter_mentioned(self.tx, self.conversation, body, mentions).await?;
        row.edited_at = Some(self.now);
        self.store(row).await
    }

    /// Deletes a message. Does nothing if it is deleted already.
    pub(super) async fn delete(&self, id: MessageId) -> Result<OpDone, ApiError> {
        let member = self.member()?;
        let row = self.message(id).await?;
        if row.sender_id != self.caller && member.row.role == MemberRole::Member {
            return Err(Refusal::SenderDeletes.into());
        }
        if row.deleted_at.is_some() {
            return Ok(OpDone::new(self.stream(), vec![Row::Message(row)]));
        }
        edits::forget(self.tx, id).await?;
        if !row.files.is_empty() {
            files::detach(self.tx, id, self.now).await?;
        }
        let (edited_at, deleted_at) = (row.edited_at, Some(self.now));
        self.store(MessageRow { edited_at, deleted_at, ..messages::emptied(row) }).await
    }

    pub(super) async fn react(
        &self,
        id: MessageId,
        emoji: &str,
        on: bool,
    ) -> Result<OpDone, ApiError> {
        self.member()?;
        let mut row = self.undeleted_message(id).await?;
        let existing = existing_emoji(&row.reactions, emoji).map(String::from);
        let is_new = existing.is_none();
        let emoji = existing.as_deref().or_else(|| text::canonical_emoji(emoji)).unwrap_or(emoji);
        if on && is_new && row.reactions.len() >= limits::REACTIONS {
            return Err(Refusal::ReactionsFull.into());
        }
        let at = on.then_some(self.now);
        if !reactions::set(self.tx, id, self.caller, emoji, at).await? {
            return Ok(OpDone::new(self.stream(), vec![Row::Message(row)]));
        }
        let is_large = self.stored()?.is_large();
        row.reactions = reactions::summary(self.tx, id, !is_large).await?;
        let lacks_users =
            row.reactions.iter().any(|reaction| reaction.emoji == emoji && reaction.is_cut());
        let (to, rows) = self.put(row).await?;
        Ok(if lacks_users {
            self.announce_rows_except_to_caller(to, rows)
        } else {
            self.announce_coalesced(to, rows)
        })
    }

    pub(super) async fn pin(&self, id: MessageId, on: bool) -> Result<OpDone, ApiError> {
        self.member()?;
        let mut row = self.undeleted_message(id).await?;
        if row.pinned_at.is_some() == on {
            return Ok(OpDone::new(self.stream(), vec![Row::Message(row)]));
        }
        row.pinned_at = on.then_some(self.now);
        self.store(row).await
    }

    /// Returns a message of this conversation, or refuses if the caller may not see it.
    pub(super) async fn message(&self, id: MessageId) -> Result<MessageRow, ApiError> {
        let member = self.member()?;
        let found = messages::find(self.tx, id).await?;
        let visible = found.filter(|found| {
            found.conversation_id == self.conversation
                && found.row.seq.0 >= member.membership.visible_from
        });
        visible.map(|found| found.row).ok_or_else(|| ApiError::not_found("message"))
    }

    async fn undeleted_message(&self, id: MessageId) -> Result<MessageRow, ApiError> {
        let row = self.message(id).await?;
        if row.deleted_at.is_some() {
            return Err(Refusal::MessageDeleted.into());
        }
        Ok(row)
    }

    /// Stores a changed message and announces it.
    async fn store(&self, row: MessageRow) -> Result<OpDone, ApiError> {
        let (to, rows) = self.put(row).await?;
        Ok(self.announce(self.stream(), to, rows))
    }

    async fn put(&self, mut row: MessageRow) -> Result<(i64, Vec<Row>), ApiError> {
        row.changed_seq = streams::advance(self.tx, self.stream()).await?;
        messages::update(self.tx, &row).await?;
        Ok((row.changed_seq, vec![Row::Message(row)]))
    }
}

/// Returns the form of an emoji that is already used on a message. It may differ in the variation selector, because
/// an earlier version stored both forms.
fn existing_emoji<'a>(reactions: &'a [Reaction], emoji: &str) -> Option<&'a str> {
    let canonical = text::canonical_emoji(emoji);
    let same = |one: &&str| canonical.is_some() && text::canonical_emoji(one) == canonical;
    let all = || reactions.iter().map(|reaction| reaction.emoji.as_str());
    all().find(|candidate| *candidate == emoji).or_else(|| all().find(same))
}
