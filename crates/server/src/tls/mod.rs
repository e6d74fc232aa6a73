//! Encrypted connections without a proxy in front: whose certificate is shown, and how it is renewed.
//!
//! The certificate lies in files that are read again when they change, so a new one is shown from the next
//! connection on, and sockets stay.

mod accept;
mod certificate;
mod error;
mod own;
mod renewal;

pub use accept::{Acceptor, Opened};
pub use error::TlsError;
pub use own::new_key;
pub use renewal::run;

use certificate::Certificates;
use parlour_protocol::KeyPin;
use std::path::PathBuf;
use std::sync::Arc;

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
}

impl TlsMode {
    /// What links have to name so that clients trust the server; nothing where an authority vouches for it. The
    /// server's own certificate is made if there is none yet.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn pin(&self) -> Result<Option<KeyPin>, TlsError> {
        match self {
            Self::Off | Self::Files { .. } => Ok(None),
            Self::Own(file) => {
                own::make_if_missing(file)?;
                own::pin(file).map(Some)
            }
        }
    }

    /// The scheme of the server's address.
    pub fn scheme(&self) -> &'static str {
        if *self == Self::Off { "http" } else { "https" }
    }
}

/// A server's encryption: what accepts connections, and the pin that links name.
#[derive(Clone)]
pub struct Tls {
    certificates: Arc<Certificates>,
    /// Makes a connection an encrypted one.
    pub acceptor: Acceptor,
    is_own: bool,
}

impl Tls {
    /// Reads the certificate; makes it, if it is the server's own and there is none yet. Nothing if there is
    /// to be none.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn open(mode: &TlsMode) -> Result<Option<Self>, TlsError> {
        let is_own = match mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Own(file) => {
                own::make_if_missing(file)?;
                true
            }
            TlsMode::Files { .. } => false,
        };
        let certificates = Arc::new(Certificates::read(mode.clone())?);
        let acceptor = Acceptor::new(certificates.clone())?;
        Ok(Some(Self { certificates, acceptor, is_own }))
    }

    /// What links have to name so that clients trust the server; nothing where an authority vouches for it.
    pub fn pin(&self) -> Option<KeyPin> {
        self.is_own.then(|| self.certificates.pin())
    }

    /// Reads the files again; answers whether there is another certificate.
    ///
    /// # Errors
    /// They make no sense: the certificate from before is shown on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        self.certificates.reload()
    }
}
