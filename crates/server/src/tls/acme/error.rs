//! The errors of ACME.

use crate::tls::error::TlsError;
use std::error::Error;

/// The largest number of characters of an error that are passed on.
const CHARS: usize = 500;

/// The reason why no certificate was obtained.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The authority returned an error.
    #[error("the ACME server")]
    Server(#[from] instant_acme::Error),
    /// The authority could not be reached.
    #[error("reaching the ACME server")]
    Http(#[from] reqwest::Error),
    /// The authority could not validate a name.
    #[error("{domain}: the ACME server refuses it: {why}")]
    Refused {
        /// The name.
        domain: String,
        /// The reason that the authority gives.
        why: String,
    },
    /// The authority does not offer TLS-ALPN-01 for a name.
    #[error("{0}: the ACME server offers no TLS-ALPN-01")]
    NoChallenge(String),
    /// The order was not completed in time.
    #[error("the ACME server took too long")]
    Slow,
    /// The issued certificate has another key or other names, or is not valid now.
    #[error("the certificate that the ACME server issued {0}")]
    Wrong(&'static str),
    /// A file cannot be read or written, or has unusable content.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The certificate for a challenge could not be created.
    #[error("answering the ACME server")]
    Make(#[from] rcgen::Error),
}

impl AcmeError {
    /// Returns the error and its causes as one line. Parts of it may come from the authority.
    pub fn line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !line.ends_with(&text) {
                line = format!("{line}: {text}");
            }
            cause = error.source();
        }
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARS).collect()
    }
}
