//! Beginning, changing and leaving conversations.

use crate::effects::untrusted;
use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{
    Action, ConversationId, HistoryVisibility, MemberRole, Millis, Removal, Seq, UserId, text,
};
use parlour_store::{OpenOp, Pair};

impl Session {
    /// The conversation with one other person, begun if there is none.
    ///
    /// # Errors
    /// The server has something else in its place.
    pub fn create_p2p(&self, other: UserId) -> Result<ConversationId> {
        let me = self.context.store.account()?.user_id;
        let id = ConversationId::p2p(me, other);
        let begun = |open: &OpenOp| {
            open.op.conversation_id == id && matches!(open.op.action, Action::Create { .. })
        };
        match self.context.store.pair(other)? {
            Pair::Untrusted => return Err(untrusted().into()),
            Pair::Unknown if !self.context.store.open_ops()?.iter().any(begun) => {
                self.act(id, Action::create_p2p(other))?;
            }
            Pair::Unknown | Pair::Here => {}
        }
        Ok(id)
    }

    /// Begins a group.
    pub fn create_group(&self, title: &str, members: Vec<UserId>) -> Result<ConversationId> {
        let id = ConversationId(self.context.clock.id());
        self.act(id, Action::create_group(title.trim(), members))?;
        Ok(id)
    }

    /// Changes a group's title.
    pub fn rename(&self, conversation: ConversationId, title: &str) -> Result<()> {
        self.act(conversation, Action::Rename { title: title.trim().into() })
    }

    /// Says what a group is about.
    pub fn set_topic(&self, conversation: ConversationId, topic: &str) -> Result<()> {
        let topic = text::with_newlines(topic.trim()).into_owned();
        self.act(conversation, Action::SetTopic { topic })
    }

    /// Says how much of a group's past its new members see.
    pub fn set_history(&self, place: ConversationId, history: HistoryVisibility) -> Result<()> {
        self.act(place, Action::SetHistory { history })
    }

    /// Says what whoever is removed from a group keeps of it.
    pub fn set_removal(&self, place: ConversationId, removal: Removal) -> Result<()> {
        self.act(place, Action::SetRemoval { removal })
    }

    /// Closes a group, so that it can be read and no more, or opens it again.
    pub fn archive(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Archive { on })
    }

    /// Adds a person to a group.
    pub fn add_member(&self, conversation: ConversationId, user_id: UserId) -> Result<()> {
        self.act(conversation, Action::AddMember { user_id })
    }

    /// Removes a person from a group.
    pub fn remove_member(&self, conversation: ConversationId, user_id: UserId) -> Result<()> {
        self.act(conversation, Action::RemoveMember { user_id })
    }

    /// Gives a member of a group another role; to own it, the caller hands it over.
    pub fn set_role(&self, place: ConversationId, user_id: UserId, role: MemberRole) -> Result<()> {
        let action = match role {
            MemberRole::Owner => Action::Transfer { user_id },
            role => Action::SetRole { user_id, role },
        };
        self.act(place, action)
    }

    /// Leaves a group.
    pub fn leave(&self, conversation: ConversationId) -> Result<()> {
        self.act(conversation, Action::Leave)
    }

    /// Keeps a conversation from making noise until then; nothing ends it.
    pub fn mute(&self, conversation: ConversationId, until: Option<Millis>) -> Result<()> {
        self.act(conversation, Action::Mute { until })
    }

    /// Puts a conversation on top of the list, or back.
    pub fn pin(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Pin { on })
    }

    /// Puts a conversation out of the list until something is said there, or back.
    pub fn hide(&self, conversation: ConversationId, on: bool) -> Result<()> {
        self.act(conversation, Action::Hide { on })
    }

    /// Marks a conversation as unread, from a message on if one is given; or takes that back.
    pub fn mark_unread(&self, place: ConversationId, on: bool, from: Option<Seq>) -> Result<()> {
        self.act(place, Action::MarkUnread { on, from })
    }
}
