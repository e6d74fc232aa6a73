//! The effect of an action on the screen before the server has responded (local echo). The store uses it to
//! overlay the outbox on the mirror.

use crate::{
    ConversationType, HistoryVisibility, MemberRole, MessageFile, MessageId, Millis, ProfileChange,
    Removal, Seq, UserId,
};

/// Where and how a waiting action is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo<'a> {
    /// A new message, at the end of the timeline and in the conversation's preview.
    NewMessage {
        /// Its text.
        body: &'a str,
        /// The message that it replies to.
        reply_to: Option<MessageId>,
        /// The members whom it mentions.
        mentions: &'a [UserId],
        /// Its files.
        files: &'a [MessageFile],
        /// Whether it mentions everybody.
        mentions_all: bool,
    },
    /// A change of a message in the timeline.
    Message(MessageId, MessageEcho<'a>),
    /// A new conversation in the list, with its members.
    NewConversation {
        /// A direct conversation (p2p) or a group.
        kind: ConversationType,
        /// A group's title.
        title: &'a str,
        /// Its members without the user.
        others: &'a [UserId],
    },
    /// A change of the conversation, in the list and in its header.
    Conversation(ConversationEcho<'a>),
    /// A change of the list of members and, if it is about the user, of the conversation.
    Members(MembersEcho),
    /// A choice of the user.
    Choice {
        /// Its name.
        name: &'a str,
        /// The chosen value.
        value: &'a str,
    },
    /// A change of the user's profile.
    Profile(&'a ProfileChange),
    /// None: the screen and the files already show it.
    None,
}

/// The change of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageEcho<'a> {
    /// Its text.
    Edited {
        /// The new text.
        body: &'a str,
        /// The members whom the new text mentions.
        mentions: &'a [UserId],
    },
    /// It is deleted.
    Deleted,
    /// The user's own reaction.
    Reaction {
        /// The emoji.
        emoji: &'a str,
        /// False removes it.
        on: bool,
    },
    /// Whether it is pinned to its conversation.
    Pinned(bool),
    /// Whether the user saved it for later.
    Saved(bool),
}

/// The change of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationEcho<'a> {
    /// A group's title.
    Title(&'a str),
    /// A group's topic.
    Topic(&'a str),
    /// The part of the history that a group's new members see.
    History(HistoryVisibility),
    /// The data that people who are removed from a group keep.
    Removal(Removal),
    /// Whether a group is archived, and so read-only.
    Archived(bool),
    /// The time until which it is muted.
    MutedUntil(Option<Millis>),
    /// Whether it is pinned to the top of the list.
    Pinned(bool),
    /// Whether it is hidden from the list.
    Hidden(bool),
    /// The position up to which the user has read.
    Read(Seq),
    /// Whether the user marked it as unread, to come back to it.
    MarkedUnread {
        /// False removes the mark.
        on: bool,
        /// Only messages before this position count as read.
        from: Option<Seq>,
    },
}

impl ConversationEcho<'_> {
    /// Returns the position up to which the user has read after the change; `last_read` is the previous
    /// one.
    pub fn read_after(self, last_read: Seq) -> Seq {
        match self {
            Self::Read(seq) => last_read.max(seq),
            Self::MarkedUnread { from: Some(from), .. } => {
                last_read.min(Seq(from.0.saturating_sub(1)))
            }
            Self::MarkedUnread { from: None, .. }
            | Self::Title(_)
            | Self::Topic(_)
            | Self::History(_)
            | Self::Removal(_)
            | Self::Archived(_)
            | Self::MutedUntil(_)
            | Self::Pinned(_)
            | Self::Hidden(_) => last_read,
        }
    }
}

/// The change of the members of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembersEcho {
    /// A person is added.
    Added(UserId),
    /// A person is removed.
    Removed(UserId),
    /// A member gets another role.
    Role(UserId, MemberRole),
    /// A member becomes the owner, and the user an administrator.
    Transferred(UserId),
    /// The user leaves.
    Left,
}
