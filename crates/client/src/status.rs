//! What the sync line says.

use parlour_protocol::{Count, ErrorCode, Problem, UserId};
use parlour_store::{Account, Progress};
use serde::{Deserialize, Serialize};

/// Who is signed in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    /// The server's address.
    pub server: String,
    /// The person who is signed in.
    pub user_id: UserId,
    /// Their username.
    pub username: String,
}

impl From<Account> for AccountInfo {
    fn from(account: Account) -> Self {
        Self { server: account.server, user_id: account.user_id, username: account.username }
    }
}

/// Whether, and how, the server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ConnectionState {
    /// Trying.
    Connecting,
    /// Connected.
    Online,
    /// Requests are answered and no WebSocket passes: changes are asked for every few seconds.
    Polling,
    /// No answer; tried again by itself.
    Offline,
    /// The session has ended; the password is needed.
    SignedOut,
    /// This version is too old for the server.
    Outdated,
}

impl From<parlour_sync::Connection> for ConnectionState {
    fn from(connection: parlour_sync::Connection) -> Self {
        match connection {
            parlour_sync::Connection::Connecting => Self::Connecting,
            parlour_sync::Connection::Online => Self::Online,
            parlour_sync::Connection::Polling => Self::Polling,
            parlour_sync::Connection::Offline => Self::Offline,
            // The account is closed at once; see `client/revoke.rs`.
            parlour_sync::Connection::SignedOut | parlour_sync::Connection::Revoked { .. } => {
                Self::SignedOut
            }
            parlour_sync::Connection::Outdated => Self::Outdated,
        }
    }
}

/// Everything that the sync line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SyncStatus {
    /// How it stands with the server.
    pub connection: ConnectionState,
    /// Why there is no connection, or none without asking every few seconds.
    pub reason: Option<Problem>,
    /// Actions that wait to be sent.
    pub waiting: Count,
    /// Actions that the server refused.
    pub refused: Count,
    /// How much of the history is here.
    pub history: Progress,
    /// Whether the mirror is as large as it may become by itself: what is older comes when one
    /// scrolls to it.
    pub is_full: bool,
    /// Why the files take nothing more at present.
    pub trouble: Option<ErrorCode>,
    /// Messages that differed from the server's and were mended: none, if all is well.
    pub repaired: Count,
    /// How often, since the start, something had to be fetched anew because the server knew it otherwise or
    /// never answered.
    pub resets: Count,
    /// Conversations (and what else comes from the server by itself) of which several fetches in a row came
    /// to nothing: they are not up to date, and are tried again by themselves.
    pub stuck: Count,
    /// Whether everything is being compared with the server because the user asked for it.
    pub is_comparing: bool,
    /// After damage to the file of what waits: how many actions could still be read in it. What was
    /// written last may be missing.
    pub salvaged: Option<Count>,
}

/// Somebody ended the session; also as `key.json` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revocation {
    /// Whether the mirror is to be deleted.
    pub wipe: bool,
}
