//! The commands that the page calls. Each is a thin wrapper around [`Client`].

pub mod account;
pub mod administration;
pub mod conversations;
pub mod desktop;
pub mod exports;
pub mod files;
pub mod locks;
pub mod messages;
pub mod window;

use crate::error::{CommandError, CommandResult};
use parlour_client::{AccountId, Client, Session, SyncStatus};
use std::sync::Arc;
use std::time::Duration;
use tauri::State;
use tokio::sync::watch::Receiver;

/// How long the first paint waits for the keychain, in milliseconds.
const KEYCHAIN_MS: u64 = 1500;

/// The client, or the error with which it could not be opened.
pub struct ClientState {
    client: CommandResult<Arc<Client>>,
    keychain: Receiver<bool>,
}

impl ClientState {
    /// Creates the state. `keychain` becomes `true` when the keychain was read.
    pub fn new(client: CommandResult<Arc<Client>>, keychain: Receiver<bool>) -> Self {
        Self { client, keychain }
    }

    /// Returns the client, or the error with which it could not be opened.
    pub fn client(&self) -> CommandResult<Arc<Client>> {
        self.client.clone()
    }

    /// Waits for the first reading of the keychain, for at most [`KEYCHAIN_MS`].
    async fn wait_for_keychain(&self) {
        let mut read = self.keychain.clone();
        let waiting = read.wait_for(|is_read| *is_read);
        let _ = tokio::time::timeout(Duration::from_millis(KEYCHAIN_MS), waiting).await;
    }

    /// Returns the contents of the sync line for the account that was shown last, if there is one.
    pub fn status(&self) -> Option<SyncStatus> {
        self.client().ok()?.session().ok()?.status().ok()
    }

    fn session(&self, account: &AccountId) -> CommandResult<Arc<Session>> {
        self.client()?.session_of(account).map_err(CommandError::from)
    }
}

/// The state that commands receive.
type App<'a> = State<'a, ClientState>;

/// Returns the name of this device in the list of sessions.
pub fn device() -> String {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    };
    format!("Parlour on {system}")
}
