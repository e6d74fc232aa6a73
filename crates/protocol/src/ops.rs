//! Ops: what a user does, each with an id of the client's making, so that it can be sent again
//! after any failure and still happen once.

use crate::{ConversationId, ConversationType, MessageId, OpId, Row, Seq, StreamId, UserId};
use serde::{Deserialize, Serialize};

/// One thing that a user did, in one conversation. `POST /v1/ops`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Op {
    /// The same id with the same content answers the first result; with other content, 409.
    pub id: OpId,
    /// Where it happens. Ops of one conversation keep their order.
    pub conversation_id: ConversationId,
    /// What it does.
    pub action: Action,
}

/// What an [`Op`] does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Action {
    /// Starts a conversation. For a pair the id must be [`ConversationId::p2p`], and starting it
    /// again is no error.
    Create {
        /// p2p or group.
        kind: ConversationType,
        /// A group's title, 1 to 100 characters; empty for a pair.
        title: String,
        /// The others; exactly one for a pair.
        members: Vec<UserId>,
    },
    /// Says something. The op's id becomes the message's id.
    Send {
        /// 1 byte to 64 KiB.
        body: String,
    },
    /// Replaces the body of one's own message.
    Edit {
        /// Which.
        message_id: MessageId,
        /// As in `Send`.
        body: String,
    },
    /// Deletes one's own message; its place stays.
    Delete {
        /// Which.
        message_id: MessageId,
    },
    /// Moves one's read position forward, never back.
    Read {
        /// Up to and including this message.
        seq: Seq,
    },
    /// Adds a person to a group.
    AddMember {
        /// Who.
        user_id: UserId,
    },
    /// Leaves a group.
    Leave,
}

/// The answer to an op that was done, now or at an earlier try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpDone {
    /// The stream that it changed.
    pub stream: StreamId,
    /// The rows as they are now. They never move a cursor.
    pub rows: Vec<Row>,
}
