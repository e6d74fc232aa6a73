//! What is wrong with a certificate.

use std::io;
use std::path::PathBuf;

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file has not what it should have.
    #[error("{path} holds no {what} in PEM")]
    Missing {
        /// Which.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("the certificate in {path} and its key cannot be used")]
    Unusable {
        /// The certificate's.
        path: PathBuf,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The server's own could not be made.
    #[error("making the server's own certificate")]
    Make(#[from] rcgen::Error),
    /// The cryptography is not there, which is a mistake of the build.
    #[error("beginning encryption")]
    Begin(#[from] rustls::Error),
}
