//! Sends, edits and deletes messages.

use crate::drafts;
use crate::error::Result;
use crate::session::Session;
use crate::status::ConnectionState;
use parlour_protocol::{Action, ConversationId, Count, MessageId, Millis, Op, OpId, text};
use parlour_store::{Position, SettingKey, TimelineItem};
use serde::Deserialize;

/// Number of the newest messages, not counting those that are waiting to be sent, in which a message is looked up for
/// its local echo: the server may have it already, with newer ones after it.
const ECHO_SEARCH: i64 = 30;

/// A message that the user writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OutgoingMessage {
    /// The text: 1 byte to 64 KiB, not blank. `@name` mentions a member, and `@all` everybody if the
    /// author may do that.
    pub body: String,
    /// The message that it replies to.
    pub reply_to: Option<MessageId>,
    /// The attached files, by their numbers, in the order in which they are shown. With files, the text may be empty.
    #[serde(default)]
    pub files: Vec<Count>,
}

impl<T: Into<String>> From<T> for OutgoingMessage {
    fn from(body: T) -> Self {
        Self { body: body.into(), reply_to: None, files: Vec::new() }
    }
}

/// A deletion that waits until it cannot be undone any more, as the window stores it.
#[derive(Debug, Deserialize)]
struct StoredDeletion {
    conversation: ConversationId,
    id: MessageId,
}

impl Session {
    /// Queues a message and empties the conversation's draft. Returns the message as the timeline shows
    /// it until the server has it.
    pub fn send_message(
        &self,
        conversation: ConversationId,
        id: MessageId,
        message: impl Into<OutgoingMessage>,
    ) -> Result<TimelineItem> {
        let OutgoingMessage { body, reply_to, files } = message.into();
        let body = text::with_newlines(&body).into_owned();
        self.check_members_possible(conversation)?;
        let (mentions, mentions_all) = self.context.store.mentioned(conversation, &body)?;
        let files = self.files_to_send(conversation, &files)?;
        let action = Action::Send { body: body.clone(), reply_to, mentions, mentions_all, files };
        let op = Op { id: OpId(id.0), conversation_id: conversation, action };
        let created_at = self.now();
        self.check(&op)?;
        // A message that is written offline is not meant for people who join before it can be sent.
        let until = match self.connection() {
            ConnectionState::Online | ConnectionState::Polling => None,
            _ => self.context.store.mirror.newest_member(conversation)?,
        };
        let changes = self.context.store.enqueue_message(&op, created_at, until)?;
        self.queue(&op, changes);
        drafts::share(&self.context.local(), conversation)?;
        self.echo(conversation, id, body, created_at)
    }

    /// Returns the message as the timeline shows it, with its quote and mentions.
    fn echo(
        &self,
        conversation: ConversationId,
        id: MessageId,
        body: String,
        created_at: Millis,
    ) -> Result<TimelineItem> {
        let newest =
            self.context.store.timeline(conversation, Position::Newest, ECHO_SEARCH)?.items;
        if let Some(item) = newest.into_iter().find(|item| item.id == id) {
            return Ok(item);
        }
        let account = self.context.store.account()?;
        let me = (account.user_id, account.username);
        Ok(TimelineItem::waiting(id, me, body, created_at))
    }

    /// Edits the user's own message: in the outbox while it waits there, otherwise with an op.
    pub fn edit_message(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
        body: &str,
    ) -> Result<()> {
        let body = &*text::with_newlines(body);
        text::check_body(body)?;
        self.check_members_possible(conversation)?;
        let (mentions, all) = self.context.store.mentioned(conversation, body)?;
        if let Some(pending) = self.context.store.pending_op(OpId(message_id.0))?
            && let Action::Send { reply_to, ref files, .. } = pending.op.action
        {
            let (body, mentions, mentions_all) = (body.into(), mentions.clone(), all);
            let files = files.clone();
            let action = Action::Send { body, reply_to, mentions, mentions_all, files };
            let op = Op { id: pending.op.id, conversation_id: conversation, action };
            let (rewritten, changes) = self.context.store.rewrite(&op)?;
            if rewritten {
                return self.lane_changed(&pending, changes);
            }
        }
        self.submit(conversation, Action::Edit { message_id, body: body.into(), mentions })
    }

    /// Deletes a message: from the outbox while it waits there, otherwise with an op.
    pub fn delete_message(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
    ) -> Result<()> {
        if let Some(pending) = self.context.store.pending_op(OpId(message_id.0))? {
            let (dropped, changes) = self.context.store.discard(&pending.op)?;
            if dropped {
                return self.lane_changed(&pending, changes);
            }
        }
        self.submit(conversation, Action::Delete { message_id })
    }

    /// Carries out the deletions that could still be undone when the program ended.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written; the remaining ones are then still stored.
    pub(crate) fn resume_deletions(&self) -> Result<()> {
        let stored = self.setting(SettingKey::Deletions, None)?;
        let stored: Vec<StoredDeletion> = serde_json::from_str(&stored).unwrap_or_default();
        if stored.is_empty() {
            return Ok(());
        }
        for StoredDeletion { conversation, id } in stored {
            self.delete_message(conversation, id)?;
        }
        self.set_setting(SettingKey::Deletions, None, "")
    }
}
