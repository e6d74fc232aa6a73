//! The errors of an export.

use parlour_protocol::LocalReason;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The result of this crate's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an export failed. Nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The account's files could not be read.
    #[error("the account's files")]
    Store(#[from] parlour_store::Error),
    /// Something has the name of the new folder.
    #[error("{0} exists already")]
    Exists(PathBuf),
    /// The caller cancelled it.
    #[error("the export was cancelled")]
    Cancelled,
    /// A file or folder could not be written.
    #[error("writing {path}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    /// Returns a function that names the file which could not be written.
    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Write { path, source }
    }

    /// Returns the reason, for which the window has a sentence; `None` if the account's files could not be read.
    pub fn reason(&self) -> Option<LocalReason> {
        Some(match self {
            Self::Store(_) => return None,
            Self::Exists(_) => LocalReason::ExportExists,
            Self::Cancelled => LocalReason::ExportCancelled,
            Self::Write { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => LocalReason::ExportDiskFull,
                _ => LocalReason::ExportFails { cause: source.to_string() },
            },
        })
    }
}
