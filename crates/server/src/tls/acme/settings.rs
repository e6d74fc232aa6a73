//! What has to be known to get certificates.

use std::path::PathBuf;
use std::time::Duration;

/// The directory of Let's Encrypt.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// The pause after a first failure. It doubles with each, so that no more than five tries are made in the first
/// hour, as many failed ones as Let's Encrypt lets a name have.
pub const PAUSE: Duration = Duration::from_secs(120);

/// How a server gets certificates by ACME. Whoever chooses it agrees to the terms of the authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acme {
    /// The names that the certificate is for; there is one at least.
    pub domains: Vec<String>,
    /// The URL of the authority's directory.
    pub directory: String,
    /// Where the authority can write to.
    pub email: Option<String>,
    /// The file of the only roots, in PEM, that the authority's own address is trusted by; the system's if nothing.
    pub root_file: Option<PathBuf>,
    /// The folder of the account's and the certificate's files.
    pub folder: PathBuf,
    /// The pause after a first failure.
    pub pause: Duration,
}

impl Acme {
    /// Returns the path of the file with the account's key.
    pub fn account_file(&self) -> PathBuf {
        self.folder.join("acme-account.json")
    }

    /// Returns the path of the file with the certificate and its key.
    pub fn certificate_file(&self) -> PathBuf {
        self.folder.join("acme.pem")
    }
}
