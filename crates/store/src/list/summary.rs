//! A row of the conversation list.

use crate::draft::Draft;
use crate::mirror::users::PersonState;
use parlour_protocol::{
    ConversationId, ConversationType, Count, HistoryVisibility, MemberRole, Millis, Removal, Seq,
    UserId,
};
use serde::Serialize;

/// A row of the conversation list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// The conversation's id.
    pub id: ConversationId,
    /// A direct conversation (p2p) or a group.
    pub kind: ConversationType,
    /// A group's title, or the other person's name.
    pub title: String,
    /// The topic of a group.
    pub topic: String,
    /// The part of the history that a group's new members see.
    pub history: HistoryVisibility,
    /// The data that a person who is removed from a group may retain.
    pub removal: Removal,
    /// Whether the other person of a direct conversation can read it; `None` for a group.
    pub peer: Option<PersonState>,
    /// The other person of a direct conversation; `None` for a group.
    pub peer_id: Option<UserId>,
    /// Whether the conversation is archived, and so read-only.
    pub archived: bool,
    /// The user's role in the conversation.
    pub role: MemberRole,
    /// The beginning of the newest message; empty if there is none or it was deleted.
    pub preview: String,
    /// The author of the newest message; `None` if there is none, empty for a message that waits in
    /// the outbox.
    pub sender: Option<String>,
    /// Whether the user wrote the newest message.
    pub own: bool,
    /// The time of the last activity.
    pub active_at: Millis,
    /// Number of messages after the read position.
    pub unread: Count,
    /// Number of unread messages that mention the user by name or reply to the user.
    pub mentions: Count,
    /// Whether the user marked the conversation as unread.
    pub marked_unread: bool,
    /// The position of the newest message.
    pub last_seq: Seq,
    /// The position up to which the user has read.
    pub last_read_seq: Seq,
    /// Whether the user left the conversation; then it is read-only.
    pub left: bool,
    /// The time until which it is muted.
    pub muted_until: Option<Millis>,
    /// The time at which the user pinned it to the top of the list.
    pub pinned_at: Option<Millis>,
    /// Whether the user hid it, and nothing was written there since.
    pub hidden: bool,
    /// The user's draft in the conversation.
    pub draft: Option<Draft>,
    /// Number of the user's messages that wait or were refused.
    pub waiting: Count,
}

impl ConversationSummary {
    pub(super) fn new(
        id: ConversationId,
        kind: ConversationType,
        title: String,
        active_at: Millis,
    ) -> Self {
        Self {
            id,
            kind,
            title,
            topic: String::new(),
            history: HistoryVisibility::Beginning,
            removal: Removal::Keep,
            peer: None,
            peer_id: None,
            archived: false,
            role: MemberRole::Member,
            preview: String::new(),
            sender: None,
            own: false,
            active_at,
            unread: Count(0),
            mentions: Count(0),
            marked_unread: false,
            last_seq: Seq(0),
            last_read_seq: Seq(0),
            left: false,
            muted_until: None,
            pinned_at: None,
            hidden: false,
            draft: None,
            waiting: Count(0),
        }
    }
}
