//! Read positions, the profile and drafts.

use crate::drafts;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, ProfileChange, Seq, text};
use parlour_store::{Draft, SettingKey};

impl Session {
    /// Records that the user has read up to `seq`. The other members see it unless the user turned that
    /// off.
    pub fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<()> {
        let without_receipt = !self.is_on(SettingKey::SendsReadReceipts)?;
        self.submit(conversation, Action::Read { seq, without_receipt })
    }

    /// Changes parts of the user's profile, which everybody on the server sees. Parts that are `None` stay as they are.
    pub fn set_profile(&self, profile: ProfileChange) -> Result<()> {
        self.submit(ConversationId::NONE, Action::SetProfile { profile })
    }

    /// Stores what is being written, on this device only; [`Session::share_draft`] sends it to the others.
    pub fn set_draft(&self, conversation: ConversationId, draft: &Draft) -> Result<()> {
        let (body, reply_to) = (text::without_controls(&draft.body).into_owned(), draft.reply_to);
        let draft = Draft { body, reply_to };
        let changes = self.context.store.set_draft(conversation, &draft, self.now())?;
        self.context.notices.changed(changes);
        Ok(())
    }

    /// Sends every draft that the server does not have to the user's other devices.
    pub fn share_drafts(&self) -> Result<()> {
        drafts::share_all(&self.context.local())
    }

    /// Sends the draft of a conversation to the user's other devices; to be called when the user pauses
    /// typing or switches to something else.
    pub fn share_draft(&self, conversation: ConversationId) -> Result<()> {
        drafts::share(&self.context.local(), conversation)
    }
}
