//! What only Parlour's own export contains.

use super::Key;
use parlour_protocol::{HistoryVisibility, MemberRole, Millis, Removal};

/// The settings of a conversation, and its members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationDetails {
    /// What new members see.
    pub history: Option<HistoryVisibility>,
    /// What removed people keep.
    pub removal: Option<Removal>,
    /// All of its current members, and former ones as far as they are known.
    pub members: Vec<ExportedMember>,
}

/// A current or former member of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedMember {
    /// The key of the person.
    pub person: Key,
    /// Their role.
    pub role: MemberRole,
    /// The time at which they last joined.
    pub joined_at: Millis,
    /// The time at which they left, if they did.
    pub left_at: Option<Millis>,
}

/// The times and the people of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageDetails {
    /// The keys of the people whom it mentions.
    pub mentions: Vec<Key>,
    /// The time at which it was deleted, if it was.
    pub deleted_at: Option<Millis>,
    /// The time at which it was pinned, if it is.
    pub pinned_at: Option<Millis>,
}
