//! A row of the conversation list.

use crate::draft::Draft;
use crate::mirror::users::PersonState;
use parlour_protocol::{
    ConversationId, ConversationType, Count, HistoryVisibility, MemberRole, Millis, Removal, Seq,
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
    /// What a group is about.
    pub topic: String,
    /// What a group's new members see.
    pub history: HistoryVisibility,
    /// What whoever is removed from a group keeps.
    pub removal: Removal,
    /// Whether the other person of a direct message reads it; nothing for a group.
    pub peer: Option<PersonState>,
    /// Whether it can be read and no more.
    pub archived: bool,
    /// What I may do there.
    pub role: MemberRole,
    /// The newest message's beginning; empty if there is none or it was deleted.
    pub preview: String,
    /// Who wrote it; nothing if there is none.
    pub sender: Option<String>,
    /// Whether I wrote it.
    pub own: bool,
    /// When something was last said.
    pub active_at: Millis,
    /// Messages past the read position.
    pub unread: Count,
    /// Whether I want to come back to it.
    pub marked_unread: bool,
    /// The newest message's position.
    pub last_seq: Seq,
    /// Up to where I have read.
    pub last_read_seq: Seq,
    /// Whether I left it: then it can be read and no more.
    pub left: bool,
    /// Until when it makes no noise.
    pub muted_until: Option<Millis>,
    /// When I put it on top of the list.
    pub pinned_at: Option<Millis>,
    /// Whether I put it away, and nothing was said there since.
    pub hidden: bool,
    /// What I am writing there.
    pub draft: Option<Draft>,
    /// How many of my messages there wait or were refused.
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
            archived: false,
            role: MemberRole::Member,
            preview: String::new(),
            sender: None,
            own: false,
            active_at,
            unread: Count(0),
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
