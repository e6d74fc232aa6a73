//! Why a backup could not be made, checked or restored.

use crate::db::DbError;
use crate::start_error::StartError;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Why a backup could not be made, checked or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file in the place of a new one.
    #[error("{0} is there already: choose another name, or take it away first")]
    Exists(PathBuf),
    /// Another backup is being written to the same place.
    #[error("another backup is being written to {0}")]
    Busy(PathBuf),
    /// Another one is being made by the same server.
    #[error("another backup is being made; try again when it is done")]
    Another,
    /// A file cannot be written.
    #[error("writing {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Error,
    },
    /// The disk is full, or the file as large as it may be.
    #[error(
        "there is no room for {path}: about {missing_bytes} bytes more are needed. What was written of it is \
         removed; everything else is as it was"
    )]
    Full {
        /// Which file.
        path: PathBuf,
        /// The bytes that are wanting.
        missing_bytes: u64,
    },
    /// A file cannot be read.
    #[error("reading {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: Error,
    },
    /// The file is something else.
    #[error("{0} is no backup of a Parlour server, or it is damaged at its beginning")]
    Foreign(PathBuf),
    /// The backup is of a version that is not known here.
    #[error("{path} was made by a newer version ({what}); take that version, or a later one")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// What is newer in it.
        what: String,
    },
    /// The backup is not what was written.
    #[error("{path} is damaged: {why}. Nothing of it is used; take another backup")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The passphrase is another one.
    #[error("this is not the passphrase of {0}, or the file is damaged at its beginning")]
    WrongPassphrase(PathBuf),
    /// The identities are others.
    #[error("no identity in {identities} opens {path}, or the file is damaged at its beginning")]
    WrongIdentity {
        /// The file of the backup.
        path: PathBuf,
        /// The file of the identities.
        identities: PathBuf,
    },
    /// It is encrypted with a passphrase, and none was said.
    #[error("{0} is encrypted with a passphrase")]
    NeedsPassphrase(PathBuf),
    /// It is encrypted to a recipient, and no identity was said.
    #[error("{0} is encrypted to a recipient: name the file of the identity with --identity-file")]
    NeedsIdentity(PathBuf),
    /// That is no file of identities.
    #[error("{0} holds no age identity (AGE-SECRET-KEY-1…)")]
    NoIdentity(PathBuf),
    /// That is no recipient.
    #[error("“{0}” is no age recipient: those begin with age1 (age-keygen prints one)")]
    Recipient(String),
    /// A passphrase is empty.
    #[error("the passphrase is empty")]
    NoPassphrase,
    /// What is to be restored to has something already.
    #[error("{place} is not empty: there is {what}. Restore into an empty one")]
    NotEmpty {
        /// Which folder or database.
        place: String,
        /// What is in it.
        what: String,
    },
    /// The database that it would be of is damaged.
    #[error(
        "the database is damaged, so no backup of it is made; those before are as they were. \
         `parlour-server doctor` says what to do: {0}"
    )]
    Unsound(String),
    /// It was told to stop.
    #[error("it was told to stop")]
    Stopped,
    /// The thread that makes it is gone.
    #[error("the backup ended before its time")]
    Ended,
    /// The database failed.
    #[error("the database")]
    Database(#[source] DbError),
    /// The folder or the database cannot be had.
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
    /// Returns the error of a database that cannot be read while a backup of it is made.
    pub(super) fn of_source(error: DbError) -> Self {
        let cause = match &error {
            DbError::Sqlite(cause) => Some(cause),
            DbError::File(parlour_sqlite::Error::Open { source, .. }) => Some(source),
            _ => None,
        };
        match cause.filter(|cause| parlour_sqlite::is_damage(cause)) {
            Some(cause) => Self::Unsound(cause.to_string()),
            None => error.into(),
        }
    }

    /// Returns the error of a backup that cannot be read to its end: the disk's, or the backup's own.
    pub(super) fn unreadable(path: &Path, source: Error) -> Self {
        let path = path.to_owned();
        if source.raw_os_error().is_some() {
            return Self::Read { path, source };
        }
        let why = match source.kind() {
            ErrorKind::UnexpectedEof => "its end is missing".to_owned(),
            _ => source.to_string(),
        };
        Self::Damaged { path, why }
    }

    /// Returns the error of a file that cannot be written, of which so many bytes are wanting.
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
