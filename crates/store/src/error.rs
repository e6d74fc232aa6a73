//! The errors of a store.

use parlour_protocol::ErrorCode;
use std::path::PathBuf;

/// The result of a store's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the account's files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process uses the files.
    #[error("{0} is open in another window of Parlour")]
    InUse(PathBuf),
    /// The folder cannot be used.
    #[error("the folder {path}")]
    Folder {
        /// The folder or the file in it.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// A file could not be opened.
    #[error("opening a file")]
    File(#[from] parlour_sqlite::Error),
    /// A statement failed.
    #[error("a statement")]
    Statement(#[from] rusqlite::Error),
    /// The account is being closed, or was closed.
    #[error("the account is closed")]
    Closed,
    /// An op of the outbox cannot be parsed.
    #[error("reading a waiting op")]
    Op(#[from] serde_json::Error),
}

impl Error {
    /// Returns the error's code, by which programs distinguish errors.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::InUse(_) => ErrorCode::InUse,
            Self::Closed => ErrorCode::SignedOut,
            Self::File(parlour_sqlite::Error::Newer { .. }) => ErrorCode::NewerFiles,
            Self::Statement(error) if parlour_sqlite::is_full(error) => ErrorCode::DiskFull,
            Self::File(parlour_sqlite::Error::CreateFile { source, .. })
            | Self::Folder { source, .. }
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                ErrorCode::DiskFull
            }
            Self::Folder { .. } | Self::File(_) | Self::Statement(_) | Self::Op(_) => {
                ErrorCode::Storage
            }
        }
    }
}
