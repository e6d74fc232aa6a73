//! The errors of an export.

use crate::db::DbError;
use crate::error::ApiError;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Why an export failed. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Something has the name of the new folder.
    #[error("{0} already exists: choose another name, or remove it first")]
    Exists(PathBuf),
    /// The server is already being exported.
    #[error("another export is being made; try again when it is done")]
    Another,
    /// A file or folder cannot be written.
    #[error("writing {path}")]
    Write {
        /// The new folder.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Error,
    },
    /// The disk is full, or a file has the maximum size that the file system allows.
    #[error(
        "the disk is too full for {path}: about {missing_bytes} more bytes are needed. The incomplete folder was \
         removed; nothing else changed"
    )]
    Full {
        /// The new folder.
        path: PathBuf,
        /// Number of bytes that are missing, about.
        missing_bytes: u64,
    },
    /// The place where the server stores files cannot be read.
    #[error("reading the files in {place}")]
    Files {
        /// The folder or bucket.
        place: String,
        /// The cause.
        #[source]
        source: Error,
    },
    /// It was cancelled.
    #[error("the export was cancelled")]
    Stopped,
    /// The thread that exported could not be started.
    #[error("starting the export")]
    NotStarted(#[source] Error),
    /// The thread that exported panicked.
    #[error("the export ended unexpectedly")]
    Ended,
    /// The database returned an error.
    #[error("the database")]
    Database(#[from] DbError),
    /// The audit log could not be written.
    #[error("the audit log: {}", .0.message)]
    Audit(ApiError),
}

impl ExportError {
    /// Returns the error of a folder in which something cannot be written; `missing_bytes` is how many bytes more are
    /// needed, about.
    pub(super) fn unwritable(folder: &Path, source: Error, missing_bytes: u64) -> Self {
        let path = folder.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full { path, missing_bytes }
            }
            ErrorKind::AlreadyExists => Self::Exists(path),
            _ => Self::Write { path, source },
        }
    }
}
