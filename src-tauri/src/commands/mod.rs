//! What the window may ask for. Each command is one line over [`Client`].

pub mod account;
pub mod conversations;
pub mod messages;
pub mod window;

use crate::error::{Answer, CommandError};
use parlour_client::{AccountId, Client, Session, SyncStatus};
use std::sync::Arc;
use tauri::State;

/// The client, or why it could not be opened.
pub struct Opened(pub Answer<Arc<Client>>);

impl Opened {
    fn client(&self) -> Answer<Arc<Client>> {
        self.0.clone()
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
