//! The contents of the sync line.

use parlour_protocol::{Count, ErrorCode, PictureId, Problem, UserId};
use parlour_store::{Account, Progress};
use serde::{Deserialize, Serialize};

/// The user who is signed in to an account, and its server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    /// The server's address.
    pub server: String,
    /// The server's name, if it has one.
    pub server_name: Option<String>,
    /// The server's welcome text for newcomers; empty if it has none.
    pub welcome: String,
    /// The server's picture, if it has one and it is on this computer.
    #[cfg_attr(feature = "ipc", specta(type = Option<String>))]
    pub server_picture: Option<PictureId>,
    /// The person who is signed in.
    pub user_id: UserId,
    /// Their username.
    pub username: String,
    /// Their display name.
    pub name: String,
    /// Whether the server has presence and statuses.
    pub has_presence: bool,
}

impl From<Account> for AccountInfo {
    fn from(account: Account) -> Self {
        let Account { server, user_id, username, .. } = account;
        let (server_name, server_picture, welcome) = (None, None, String::new());
        let (name, has_presence) = (username.clone(), true);
        Self { server, server_name, welcome, server_picture, user_id, username, name, has_presence }
    }
}

/// The state of the connection to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum ConnectionState {
    /// An attempt to connect is in progress.
    Connecting,
    /// Connected.
    Online,
    /// Requests succeed but WebSockets are blocked: changes are polled every few seconds.
    Polling,
    /// Nothing responds; the client retries automatically.
    Offline,
    /// The session has ended; the password is needed.
    SignedOut,
    /// This version is too old for the server.
    Outdated,
}

impl From<parlour_sync::ConnectionStatus> for ConnectionState {
    fn from(connection: parlour_sync::ConnectionStatus) -> Self {
        match connection {
            parlour_sync::ConnectionStatus::Connecting => Self::Connecting,
            parlour_sync::ConnectionStatus::Online => Self::Online,
            parlour_sync::ConnectionStatus::Polling => Self::Polling,
            parlour_sync::ConnectionStatus::Offline => Self::Offline,
            // The account is closed at once; see `client/revoke.rs`.
            parlour_sync::ConnectionStatus::SignedOut
            | parlour_sync::ConnectionStatus::Revoked { .. } => Self::SignedOut,
            parlour_sync::ConnectionStatus::Outdated => Self::Outdated,
        }
    }
}

/// The contents of the sync line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SyncStatus {
    /// The state of the connection to the server.
    pub connection: ConnectionState,
    /// Why there is no connection, or why it has to poll.
    pub reason: Option<Problem>,
    /// Number of actions that wait to be sent.
    pub waiting: Count,
    /// Number of actions that the server refused.
    pub refused: Count,
    /// How much of the history is on this computer.
    pub history: Progress,
    /// Whether the mirror has reached its size limit: older messages are fetched only when the user
    /// scrolls to them.
    pub is_full: bool,
    /// Why the files cannot be written at present.
    pub storage_error: Option<ErrorCode>,
    /// Number of messages that differed from the server's and were repaired; 0 if none did.
    pub repaired: Count,
    /// Number of times since the start that something had to be fetched from its beginning, because the
    /// server's state differed or it never responded.
    pub resets: Count,
    /// Number of conversations (and other streams that the server sends unasked) of which several
    /// fetches in a row failed: they are not up to date, and are retried automatically.
    pub failing_streams: Count,
    /// Whether everything is being compared with the server at the user's request.
    pub is_comparing: bool,
    /// Number of actions that could still be read after the outbox file was damaged; `None` if it was
    /// not. The last ones may be missing.
    pub salvaged: Option<Count>,
}

/// How a session was ended remotely; also stored in `key.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revocation {
    /// Whether the mirror is to be deleted.
    pub wipe: bool,
}
