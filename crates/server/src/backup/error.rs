//! The errors of making, checking and restoring backups.

use crate::db::DbError;
use crate::start_error::StartError;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// The reason why a backup could not be made, checked or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file with the name of the new one exists already.
    #[error("{0} already exists: choose another name, or remove it first")]
    Exists(PathBuf),
    /// Another process is writing a backup to the same place.
    #[error("another backup is being written to {0}")]
    Busy(PathBuf),
    /// The server is already making another backup.
    #[error("another backup is being made; try again when it is done")]
    Another,
    /// A file cannot be written.
    #[error("writing {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Error,
    },
    /// The disk is full, or the file has the maximum size that the file system allows.
    #[error(
        "the disk is too full for {path}: about {missing_bytes} more bytes are needed. The incomplete file was \
         removed; nothing else changed"
    )]
    Full {
        /// The file.
        path: PathBuf,
        /// Number of bytes that are missing.
        missing_bytes: u64,
    },
    /// The store of files belongs to another server.
    #[error("{0} belongs to another server: set `files` to a folder or bucket of its own")]
    StoreOfAnother(String),
    /// A file cannot be read.
    #[error("reading {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: Error,
    },
    /// The file is not a backup.
    #[error("{0} is not a backup of a Parlour server, or its beginning is damaged")]
    Foreign(PathBuf),
    /// The backup has a version that this program does not know.
    #[error("{path} was made by a newer version ({what}); use that version, or a later one")]
    Newer {
        /// The file.
        path: PathBuf,
        /// The part of it that is newer.
        what: String,
    },
    /// The backup is damaged: its contents are not what was written.
    #[error("{path} is damaged: {reason}; use another backup")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The damage.
        reason: String,
    },
    /// The passphrase is wrong.
    #[error("this is not the passphrase of {0}, or the beginning of the file is damaged")]
    WrongPassphrase(PathBuf),
    /// The file of identities contains none that opens this backup.
    #[error("no identity in {identities} opens {path}, or the beginning of the file is damaged")]
    WrongIdentity {
        /// The backup.
        path: PathBuf,
        /// The file of identities.
        identities: PathBuf,
    },
    /// The backup is encrypted with a passphrase, and none was given.
    #[error("{0} is encrypted with a passphrase")]
    NeedsPassphrase(PathBuf),
    /// The backup is encrypted to a recipient, and no identity was given.
    #[error(
        "{0} is encrypted to a recipient: specify the file with the identity with --identity-file"
    )]
    NeedsIdentity(PathBuf),
    /// The file is not a file of identities.
    #[error("{0} contains no age identity (AGE-SECRET-KEY-1…)")]
    NoIdentity(PathBuf),
    /// The text is not a recipient's key.
    #[error(
        "“{0}” is not an age recipient as age-keygen prints it: age1 and 58 more letters and digits"
    )]
    Recipient(String),
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    NoPassphrase,
    /// The folder or database to restore into is not empty.
    #[error("{target} is not empty: it contains {what}. Restore into an empty one")]
    NotEmpty {
        /// The folder or database.
        target: String,
        /// Its contents.
        what: String,
    },
    /// The database to back up is damaged.
    #[error(
        "the database is damaged, so no backup was made; earlier backups are unchanged. `parlour-server doctor` \
         explains what to do: {0}"
    )]
    DamagedDatabase(String),
    /// It was cancelled.
    #[error("it was cancelled")]
    Stopped,
    /// The thread that made the backup panicked.
    #[error("the backup ended unexpectedly")]
    Ended,
    /// The database returned an error.
    #[error("the database")]
    Database(#[source] DbError),
    /// The folder or the database cannot be opened or locked.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Stopped => Self::Stopped,
            other => Self::Database(other),
        }
    }
}

impl BackupError {
    /// Returns the error of a database that cannot be read while it is backed up.
    pub(super) fn from_source(error: DbError) -> Self {
        match error.damage() {
            Some(cause) => Self::DamagedDatabase(cause.to_string()),
            None => error.into(),
        }
    }

    /// Returns the error of a backup that cannot be read to its end: the disk's error, or damage of the backup.
    pub(super) fn unreadable(path: &Path, source: Error) -> Self {
        let path = path.to_owned();
        if source.raw_os_error().is_some() {
            return Self::Read { path, source };
        }
        let reason = match source.kind() {
            ErrorKind::UnexpectedEof => "its end is missing".to_owned(),
            // The reader's reason, such as “Unknown frame descriptor” for bytes that were appended.
            _ => {
                format!("its contents, or bytes after its end, are not what was written ({source})")
            }
        };
        Self::Damaged { path, reason }
    }

    /// Returns the error of a file that cannot be written; `missing_bytes` is how many bytes more are needed.
    pub(super) fn unwritable(path: &Path, source: Error, missing_bytes: u64) -> Self {
        let path = path.to_owned();
        match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full { path, missing_bytes }
            }
            _ => Self::Write { path, source },
        }
    }
}
