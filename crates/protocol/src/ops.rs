//! Ops: actions of a user, each with an id chosen by the client, so that an op can be sent again after any
//! failure and still takes effect once.

use crate::{
    ConversationId, ConversationType, HistoryVisibility, MemberRole, MessageFile, MessageId,
    Millis, OpId, ProfileChange, Removal, Row, Seq, StreamId, UserId,
};
use serde::{Deserialize, Serialize};

/// An action of a user in one conversation. `POST /v1/ops`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Op {
    /// Makes the op idempotent: the same id with the same content takes effect once, and the response to a
    /// repeated op contains the current rows. The same id with other content is an error (409).
    pub id: OpId,
    /// The conversation. Ops of one conversation keep their order.
    pub conversation_id: ConversationId,
    /// The action.
    pub action: Action,
}

/// The action of an [`Op`].
///
/// A field that is left out means the same as before the field existed, so an op keeps its content across an
/// update of the client, and the server still recognizes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Creates a conversation. For two people, the id must be [`ConversationId::p2p`], and creating it again
    /// is not an error. The creator of a group owns it.
    Create {
        /// A direct conversation (p2p) or a group.
        kind: ConversationType,
        /// A group's title, 1 to 100 characters; empty for a direct conversation.
        title: String,
        /// The other members; exactly one for a direct conversation.
        members: Vec<UserId>,
        /// The part of the history that later members see; all of it if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        history: Option<HistoryVisibility>,
    },
    /// Sends a message. The op's id becomes the message's id.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Send {
        /// The text, 1 byte to 64 KiB; with files it is their caption, and may be empty.
        body: String,
        /// The message that it replies to, in the same conversation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        /// The members whom it mentions, at most 100.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
        /// Whether it mentions everybody. In a group, only its owner and administrators may do so.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        mentions_all: bool,
        /// Its files, at most 10, in the order in which they are shown. The sender has uploaded them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<MessageFile>,
    },
    /// Replaces the text of the user's own message. Earlier texts stay readable, and its files stay as they are.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Edit {
        /// The message.
        message_id: MessageId,
        /// As in `Send`.
        body: String,
        /// As in `Send`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        mentions: Vec<UserId>,
    },
    /// Deletes the user's own message. In a group, its owner and administrators can delete any message. The
    /// message keeps its position, and loses its text and its files.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Delete {
        /// The message.
        message_id: MessageId,
    },
    /// Adds a reaction to a message, or removes it.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    React {
        /// The message.
        message_id: MessageId,
        /// One emoji of Unicode's list; to remove a reaction, any existing one.
        emoji: String,
        /// False removes the reaction.
        on: bool,
    },
    /// Pins a message to its conversation, or unpins it.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    PinMessage {
        /// The message.
        message_id: MessageId,
        /// False unpins it.
        on: bool,
    },
    /// Moves the user's read position forward, never back.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Read {
        /// Up to and including this message.
        seq: Seq,
        /// Whether the other members do not see the position: only the user's own devices receive it then.
        #[serde(default, alias = "hidden", skip_serializing_if = "std::ops::Not::not")]
        without_receipt: bool,
    },
    /// Adds a person to a group. If the owner or an administrator removed the person, only one of those can
    /// do so.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    AddMember {
        /// The person.
        user_id: UserId,
    },
    /// Removes a person from a group: the owner can remove anybody, administrators can remove members.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    RemoveMember {
        /// The person.
        user_id: UserId,
    },
    /// Makes a member an administrator of the group, or a member again. Only its owner may do so.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    SetRole {
        /// The member.
        user_id: UserId,
        /// The new role. Not `owner`: see `Transfer`.
        role: MemberRole,
    },
    /// Transfers a group to another member. Only its owner may do so, who becomes an administrator.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Transfer {
        /// The new owner.
        user_id: UserId,
    },
    /// Leaves a group. Its owner must transfer it first, unless nobody else is in it.
    Leave,
    /// Changes a group's title. Only its owner and administrators may do so.
    Rename {
        /// 1 to 100 characters.
        title: String,
    },
    /// Changes a group's topic. Only its owner and administrators may do so.
    SetTopic {
        /// At most 500 characters.
        topic: String,
    },
    /// Sets the part of a group's history that new members see. Only its owner and administrators may do so.
    SetHistory {
        /// The part that new members see from now on.
        history: HistoryVisibility,
    },
    /// Sets the data that people who are removed from a group keep. Only its owner and administrators may do
    /// so.
    SetRemoval {
        /// The data that people who are removed from now on keep.
        removal: Removal,
    },
    /// Archives a group, so that it is read-only, or reopens it. Only its owner and administrators may do so.
    Archive {
        /// False reopens it.
        on: bool,
    },
    /// Mutes a conversation for the user.
    Mute {
        /// The time until which it is muted; `None` unmutes it.
        until: Option<Millis>,
    },
    /// Pins a conversation to the top of the user's list, or unpins it.
    Pin {
        /// False unpins it.
        on: bool,
    },
    /// Hides a conversation from the user's list until a message is sent there, or shows it again.
    Hide {
        /// False shows it again.
        on: bool,
    },
    /// Marks a conversation as unread, or removes the mark. Reading removes it, too.
    MarkUnread {
        /// False removes the mark.
        on: bool,
        /// Only messages before this position count as read from now on, for the user.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<Seq>,
    },
    /// Stores the user's draft for their other devices.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Draft {
        /// The text, at most 64 KiB; empty deletes the draft.
        body: String,
        /// The message that it replies to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        /// The `changed_seq` of the draft that this one continues, 0 for none: text that another device wrote
        /// since is kept, in front of this one. If left out, that text is lost.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ipc", specta(type = Option<specta_typescript::Number>))]
        based_on: Option<i64>,
    },
    /// Saves a message for later, for the user, or removes it from the saved ones.
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    Save {
        /// The message.
        message_id: MessageId,
        /// False removes it from the saved ones.
        on: bool,
    },
    /// Stores a choice for the user's other devices. It belongs to no conversation: see
    /// [`ConversationId::NONE`].
    Setting {
        /// The name of the choice: 1 to 64 bytes of `a-z`, `0-9`, `_`, `.`.
        name: String,
        /// The chosen value, at most 4 KiB.
        value: String,
    },
    /// Changes parts of the user's profile. It belongs to no conversation, like `Setting`.
    SetProfile {
        /// The new parts, which everybody on the server sees. Parts that it leaves out stay.
        profile: ProfileChange,
    },
}

