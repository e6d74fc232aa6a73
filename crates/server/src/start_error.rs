//! The errors that keep a server from starting.

use crate::db::DbError;
use crate::lost_database::LostDatabase;
use crate::tls::TlsError;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The reason why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be created, read or locked.
    #[error("the data folder {path}")]
    Data {
        /// The path of the folder.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
    /// There is a bus although SQLite allows only one server.
    #[error("a bus needs PostgreSQL: only one server can use a SQLite database")]
    BusNeedsPostgres,
    /// Another process has locked the data folder.
    #[error("the data folder {0} is in use by another parlour-server; stop that one first")]
    InUse(PathBuf),
    /// A restore into the data folder was interrupted.
    #[error(
        "a restore into {0} was interrupted and is incomplete: run `parlour-server restore` again"
    )]
    Restoring(PathBuf),
    /// The database is gone: a server had one there.
    #[error("{0}; {advice}", advice = .0.advice())]
    Lost(LostDatabase),
    /// There was never a database, and the command does not begin one.
    #[error(
        "there is no server in {0} yet: `parlour-server init` sets one up, or check --data; nothing was created"
    )]
    NotSetUp(PathBuf),
    /// The database is damaged.
    #[error("the database is damaged, and `parlour-server doctor` explains what to do: {0}")]
    Damaged(String),
    /// The database could not be opened.
    #[error("opening the database")]
    Database(#[source] DbError),
    /// The invitation for the first administrator could not be created.
    #[error("inviting the first administrator: {0}")]
    SetupLink(String),
    /// A user with a name that is now reserved could not be renamed.
    #[error("renaming users with reserved names: {0}")]
    Reserved(String),
    /// The keys of usernames with a final sigma could not be computed.
    #[error("comparing usernames with a final sigma: {0}")]
    Sigma(String),
    /// The names by which users are found could not be stored.
    #[error("storing the names by which users are found: {0}")]
    Names(String),
    /// The store of files cannot be opened.
    #[error("the store of files: check `files`, `s3_endpoint`, and AWS_… in the environment")]
    Files(#[source] std::io::Error),
    /// There is no usable certificate.
    #[error("the certificate")]
    Tls(#[from] TlsError),
    /// The token for the metrics could not be read or created.
    #[error("the metrics' token in {path}")]
    MetricsToken {
        /// The path of its file.
        path: PathBuf,
        /// The error of the operating system, or what is wrong with the content.
        #[source]
        source: std::io::Error,
    },
    /// The server could not listen on its address.
    #[error("listening at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        #[source]
        source: std::io::Error,
    },
}

impl From<DbError> for StartError {
    fn from(error: DbError) -> Self {
        match error.damage() {
            Some(damage) => Self::Damaged(damage.to_string()),
            None => Self::Database(error),
        }
    }
}
