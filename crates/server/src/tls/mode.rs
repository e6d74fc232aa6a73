//! Where the server's certificate comes from.

use super::acme::Acme;
use super::error::TlsError;
use super::own_certificate;
use parlour_protocol::KeyPin;
use std::path::PathBuf;

/// Where the server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// No certificate: connections are not encrypted, or a proxy in front of the server encrypts them.
    Off,
    /// The server's own certificate, which it creates at its first start and stores in this file together
    /// with its key. No authority has signed it: clients recognise the key, whose pin is in links.
    Own(PathBuf),
    /// A certificate that somebody else puts into these files, in PEM.
    Files {
        /// The certificate, followed by the chain to an authority.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// A certificate that the server obtains from an authority by ACME.
    Acme(Acme),
}

impl TlsMode {
    /// Returns the pin that links contain so that clients trust the server; `None` if the certificate is
    /// from an authority.
    ///
    /// # Errors
    /// Fails for the reasons that [`TlsError`] lists.
    pub fn pin(&self) -> Result<Option<KeyPin>, TlsError> {
        match self {
            Self::Off | Self::Files { .. } | Self::Acme(_) => Ok(None),
            Self::Own(file) => own_certificate::pin(file).map(Some),
        }
    }

    /// Returns whether the server obtains its certificate by ACME.
    pub fn is_acme(&self) -> bool {
        matches!(self, Self::Acme(_))
    }

    /// Returns whether the certificate is from an authority, so that browsers accept it.
    pub fn is_trusted_by_browsers(&self) -> bool {
        match self {
            Self::Off | Self::Own(_) => false,
            Self::Files { .. } | Self::Acme(_) => true,
        }
    }

    /// Returns the scheme of the server's address.
    pub fn scheme(&self) -> &'static str {
        if *self == Self::Off { "http" } else { "https" }
    }
}
