//! One program per data folder: whoever comes later hands over what it was started with, and ends.
//!
//! The first one holds the lock of `instance.lock`, which the system releases when the process ends, however it ends.
//! It listens on `window.sock`, which only its user can open; both ends check who the other one is.

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

/// The name of the file with the lock.
const LOCK: &str = "instance.lock";
/// How long a program that comes later tries: the first one may be starting or ending.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// The only program on a data folder, as long as this exists.
#[derive(Debug)]
pub struct Instance {
    listener: Option<Listener>,
    /// `None` on a folder that cannot be written: nobody writes there then.
    _lock: Option<File>,
}

impl Instance {
    /// Becomes the only program on a folder, which is created if it is missing; returns `None` if there is one
    /// already.
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
            tracing::warn!(%error, "a second start will not find this window");
        });
        Ok(Some(Self { listener: listener.ok(), _lock: Some(lock) }))
    }

    /// Becomes the only program on a folder, or hands `launch` over to the one that is there and returns `None`. A
    /// folder that cannot be written keeps nobody from starting: the window says what is wrong with it.
    ///
    /// # Errors
    /// Fails if the other program does not answer.
    pub async fn begin(folder: &Path, launch: &Launch) -> Result<Option<Self>> {
        let began = Instant::now();
        loop {
            match Self::claim(folder) {
                Ok(Some(first)) => return Ok(Some(first)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a second start will not find this window");
                    return Ok(Some(Self { listener: None, _lock: None }));
                }
            }
            match hand_over(folder, launch).await {
                Ok(()) => return Ok(None),
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(_) => sleep(PAUSE).await,
            }
        }
    }

    /// Calls `open` with what later programs hand over. Never ends by itself.
    pub async fn serve(self, open: impl Fn(Launch)) {
        match &self.listener {
            Some(listener) => listener.serve(open).await,
            None => std::future::pending().await,
        }
    }
}
