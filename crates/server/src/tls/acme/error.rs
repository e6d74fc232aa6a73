//! The errors of ACME.

use crate::tls::error::TlsError;
use std::error::Error;

/// The largest number of characters of an error that are passed on.
const MAX_CHARS: usize = 500;

/// The reason why no certificate was obtained.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// The authority returned an error.
    #[error("the ACME server returned an error")]
    Server(#[from] instant_acme::Error),
    /// The authority could not be reached.
    #[error("the ACME server could not be reached")]
    Http(#[from] reqwest::Error),
    /// The authority could not validate a name.
    #[error("{domain}: the ACME server refuses it: {reason}")]
    Refused {
        /// The name.
        domain: String,
        /// The reason that the authority gives.
        reason: String,
    },
    /// The authority does not offer TLS-ALPN-01 for a name.
    #[error("{0}: the ACME server offers no TLS-ALPN-01")]
    NoChallenge(String),
    /// The authority gave up the order without a reason.
    #[error("the ACME server refused the order without a reason")]
    OrderFailed,
    /// The order was not completed in time.
    #[error("the ACME server took too long")]
    TimedOut,
    /// The issued certificate has another key or other names, or is not valid now.
    #[error("the certificate that the ACME server issued {0}")]
    Unusable(&'static str),
    /// A file cannot be read or written, or has unusable content.
    #[error(transparent)]
    File(#[from] TlsError),
    /// The certificate for a challenge could not be created.
    #[error("the certificate for the ACME challenge could not be created")]
    ChallengeCertificate(#[from] rcgen::Error),
}

impl AcmeError {
    /// Returns the error and its causes as one line of at most 500 characters. Parts of it may come from the
    /// authority, so control characters are replaced.
    pub fn one_line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !line.ends_with(&text) {
                line = format!("{line}: {text}");
            }
            cause = error.source();
        }
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_CHARS).collect()
    }
}
