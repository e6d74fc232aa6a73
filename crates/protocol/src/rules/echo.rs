//! What an action changes on the screen before the server has answered (local echo): the outbox is laid over the
//! mirror by it.

use crate::{
    ConversationType, HistoryVisibility, MemberRole, MessageId, Millis, Profile, Removal, Seq,
    UserId,
};

/// Where an action shows while it waits, and as what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo<'a> {
    /// A new message, at the end of the timeline and in the conversation's preview.
    NewMessage {
        /// What it says.
        body: &'a str,
        /// The message that it answers.
        reply_to: Option<MessageId>,
        /// Members who are meant by it.
        mentions: &'a [UserId],
    },
    /// A message of the timeline.
    Message(MessageId, MessageEcho<'a>),
    /// A new conversation in the list, with its members.
    NewConversation {
        /// p2p or group.
        kind: ConversationType,
        /// A group's title.
        title: &'a str,
        /// Its members beside oneself.
        others: &'a [UserId],
    },
    /// The conversation, in the list and in its header.
    Conversation(ConversationEcho<'a>),
    /// The list of members; of oneself, the conversation too.
    Members(MembersEcho),
    /// One's choice of this name.
    Choice {
        /// Which.
        name: &'a str,
        /// What is chosen.
        value: &'a str,
    },
    /// What one tells of oneself.
    Profile(&'a Profile),
    /// Nowhere: what it says was on the screen, and kept, before.
    Nowhere,
}

/// What changes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageEcho<'a> {
    /// What it says.
    Edited {
        /// From now on.
        body: &'a str,
        /// Members who are meant by that.
        mentions: &'a [UserId],
    },
    /// It is gone.
    Deleted,
    /// One's own reaction.
    Reaction {
        /// Which.
        emoji: &'a str,
        /// False takes it back.
        on: bool,
    },
    /// Whether it is pinned to its conversation.
    Pinned(bool),
    /// Whether one saved it for later.
    Saved(bool),
}

/// What changes of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationEcho<'a> {
    /// A group's title.
    Title(&'a str),
    /// What a group is about.
    Topic(&'a str),
    /// What a group's new members see.
    History(HistoryVisibility),
    /// What whoever is removed from a group keeps.
    Removal(Removal),
    /// Whether a group can be read and no more.
    Archived(bool),
    /// Until when it makes no noise.
    MutedUntil(Option<Millis>),
    /// Whether it is on top of the list.
    Pinned(bool),
    /// Whether it is out of the list.
    Hidden(bool),
    /// Up to where one has read.
    Read(Seq),
    /// Whether one wants to come back to it.
    MarkedUnread {
        /// False takes it back.
        on: bool,
        /// Only messages before this one count as read.
        from: Option<Seq>,
    },
}

/// What changes of who is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MembersEcho {
    /// Somebody comes.
    Added(UserId),
    /// Somebody goes.
    Removed(UserId),
    /// Somebody may do something else.
    Role(UserId, MemberRole),
    /// Somebody owns it, and one is an administrator oneself.
    Transferred(UserId),
    /// One goes oneself.
    Left,
}
