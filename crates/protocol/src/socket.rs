//! Frames of the socket, `GET /v1/socket`. They are hints: each may be lost, duplicated or late.

use crate::{Availability, ConversationId, ErrorCode, Head, Page, Presence, UserId};
use serde::{Deserialize, Serialize};

/// A frame that the server sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Frame {
    /// The first frame.
    Hello {
        /// See [`crate::Heads::epoch`].
        epoch: String,
        /// The interval of heartbeats, [`HEARTBEAT_MS`](crate::periods::HEARTBEAT_MS). Two missed ones mean a dead socket.
        heartbeat_ms: i64,
    },
    /// A change with its rows.
    Change(Page),
    /// Streams that moved, without rows: the client read too slowly, or the change is large.
    Hint {
        /// Their heads.
        heads: Vec<Head>,
    },
    /// A person is typing in a conversation. Valid for [`TYPING_SHOWN_MS`](crate::periods::TYPING_SHOWN_MS); never
    /// stored.
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
        /// The person.
        user_id: UserId,
    },
    /// Whether watched people are online; see [`ClientFrame::Watch`]. Sent when that changes, at most every 2
    /// seconds, and never stored.
    Presence {
        /// The people.
        people: Vec<Presence>,
    },
    /// The server is alive.
    Heartbeat {
        /// The server's watermark: if it moved without a frame, a push was lost.
        wm: i64,
    },
    /// The server closes the socket.
    Bye {
        /// The reason.
        code: ErrorCode,
        /// Time to wait before connecting again, in milliseconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<i64>,
    },
    /// A kind that this version does not know: skipped.
    #[serde(other)]
    Unknown,
}

/// A frame that the client sends. Each may be lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ClientFrame {
    /// The user is typing in a conversation; sent at most every
    /// [`TYPING_REPEATED_MS`](crate::periods::TYPING_REPEATED_MS).
    Typing {
        /// The conversation.
        conversation_id: ConversationId,
    },
    /// Whether the user uses this device, and whether their notifications are paused. Until the first one, and with
    /// `offline`, the device does not count.
    Presence {
        /// The state.
        state: Availability,
    },
    /// The people whose presence the user watches, at most [`WATCHED`](crate::limits::WATCHED); replaces
    /// the previous ones. The server responds with the presence of those who are new.
    Watch {
        /// The people.
        user_ids: Vec<UserId>,
    },
    /// A kind that this version does not know: skipped.
    #[serde(other)]
    Unknown,
}
