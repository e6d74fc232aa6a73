//! What keeps a server from starting.

use crate::db::DbError;
use crate::tls::TlsError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder is not to be had.
    #[error("the data folder {path}")]
    Data {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It cannot have company.
    #[error("a server on SQLite is alone: only servers on PostgreSQL have a bus")]
    Alone,
    /// Another process has it.
    #[error("the data folder {0} is in use by another parlour-server; stop that one first")]
    InUse(PathBuf),
    /// A backup was being restored into it.
    #[error(
        "a restore into {0} was interrupted, and what is there is not whole: run `parlour-server restore` \
         again"
    )]
    Restoring(PathBuf),
    /// The database.
    #[error("opening the database")]
    Database(#[from] DbError),
    /// The first administrator's invitation could not be kept.
    #[error("inviting the first administrator: {0}")]
    First(String),
    /// Somebody has a name that nobody may have any more.
    #[error("changing names that call everybody: {0}")]
    Reserved(String),
    /// There is no certificate to show.
    #[error("the certificate")]
    Tls(#[from] TlsError),
    /// The token for the metrics.
    #[error("the metrics' token in {path}")]
    MetricsToken {
        /// Its file.
        path: PathBuf,
        /// Why there is none.
        #[source]
        source: std::io::Error,
    },
    /// The address.
    #[error("listening at {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}
