//! What the sync reads: heads, changes, beginnings, history, and digests of what is there.

use crate::{ConversationId, ErrorBody, Millis, Row, Seq, StreamId};
use serde::{Deserialize, Serialize};

/// `GET /v1/heads?wm=W`: every stream of the caller whose head moved since the watermark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Heads {
    /// Changes when the server's database was restored; every cursor is then void.
    pub epoch: String,
    /// The watermark to ask with next time, from the same snapshot.
    pub wm: i64,
    /// The heads.
    pub heads: Vec<Head>,
    /// The newest messages of the conversations among them, so that a list of conversations is in
    /// order, and counts what is unread, before the messages themselves are there.
    #[serde(default)]
    pub newest: Vec<Newest>,
    /// What vouches for the watermark, to be shown with the next question; at most 256 bytes, '' from a
    /// server that does not vouch.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub proof: String,
}

/// A conversation's newest message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Newest {
    /// Of which.
    pub conversation_id: ConversationId,
    /// Its position.
    pub seq: Seq,
    /// When the server took it.
    pub sent_at: Millis,
}

/// How far a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Which stream.
    pub stream: StreamId,
    /// One's join of the conversation that this counts for; 0 for other streams.
    pub term: i64,
    /// Its newest change number.
    pub head: i64,
}

/// `GET /v1/changes?stream&epoch&term&since`: the rows of (from, to], from one snapshot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// Which stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The interval's open end.
    pub from: i64,
    /// The interval's closed end: where the cursor stands once these rows are applied.
    pub to: i64,
    /// The stream's head in the same snapshot.
    pub head: i64,
    /// By `changed_seq`, oldest first.
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
    /// Which stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The stream's head.
    pub head: i64,
    /// The conversation's newest message's seq; 0 if there is none.
    pub last_seq: i64,
    /// The conversation, its members, and its newest messages.
    pub rows: Vec<Row>,
    /// Where not all members fit: those that are left out changed after this; they are had from
    /// `GET /v1/state` since it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members_to: Option<i64>,
}

/// `POST /v1/pull`: what several streams lack, from one snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pull {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// At most [`limits::PULL_STREAMS`](crate::limits::PULL_STREAMS).
    pub streams: Vec<PullStream>,
    /// Most bytes of rows, as JSON, that the answer is to have; as many as the server gives if left out.
    /// A change that is larger by itself comes all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
}

/// One stream of a [`Pull`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PullStream {
    /// Which.
    pub stream: StreamId,
    /// See [`Head::term`].
    #[serde(default)]
    pub term: i64,
    /// The cursor; none to begin a conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// The answer to a [`Pull`], in the order in which was asked. What would not fit is left out at the
/// end, to be asked for again; the first stream is always answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pulled {
    /// One of each stream.
    pub answers: Vec<PulledStream>,
}

/// What was answered about one stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub enum PulledStream {
    /// As `GET /v1/changes` answers.
    Page(Page),
    /// As `GET /v1/bootstrap` answers.
    Bootstrap(Bootstrap),
    /// As either refuses.
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
    /// Which stream.
    pub stream: StreamId,
    /// See [`Head::term`].
    pub term: i64,
    /// The seq that was asked for.
    pub before: i64,
    /// Dense, from `before - 1` downwards.
    pub rows: Vec<Row>,
}

/// `GET /v1/digest?conversation&epoch&term&low&high`: of the messages from `low` to `high`, as far as
/// the caller may see them, in one snapshot. `GET /v1/state/digest?stream&epoch&term`: of all rows of a
/// stream but messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Digest {
    /// See [`Heads::epoch`].
    pub epoch: String,
    /// The stream's head.
    pub head: i64,
    /// How many rows.
    pub count: i64,
    /// See [`Digester`](crate::Digester) for messages and [`rows_digest`](crate::rows_digest) for the
    /// rest.
    pub sha256: String,
}
