//! Which conversations are exported.

use crate::queries::conversations::StoredConversation;
use parlour_protocol::ConversationId;
use std::collections::HashSet;

/// The conversations that an export contains.
pub struct Scope {
    /// Whether it contains private ones.
    pub has_private: bool,
    /// The groups whose whole history is open to everybody on the server.
    pub open: HashSet<ConversationId>,
}

impl Scope {
    /// Returns whether the export contains a conversation.
    pub fn includes(&self, conversation: &StoredConversation) -> bool {
        self.has_private || self.is_open(conversation.row.id)
    }

    /// Returns whether a conversation is open to everybody on the server.
    pub fn is_open(&self, id: ConversationId) -> bool {
        self.open.contains(&id)
    }
}
