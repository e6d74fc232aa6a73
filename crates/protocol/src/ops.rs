//! Ops: what a user does, each with an id of the client's making, so that it can be sent again
//! after any failure and still happen once.

use crate::{
    ConversationId, ConversationType, HistoryVisibility, MemberRole, MessageId, Millis, OpId,
    Profile, Removal, Row, Seq, StreamId, UserId,
};
use serde::{Deserialize, Serialize};

/// One thing that a user did, in one conversation. `POST /v1/ops`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Op {
    /// The same id with the same content is done once, and answered as things stand; with other content,
    /// 409.
    pub id: OpId,
    /// Where it happens. Ops of one conversation keep their order.
    pub conversation_id: ConversationId,
    /// What it does.
    pub action: Action,
}

/// What an [`Op`] does.
///
/// A field that is left out means what it meant before there was such a field, so that an op keeps
/// its content, and with it its answer, over an update of the client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Starts a conversation. For a pair the id must be [`ConversationId::p2p`], and starting it
    /// again is no error. Who starts a group owns it.
    Create {
        /// p2p or group.
        kind: ConversationType,
        /// A group's title, 1 to 100 characters; empty for a pair.
        title: String,
        /// The others; exactly one for a pair.
        members: Vec<UserId>,
        /// What members who come later see; all of it if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        history: Option<HistoryVisibility>,
    },
    /// Says something. The op's id becomes the message's id.
    Send {
        /// 1 byte to 64 KiB.
        body: String,
        /// The message that it answers, in the same conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        /// Members who are meant by it, at most 100.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
        /// Whether everybody is meant: for a group's owner and administrators.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mentions_all: bool,
    },
    /// Replaces the body of one's own message. What it said before stays readable.
    Edit {
        /// Which.
        message_id: MessageId,
        /// As in `Send`.
        body: String,
        /// As in `Send`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
    },
    /// Deletes one's own message, or in a group one that its owner or an administrator will not
    /// have; its place stays.
    Delete {
        /// Which.
        message_id: MessageId,
    },
    /// Reacts to a message, or takes that back.
    React {
        /// Which.
        message_id: MessageId,
        /// One emoji of Unicode's list; to take it back, whatever there is.
        emoji: String,
        /// False takes it back.
        on: bool,
    },
    /// Pins a message to its conversation, or unpins it.
    PinMessage {
        /// Which.
        message_id: MessageId,
        /// False unpins it.
        on: bool,
    },
    /// Moves one's read position forward, never back.
    Read {
        /// Up to and including this message.
        seq: Seq,
        /// Whether the others are not to see it: only one's own devices hear of it then.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        hidden: bool,
    },
    /// Adds a person to a group. Whom its owner or an administrator removed, one of those adds again.
    AddMember {
        /// Who.
        user_id: UserId,
    },
    /// Removes a person from a group: its owner anybody, its administrators members.
    RemoveMember {
        /// Who.
        user_id: UserId,
    },
    /// Makes a member an administrator of the group, or a member again: its owner alone.
    SetRole {
        /// Who.
        user_id: UserId,
        /// Not `owner`: see `Transfer`.
        role: MemberRole,
    },
    /// Hands a group over to another member: its owner alone, who becomes an administrator.
    Transfer {
        /// To whom.
        user_id: UserId,
    },
    /// Leaves a group. Its owner hands it over first, unless nobody else is in it.
    Leave,
    /// Changes a group's title: its owner and administrators.
    Rename {
        /// 1 to 100 characters.
        title: String,
    },
    /// Says what a group is about: its owner and administrators.
    SetTopic {
        /// At most 500 characters.
        topic: String,
    },
    /// Says how much of a group's past its new members see: its owner and administrators.
    SetHistory {
        /// From here on.
        history: HistoryVisibility,
    },
    /// Says what whoever is removed keeps of a group, from here on: its owner and administrators.
    SetRemoval {
        /// A copy, or nothing.
        removal: Removal,
    },
    /// Closes a group, so that it can be read and no more, or opens it again: its owner and
    /// administrators.
    Archive {
        /// False opens it again.
        on: bool,
    },
    /// Keeps a conversation from making noise, for oneself.
    Mute {
        /// Until then; nothing ends it.
        until: Option<Millis>,
    },
    /// Puts a conversation on top of one's list, or back.
    Pin {
        /// False puts it back.
        on: bool,
    },
    /// Puts a conversation out of one's list until something is said there, or back.
    Hide {
        /// False puts it back.
        on: bool,
    },
    /// Marks a conversation as unread, or takes that back. Reading takes it back too.
    MarkUnread {
        /// False takes it back.
        on: bool,
        /// Only messages before this one count as read from here on, for oneself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Seq>,
    },
    /// Keeps what one is writing, for one's other devices.
    Draft {
        /// At most 64 KiB; empty drops it.
        body: String,
        /// The message that it answers.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        /// The `changed_seq` of the draft that this continues, 0 for none: what another device wrote
        /// since is kept, in front of this. If left out, nothing of it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ipc", specta(type = Option<specta_typescript::Number>))]
        based_on: Option<i64>,
    },
    /// Saves a message for later, for oneself, or lets it go.
    Save {
        /// Which.
        message_id: MessageId,
        /// False lets it go.
        on: bool,
    },
    /// Keeps a choice for one's other devices. Of no conversation: see [`ConversationId::NOWHERE`].
    Setting {
        /// 1 to 64 bytes of `a-z`, `0-9`, `_`, `.`.
        name: String,
        /// At most 4 KiB.
        value: String,
    },
    /// Tells of oneself, in the place of all that one told before. Of no conversation, as `Setting`.
    SetProfile {
        /// What everybody sees of one.
        profile: Profile,
    },
}

impl Action {
    /// A message's body and nothing else.
    pub fn send(body: impl Into<String>) -> Self {
        Self::Send { body: body.into(), reply_to: None, mentions: Vec::new(), mentions_all: false }
    }

    /// A message's new body and nothing else.
    pub fn edit(message_id: MessageId, body: impl Into<String>) -> Self {
        Self::Edit { message_id, body: body.into(), mentions: Vec::new() }
    }

    /// A reaction to a message.
    pub fn react(message_id: MessageId, emoji: impl Into<String>) -> Self {
        Self::React { message_id, emoji: emoji.into(), on: true }
    }

    /// A new group that shows its past to everybody.
    pub fn create_group(title: impl Into<String>, members: Vec<UserId>) -> Self {
        Self::Create { kind: ConversationType::Group, title: title.into(), members, history: None }
    }

    /// The conversation with one other person.
    pub fn create_p2p(other: UserId) -> Self {
        let (title, members) = (String::new(), vec![other]);
        Self::Create { kind: ConversationType::P2p, title, members, history: None }
    }
}

/// The answer to an op that was done, now or at an earlier try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpDone {
    /// In which state of the server it was done; in another one it may be undone.
    #[serde(default)]
    pub epoch: String,
    /// The stream that it changed.
    pub stream: StreamId,
    /// The rows as they are now. They never move a cursor.
    pub rows: Vec<Row>,
}

impl OpDone {
    /// What an op did, in an epoch that is still to be told.
    pub fn new(stream: StreamId, rows: Vec<Row>) -> Self {
        Self { epoch: String::new(), stream, rows }
    }
}
