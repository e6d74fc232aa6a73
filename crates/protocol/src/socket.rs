//! Frames of the socket, `GET /v1/socket`. They are hints: each may be lost, doubled or late.

use crate::{ConversationId, ErrorCode, Head, Page, UserId};
use serde::{Deserialize, Serialize};

/// What the server says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Frame {
    /// First of all.
    Hello {
        /// See [`crate::Heads::epoch`].
        epoch: String,
        /// How often a heartbeat comes, in milliseconds. Two missed mean a dead socket.
        heartbeat_ms: i64,
    },
    /// A change with its rows.
    Change(Page),
    /// Streams that moved, without rows: this reader was slow, or the change is large.
    Hint {
        /// Their heads.
        heads: Vec<Head>,
    },
    /// Somebody writes in a conversation. Good for 6 seconds; never stored.
    Typing {
        /// Where.
        conversation_id: ConversationId,
        /// Who.
        user_id: UserId,
    },
    /// Whether somebody that one looks at is here; see [`ClientFrame::Watch`]. Never stored.
    Presence {
        /// Who.
        user_id: UserId,
        /// Whether any of their devices is connected.
        online: bool,
    },
    /// Still here.
    Heartbeat {
        /// The server's watermark: one that moved without a frame means a push was lost.
        wm: i64,
    },
    /// The server closes the socket.
    Bye {
        /// Why.
        code: ErrorCode,
        /// When to come back, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<i64>,
    },
    /// A kind that this version does not know: skipped.
    #[serde(other)]
    Unknown,
}

/// What the client says. All of it may be lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientFrame {
    /// One writes in a conversation; said at most every 3 seconds.
    Typing {
        /// Where.
        conversation_id: ConversationId,
    },
    /// Whose presence one wants to know, in place of those before: at most 200.
    Watch {
        /// Who.
        user_ids: Vec<UserId>,
    },
    /// A kind that this version does not know: skipped.
    #[serde(other)]
    Unknown,
}
