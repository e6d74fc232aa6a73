//! The responses that the sync reads: heads, changes, bootstraps, history, and digests of the rows.

use crate::{ConversationId, ErrorBody, Millis, Row, Seq, ServerAbout, StreamId};
use serde::{Deserialize, Serialize};

/// `GET /v1/heads?wm=W`: every stream of the caller whose head moved since the watermark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Heads {
    /// Identifies the state of the server's database. It changes when the database is restored;
    /// every cursor is then invalid.
    pub epoch: String,
    /// The watermark to send with the next request, from the same snapshot.
    pub wm: i64,
    /// The heads that moved.
    pub heads: Vec<Head>,
    /// The newest messages of these conversations, so that a list of conversations is in the right
    /// order and shows the right unread counts before the messages themselves arrive.
    #[serde(default)]
    pub newest: Vec<Newest>,
    /// The proof of the watermark, to be sent with the next request; at most 256 bytes, '' from a
    /// server that gives no proof.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
    /// The server's name and welcome text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerAbout>,
}

/// A conversation's newest message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Newest {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The message's position.
    pub seq: Seq,
    /// The time at which the server accepted the message.
    pub sent_at: Millis,
}

/// The newest change of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The stream.
    pub stream: StreamId,
    /// The number of the user's join of the conversation to which this applies; 0 for other streams.
    pub term: i64,
    /// The number of the stream's newest change.
    pub head: i64,
}

/// `GET /v1/changes?stream&epoch&term&since`: the rows of (from, to], from one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// The stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The start of the interval, exclusive.
    pub from: i64,
    /// The end of the interval, inclusive: the cursor once these rows are applied.
    pub to: i64,
    /// The stream's head in the same snapshot.
    pub head: i64,
    /// The rows by `changed_seq`, oldest first.
    pub rows: Vec<Row>,
}

/// `GET /v1/bootstrap?conversation`: a conversation's title, members and newest messages, from one
/// snapshot. Sets the cursor to `head`, once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bootstrap {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// The stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The stream's head.
    pub head: i64,
    /// The seq of the conversation's newest message; 0 if there is none.
    pub last_seq: i64,
    /// The conversation, its members, and its newest messages.
    pub rows: Vec<Row>,
    /// Set if not all members fit: the omitted ones changed after this change number, and are
    /// fetched from `GET /v1/state` since it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_cursor: Option<i64>,
}

/// `POST /v1/pull`: fetches what several streams lack, from one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pull {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// At most [`limits::PULL_STREAMS`](crate::limits::PULL_STREAMS).
    pub streams: Vec<PullStream>,
    /// Maximum size of the rows, in bytes of JSON, of the response; if left out, the server's
    /// maximum. A single larger change is sent anyway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
}

/// One stream of a [`Pull`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PullStream {
    /// The stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    #[serde(default)]
    pub term: i64,
    /// The cursor; left out to bootstrap a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// The response to a [`Pull`], in the order of the request. Answers that do not fit are left out at the end,
/// to be requested again; the first stream is always answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pulled {
    /// One response for each stream.
    pub answers: Vec<PulledStream>,
}

/// The response for one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum PulledStream {
    /// The response of `GET /v1/changes`.
    Page(Page),
    /// The response of `GET /v1/bootstrap`.
    Bootstrap(Bootstrap),
    /// The error of either request.
    Error(ErrorBody),
}

/// `GET /v1/history?conversation&epoch&term&before&limit`: older messages, newest first. Never moves a
/// cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// The stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The seq that was requested.
    pub before: i64,
    /// The messages without gaps, from `before - 1` downwards.
    pub rows: Vec<Row>,
}

/// `GET /v1/digest?conversation&epoch&term&low&high`: the digest of the messages from `low` to
/// `high`, as far as the caller may see them, in one snapshot.
/// `GET /v1/state/digest?stream&epoch&term`: the digest of all rows of a stream except messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// The stream's head.
    pub head: i64,
    /// Number of rows.
    pub count: i64,
    /// The digest in hexadecimal; see [`Digester`](crate::Digester) for messages and
    /// [`rows_digest`](crate::rows_digest) for other rows.
    pub sha256: String,
}
