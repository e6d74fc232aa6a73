//! A server's encryption, as the rest of the server has it.

use super::accept::Acceptor;
use super::certificate::Certificates;
use super::error::TlsError;
use super::mode::TlsMode;
use super::own;
use parlour_protocol::KeyPin;
use std::path::PathBuf;
use std::sync::Arc;

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

    /// The files that the certificate comes from.
    pub fn files(&self) -> Vec<PathBuf> {
        self.certificates.files()
    }

    /// Reads the files again; answers whether there is another certificate.
    ///
    /// # Errors
    /// They make no sense: the certificate from before is shown on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        self.certificates.reload()
    }
}
