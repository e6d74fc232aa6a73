//! The bytes of files: where they are, and what the server takes of them.
//!
//! A file arrives in parts, in order. Each part is an object of the store, which is written once under a name that
//! nobody else has, and is on the disk before the transaction that adds it to the file. So nothing has to be assembled,
//! a part counts wholly or not at all, and any server that shares the database and the store can take the next one.

mod folder;
mod hasher;
mod object;
mod permits;
mod progress;
mod settings;

pub use folder::{Folder, is_full};
pub use hasher::Hasher;
pub use object::{Group, new_part};
pub use permits::{Permit, Permits};
pub use progress::Progress;
pub use settings::FileSettings;

use crate::error::ApiError;
use parlour_protocol::{Content, Op, Refusal};

/// The files of a server.
pub struct FileStore {
    /// What it takes.
    pub settings: FileSettings,
    /// The parts on their way.
    pub permits: Permits,
    folder: Option<Folder>,
}

impl FileStore {
    /// Opens the store, whose folder is made when the first file arrives.
    pub fn new(settings: FileSettings) -> Self {
        let folder = settings.folder.clone().map(Folder::new);
        Self { settings, permits: Permits::default(), folder }
    }

    /// Returns the folder with the bytes.
    ///
    /// # Errors
    /// Fails if the server takes no files.
    pub fn folder(&self) -> Result<Folder, ApiError> {
        self.folder.clone().ok_or_else(|| Refusal::FilesOff.into())
    }

    /// Checks that the server takes files of the types that are in a message.
    ///
    /// # Errors
    /// Fails if it does not.
    pub fn check_types(&self, op: &Op) -> Result<(), ApiError> {
        let Content::Message { files, .. } = op.action.rules().content else { return Ok(()) };
        match files.iter().all(|file| self.settings.takes_type(&file.media_type)) {
            true => Ok(()),
            false => Err(Refusal::FileType.into()),
        }
    }
}
