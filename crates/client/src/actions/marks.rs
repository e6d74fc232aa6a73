//! What one does with messages beside writing them, and with one's choices and drafts.

use crate::drafts;
use crate::error::{Error, Result};
use crate::session::Session;
use parlour_protocol::{Action, ConversationId, MessageId, Seq, text};
use parlour_store::Draft;

/// The choice whether others see how far one has read: `yes` or `no`.
const TELL_READING: &str = "tell_reading";

impl Session {
    /// Reacts to a message with one emoji, or takes that back.
    pub fn react(
        &self,
        conversation: ConversationId,
        message_id: MessageId,
        emoji: &str,
        on: bool,
    ) -> Result<()> {
        self.act(conversation, Action::React { message_id, emoji: emoji.into(), on })
    }

    /// Pins a message to its conversation, or unpins it.
    pub fn pin_message(
        &self,
        place: ConversationId,
        message_id: MessageId,
        on: bool,
    ) -> Result<()> {
        self.act(place, Action::PinMessage { message_id, on })
    }

    /// Saves a message for later, or lets it go.
    ///
    /// # Errors
    /// It still waits to be sent: there is nothing to find again yet.
    pub fn save_message(
        &self,
        place: ConversationId,
        message_id: MessageId,
        on: bool,
    ) -> Result<()> {
        if self.find_message(message_id)?.is_none() {
            return Err(Error::invalid("This message still waits to be sent. Save it once it is."));
        }
        self.act(place, Action::Save { message_id, on })
    }

    /// Notes that the user has read up to here; the others see it unless the user chose otherwise.
    pub fn mark_read(&self, conversation: ConversationId, seq: Seq) -> Result<()> {
        let hidden = self.choice(TELL_READING)?.as_deref() == Some("no");
        self.act(conversation, Action::Read { seq, hidden })
    }

    /// Chooses something on all of the user's devices.
    ///
    /// # Errors
    /// The files fail.
    pub fn choose(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.act(ConversationId::NOWHERE, Action::Setting { name, value })
    }

    /// Keeps what is being written, on this device; [`Session::share_draft`] tells the others.
    pub fn set_draft(&self, conversation: ConversationId, draft: &Draft) -> Result<()> {
        let (body, reply_to) = (text::without_controls(&draft.body).into_owned(), draft.reply_to);
        let draft = Draft { body, reply_to };
        let changes = self.context.store.set_draft(conversation, &draft, self.now())?;
        self.context.notices.changed(changes);
        Ok(())
    }

    /// Lets the user's other devices have what is being written anywhere.
    pub fn share_drafts(&self) -> Result<()> {
        drafts::share_all(&self.context)
    }

    /// Lets the user's other devices have what is being written: when they pause, or turn to something
    /// else.
    pub fn share_draft(&self, conversation: ConversationId) -> Result<()> {
        drafts::share(&self.context, conversation)
    }
}
