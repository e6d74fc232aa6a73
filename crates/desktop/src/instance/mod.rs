//! One process per data folder: a later one hands its launch parameters over to the first one, and exits.
//!
//! The first one holds a file lock on `instance.lock`, which the system releases when the process ends for any reason.
//! It listens on `window.sock`, which only its user can open; both ends check the user id of their peer.

mod launch;
#[cfg(unix)]
mod socket;
#[cfg(not(unix))]
mod unsupported;

pub use launch::Launch;

use parlour_sqlite::private;
#[cfg(unix)]
use socket::{Listener, hand_over};
use std::fs::{File, TryLockError};
use std::io::Result;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};
#[cfg(not(unix))]
use unsupported::{Listener, hand_over};

/// The name of the lock file.
const LOCK: &str = "instance.lock";
/// How long a later process retries: the first one may be starting or exiting.
const HAND_OVER_TIMEOUT: Duration = Duration::from_secs(10);
/// The time between two attempts.
const RETRY_INTERVAL: Duration = Duration::from_millis(50);

/// The claim of this process to a data folder, until it is dropped.
#[derive(Debug)]
pub struct Instance {
    listener: Option<Listener>,
    /// `None` for a folder that is not writable: then no process writes there.
    _lock: Option<File>,
}

impl Instance {
    /// Claims a folder for this process, and creates it if it is missing; returns `None` if another process has it.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn claim(folder: &Path) -> Result<Option<Self>> {
        private::ensure_folder(folder)?;
        let lock = private::options().create(true).truncate(false).open(folder.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let listener = Listener::open(folder);
        let listener = listener.inspect_err(|error| {
            tracing::warn!(%error, "a second process will not find this window");
        });
        Ok(Some(Self { listener: listener.ok(), _lock: Some(lock) }))
    }

    /// Claims a folder for this process, or hands `launch` over to the process that has it and returns `None`. A
    /// folder that is not writable counts as claimed, so that the window opens and can report the problem.
    ///
    /// # Errors
    /// Fails if the other process does not respond.
    pub async fn claim_or_hand_over(folder: &Path, launch: &Launch) -> Result<Option<Self>> {
        let started_at = Instant::now();
        loop {
            match Self::claim(folder) {
                Ok(Some(first)) => return Ok(Some(first)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a second process will not find this window");
                    return Ok(Some(Self { listener: None, _lock: None }));
                }
            }
            match hand_over(folder, launch).await {
                Ok(()) => return Ok(None),
                Err(error) if started_at.elapsed() > HAND_OVER_TIMEOUT => return Err(error),
                Err(_) => sleep(RETRY_INTERVAL).await,
            }
        }
    }

    /// Calls `open` with the launch parameters of later processes. Never returns.
    pub async fn serve(self, open: impl Fn(Launch)) {
        match &self.listener {
            Some(listener) => listener.serve(open).await,
            None => std::future::pending().await,
        }
    }
}
