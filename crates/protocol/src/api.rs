//! Requests and answers over HTTP, all under `/v1`.

use crate::{Millis, Row, SessionId, StreamId, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// `POST /v1/users` (register) and `POST /v1/sessions` (sign in).
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// 1 to 50 characters.
    pub username: String,
    /// 8 characters to 72 bytes.
    pub password: String,
    /// What the device calls itself, at most 100 characters.
    #[serde(default)]
    pub device: String,
}

impl fmt::Debug for Credentials {
    /// Leaves the password out, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The answer to both.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The bearer token, told this once; the server keeps a digest only.
    pub token: String,
    /// The session that it opens.
    pub session_id: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// As the account has it.
    pub username: String,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// `GET /v1/server`, without a token: is there a Parlour server at this address?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Always "parlour".
    pub product: String,
    /// The server's version.
    pub version: String,
}

/// One session, in `GET /v1/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// Which.
    pub id: SessionId,
    /// What the device calls itself.
    pub device: String,
    /// When it signed in.
    pub created_at: Millis,
    /// When it stops working.
    pub expires_at: Millis,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// `GET /v1/heads?wm=W`: every stream of the caller whose head moved since the watermark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heads {
    /// Changes when the server's database was restored; every cursor is then void.
    pub epoch: String,
    /// The watermark to ask with next time, from the same snapshot.
    pub wm: i64,
    /// The heads.
    pub heads: Vec<Head>,
}

/// How far a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// `GET /v1/history?conversation&epoch&term&before&limit`: older messages, newest first. Never moves a
/// cursor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
