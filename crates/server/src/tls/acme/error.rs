//! Why there is no new certificate.

use crate::tls::error::TlsError;
use std::error::Error;

/// Longest text of an authority that is told on, in characters.
const CHARS: usize = 500;

/// Why an authority gave no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// It cannot be reached, or refuses.
    #[error("the ACME server")]
    Server(#[from] instant_acme::Error),
    /// It cannot be asked.
    #[error("reaching the ACME server")]
    Http(#[from] reqwest::Error),
    /// It does not see that the name is this server's.
    #[error("{domain}: the ACME server refuses it: {why}")]
    Refused {
        /// The name.
        domain: String,
        /// What it says.
        why: String,
    },
    /// It cannot be shown there that a name is this server's.
    #[error("{0}: the ACME server offers no TLS-ALPN-01")]
    NoChallenge(String),
    /// It did not come to an end.
    #[error("the ACME server took too long")]
    Slow,
    /// What it issued is for another key or other names, or not good now.
    #[error("the certificate that the ACME server issued {0}")]
    Wrong(&'static str),
    /// A file cannot be read or written, or what is in it cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The certificate that answers a challenge cannot be made.
    #[error("answering the ACME server")]
    Make(#[from] rcgen::Error),
}

impl AcmeError {
    /// Returns everything that is known of the cause in a line. Part of it may be the authority's words.
    pub fn line(&self) -> String {
        let mut told = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !told.ends_with(&text) {
                told = format!("{told}: {text}");
            }
            cause = error.source();
        }
        told.chars().map(|c| if c.is_control() { ' ' } else { c }).take(CHARS).collect()
    }
}
