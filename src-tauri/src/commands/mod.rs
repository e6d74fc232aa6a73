//! What the window may ask for. Each command is one line over [`Client`].

pub mod account;
pub mod administration;
pub mod conversations;
pub mod locks;
pub mod messages;
pub mod window;

use crate::error::{Answer, CommandError};
use parlour_client::{AccountId, Client, Session, SyncStatus};
use std::sync::Arc;
use std::time::Duration;
use tauri::State;
use tokio::sync::watch::Receiver;

/// The longest that the first paint waits for the keychain.
const KEYCHAIN_MS: u64 = 1500;

/// The client, or why it could not be opened.
pub struct Opened {
    client: Answer<Arc<Client>>,
    keychain: Receiver<bool>,
}

impl Opened {
    /// The client, and what tells once the keychain was asked.
    pub fn new(client: Answer<Arc<Client>>, keychain: Receiver<bool>) -> Self {
        Self { client, keychain }
    }

    /// The client, or why there is none.
    pub fn client(&self) -> Answer<Arc<Client>> {
        self.client.clone()
    }

    /// Waits until the keychain was asked once, or does not answer.
    async fn keychain_was_read(&self) {
        let mut read = self.keychain.clone();
        let waiting = read.wait_for(|is_read| *is_read);
        let _ = tokio::time::timeout(Duration::from_millis(KEYCHAIN_MS), waiting).await;
    }

    /// What the sync line says of the account that was shown last, if there is one.
    pub fn status(&self) -> Option<SyncStatus> {
        self.client().ok()?.session().ok()?.status().ok()
    }

    fn session(&self, account: &AccountId) -> Answer<Arc<Session>> {
        self.client()?.session_of(account).map_err(CommandError::from)
    }
}

/// How commands name it.
type App<'a> = State<'a, Opened>;

/// What this device calls itself in the list of sessions.
pub fn device() -> String {
    let system = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    };
    format!("Parlour on {system}")
}
