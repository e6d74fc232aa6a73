//! Where the server's certificate comes from.

use super::acme::Acme;
use super::error::TlsError;
use super::own;
use parlour_protocol::KeyPin;
use std::path::PathBuf;

/// Where the server's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsMode {
    /// There is none: connections are not encrypted, or a proxy in front does it.
    Off,
    /// One that the server makes at its first start and keeps in this file, with its key. Nobody vouches for
    /// it: clients know it by its key, which links name.
    Own(PathBuf),
    /// One that somebody else puts into these files, in PEM.
    Files {
        /// The certificate and those that lead to an authority.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// One that the server gets from an authority by ACME.
    Acme(Acme),
}

impl TlsMode {
    /// What links have to name so that clients trust the server; nothing where an authority vouches for it.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn pin(&self) -> Result<Option<KeyPin>, TlsError> {
        match self {
            Self::Off | Self::Files { .. } | Self::Acme(_) => Ok(None),
            Self::Own(file) => own::pin(file).map(Some),
        }
    }

    /// Whether the server gets it by ACME.
    pub fn is_acme(&self) -> bool {
        matches!(self, Self::Acme(_))
    }

    /// Returns whether an authority vouches for the certificate, so that browsers accept it.
    pub fn is_trusted_by_browsers(&self) -> bool {
        match self {
            Self::Off | Self::Own(_) => false,
            Self::Files { .. } | Self::Acme(_) => true,
        }
    }

    /// The scheme of the server's address.
    pub fn scheme(&self) -> &'static str {
        if *self == Self::Off { "http" } else { "https" }
    }
}
