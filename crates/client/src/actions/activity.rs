//! Reads Activity, and marks it as read.

use crate::error::Result;
use crate::notify::activity::{self, NewActivity};
use crate::notify::{ActivityPage, DeviceState};
use crate::session::Session;
use jiff::tz::TimeZone;
use parlour_protocol::{ConversationId, Count, Seq};
use parlour_store::{ActivityKind, ActivityPosition, SettingKey};

impl Session {
    /// Returns a page of Activity, of one kind or of all.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn activity(
        &self,
        kind: Option<ActivityKind>,
        before: Option<ActivityPosition>,
    ) -> Result<ActivityPage> {
        activity::page(&self.context.store, &self.device_state(), kind, before)
    }

    /// Returns the number of new entries in Activity, among its newest 1,000 messages.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn activity_count(&self) -> Result<Count> {
        activity::count_new(&self.context.store, &self.device_state())
    }

    /// Records, for all devices, that the user has seen the reactions in a conversation.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn see_reactions(&self, conversation: ConversationId) -> Result<()> {
        let newest = self.context.store.reacted_seq(conversation)?;
        if newest <= activity::seen(&self.context.store, conversation)? {
            return Ok(());
        }
        self.set_setting(SettingKey::ReactionsSeen, Some(conversation), &newest.to_string())
    }

    /// Marks the newest entries of Activity as read: the conversations up to them, and the reactions. Returns what was
    /// read, each conversation with the first position that was new.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn read_activity(&self) -> Result<Vec<(ConversationId, Seq)>> {
        let store = &self.context.store;
        let NewActivity { messages, reactions } = activity::find_new(store, &self.device_state())?;
        let mut read = Vec::new();
        for (id, seq) in messages {
            if let Some(conversation_state) = store.conversation_state(id)? {
                read.push((id, Seq(conversation_state.last_read.0 + 1)));
                self.mark_read(id, seq)?;
            }
        }
        reactions.into_iter().try_for_each(|id| self.see_reactions(id))?;
        Ok(read)
    }

    fn device_state(&self) -> DeviceState {
        DeviceState { now: 0, wall: self.now(), zone: TimeZone::system(), visible: None }
    }
}