impl Action {
    /// Returns the action that sends a message without files.
    pub fn send(body: impl Into<String>) -> Self {
        Self::send_files(body, Vec::new())
    }

    /// Returns whether it sends a message with files.
    pub fn has_files(&self) -> bool {
        matches!(self, Self::Send { files, .. } if !files.is_empty())
    }

    /// Returns the action that sends a message with files and a caption, which may be empty.
    pub fn send_files(body: impl Into<String>, files: Vec<MessageFile>) -> Self {
        let (body, mentions) = (body.into(), Vec::new());
        Self::Send { body, reply_to: None, mentions, mentions_all: false, files }
    }

    /// Returns the action that edits a message to this text, without mentions.
    pub fn edit(message_id: MessageId, body: impl Into<String>) -> Self {
        Self::Edit { message_id, body: body.into(), mentions: Vec::new() }
    }

    /// Returns the action that adds a reaction to a message.
    pub fn react(message_id: MessageId, emoji: impl Into<String>) -> Self {
        Self::React { message_id, emoji: emoji.into(), on: true }
    }

    /// Returns the action that creates a group whose new members see all of its history.
    pub fn create_group(title: impl Into<String>, members: Vec<UserId>) -> Self {
        Self::Create { kind: ConversationType::Group, title: title.into(), members, history: None }
    }

    /// Returns the action that creates the direct conversation with another person.
    pub fn create_p2p(other: UserId) -> Self {
        let (title, members) = (String::new(), vec![other]);
        Self::Create { kind: ConversationType::P2p, title, members, history: None }
    }
}

/// The response to an op that took effect, now or at an earlier attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpDone {
    /// The epoch in which it took effect. In another one, the effect may be lost.
    #[serde(default)]
    pub epoch: String,
    /// The stream that it changed.
    pub stream: StreamId,
    /// The current rows. They never move a cursor.
    pub rows: Vec<Row>,
}

impl OpDone {
    /// Creates the result of an op. The epoch is empty until it is set.
    pub fn new(stream: StreamId, rows: Vec<Row>) -> Self {
        Self { epoch: String::new(), stream, rows }
    }
}
