//! The store of the contents of files, and which files the server accepts.
//!
//! A file is received in parts, in order. Each part is an object of the store, which is written once under a unique
//! name, and is on the disk before the transaction that adds it to the file. So no file has to be assembled, a part
//! is added completely or not at all, and any server that shares the database and the store can receive the next one.

mod breaker;
mod bucket;
mod bucket_address;
mod folder;
mod hasher;
mod mark;
mod object;
mod open_folder;
mod permits;
mod progress;
mod settings;
mod store;

pub use bucket_address::BucketAddress;
pub use folder::{Restored, is_full};
pub use hasher::Hasher;
pub use mark::{MARK, Owner, belongs_to_another};
pub use object::{FileKey, FileObjects, is_part_name, new_part_name};
pub use permits::{Permit, Permits};
pub use progress::Progress;
pub use settings::FileSettings;
pub use store::Store;

use crate::db::ServerId;
use crate::error::ApiError;
use parlour_protocol::{Content, Op, Refusal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{RwLock, Semaphore};

/// The largest number of threads that read and write objects of a folder at the same time.
const MAX_FOLDER_ACCESSES: usize = 64;
/// The same of a bucket, whose service may not respond.
const MAX_BUCKET_ACCESSES: usize = 16;

/// Which files a server accepts, and where their contents are stored.
pub struct FileStore {
    /// Which files it accepts, and for how long it keeps unused ones.
    pub settings: FileSettings,
    /// Limits how many parts are received at the same time.
    pub permits: Permits,
    /// Locked for writing while unused files are removed, and for reading by a backup, which needs the files of the
    /// moment when it began.
    pub removal: RwLock<()>,
    /// Limits how many threads read and write objects: a service that does not respond must not occupy all of them.
    accesses: Arc<Semaphore>,
    store: Option<Store>,
    /// Whether the store is known to belong to this server.
    is_claimed: AtomicBool,
}

impl FileStore {
    /// Opens the store, whose folder is created with the first part.
    ///
    /// # Errors
    /// Fails if the settings of a bucket are invalid.
    pub fn new(settings: FileSettings) -> std::io::Result<Self> {
        let store = Store::open(&settings)?;
        let max_accesses = match &store {
            Some(Store::Bucket(..)) => MAX_BUCKET_ACCESSES,
            _ => MAX_FOLDER_ACCESSES,
        };
        Ok(Self {
            settings,
            permits: Permits::default(),
            removal: RwLock::default(),
            accesses: Arc::new(Semaphore::new(max_accesses)),
            store,
            is_claimed: AtomicBool::new(false),
        })
    }

    /// Runs work that reads or writes objects on a thread that may block, as soon as few enough others do so.
    ///
    /// # Errors
    /// Fails if the work does.
    pub async fn access<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let permit = self.accesses.clone().acquire_owned().await.map_err(std::io::Error::other)?;
        let work = move || {
            let _permit = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
    }

    /// Returns the store with the contents.
    ///
    /// # Errors
    /// Fails if the server accepts no files.
    pub fn store(&self) -> Result<Store, ApiError> {
        self.store.clone().ok_or_else(|| Refusal::FilesOff.into())
    }

    /// Ensures that the store belongs to this server: marks it, if it belongs to nobody. Blocks, once in each run.
    ///
    /// # Errors
    /// Fails if it belongs to another server, if the server accepts no files, or on an I/O error.
    pub fn claim(&self, server: &ServerId) -> std::io::Result<()> {
        if self.is_claimed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let store = self.store.as_ref().ok_or(std::io::ErrorKind::NotFound)?;
        store.claim(server)?;
        self.is_claimed.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Checks that the server accepts the types of a message's files.
    ///
    /// # Errors
    /// Fails if it does not.
    pub fn check_types(&self, op: &Op) -> Result<(), ApiError> {
        let Content::Message { files, .. } = op.action.rules().content else { return Ok(()) };
        match files.iter().all(|file| self.settings.accepts_type(&file.media_type)) {
            true => Ok(()),
            false => Err(Refusal::FileType.into()),
        }
    }
}
