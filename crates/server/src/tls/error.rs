//! The errors of certificates.

use std::io;
use std::path::PathBuf;

/// The reason why there is no certificate to use.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read or written.
    #[error("cannot read or write {path}")]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// A file does not contain what it should.
    #[error("{path} contains no {what} in PEM")]
    Missing {
        /// The path of the file.
        path: PathBuf,
        /// What it should contain.
        what: &'static str,
    },
    /// Certificate and key do not belong together, or are of a kind that is not supported.
    #[error("the certificate in {path} and its key cannot be used")]
    Unusable {
        /// The path of the certificate's file.
        path: PathBuf,
        /// The error of the TLS library.
        #[source]
        source: rustls::Error,
    },
    /// The server's own certificate could not be created.
    #[error("creating the server's own certificate")]
    CreateFile(#[from] rcgen::Error),
    /// TLS could not be set up, which means that the program was built incorrectly.
    #[error("setting up TLS")]
    Setup(#[from] rustls::Error),
}
