//! The settings of ACME.

use crate::data_names::{ACME_ACCOUNT, ACME_CERTIFICATE};
use std::path::PathBuf;
use std::time::Duration;

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The delay after the first failure. It doubles each time, so that at most five attempts are made in the first hour:
/// Let's Encrypt allows that many failures per name and hour.
pub const FIRST_RETRY_DELAY: Duration = Duration::from_secs(120);

/// How a server obtains certificates by ACME. Using it accepts the authority's terms of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names that the certificate is for, at least one.
    pub domains: Vec<String>,
    /// The URL of the authority's directory.
    pub directory: String,
    /// The email address at which the authority can reach the administrator.
    pub email: Option<String>,
    /// A file with root certificates in PEM. Only these are trusted for connections to the authority;
    /// `None` trusts the system's.
    pub root_file: Option<PathBuf>,
    /// The folder for the files of the account and the certificate.
    pub folder: PathBuf,
    /// The delay after the first failure.
    pub first_retry_delay: Duration,
}

impl Acme {
    /// Returns the path of the file with the account's key.
    pub fn account_file(&self) -> PathBuf {
        self.folder.join(ACME_ACCOUNT)
    }

    /// Returns the path of the file with the certificate and its key.
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.join(ACME_CERTIFICATE)
    }
}
