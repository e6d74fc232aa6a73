//! A server's encryption, as the rest of the server has it.

use super::accept::Acceptor;
use super::acme::{self, Acme, Failure, Progress};
use super::certificate::Certificates;
use super::error::TlsError;
use super::mode::TlsMode;
use super::own;
use super::validity::Validity;
use parlour_protocol::KeyPin;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A server's encryption: what accepts connections, and the pin that links name.
#[derive(Clone)]
pub struct Tls {
    certificates: Arc<Certificates>,
    /// Makes a connection an encrypted one.
    pub acceptor: Acceptor,
    progress: Arc<Progress>,
}

impl Tls {
    /// Reads the certificate; makes it, if it is the server's own and there is none yet. Nothing if there is
    /// to be none.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn open(mode: &TlsMode) -> Result<Option<Self>, TlsError> {
        match mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Own(file) => own::make_if_missing(file)?,
            TlsMode::Files { .. } | TlsMode::Acme(_) => {}
        }
        let certificates = Arc::new(Certificates::read(mode.clone())?);
        let acceptor = Acceptor::new(certificates.clone())?;
        Ok(Some(Self { certificates, acceptor, progress: Arc::default() }))
    }

    /// What links have to name so that clients trust the server; nothing where an authority vouches for it.
    pub fn pin(&self) -> Option<KeyPin> {
        match self.mode() {
            TlsMode::Own(_) => self.certificates.pin(),
            TlsMode::Off | TlsMode::Files { .. } | TlsMode::Acme(_) => None,
        }
    }

    /// The files that the certificate comes from.
    pub fn files(&self) -> Vec<PathBuf> {
        self.certificates.files()
    }

    /// Where the certificate comes from.
    pub fn mode(&self) -> &TlsMode {
        self.certificates.mode()
    }

    /// From when and until when the certificate is good; nothing while there is none.
    pub fn validity(&self) -> Option<Validity> {
        self.certificates.validity()
    }

    /// Why there is no new certificate by ACME although it is time for one.
    pub fn failure(&self) -> Option<Failure> {
        self.progress.failure()
    }

    /// Gets certificates by ACME, and shows each from the next connection on.
    pub(super) async fn renew(&self, acme: &Acme) {
        if self.validity().is_none() {
            tracing::warn!(
                "there is no certificate yet: until there is, every connection is refused"
            );
        }
        let (challenges, provider) = (self.certificates.challenges(), self.certificates.provider());
        let renewed = || match self.certificates.reload() {
            Ok(_) => tracing::info!("there is a new certificate by ACME, shown from now on"),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "the new certificate cannot be used; the one before is");
            }
        };
        acme::run(acme, challenges, &provider, &self.progress, renewed).await;
    }

    /// Reads the files again, or has the authority asked now if it is time for a new certificate; answers whether
    /// there is another certificate.
    ///
    /// # Errors
    /// They make no sense: the certificate from before is shown on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        if self.mode().is_acme() {
            self.progress.hurry();
            return Ok(false);
        }
        self.certificates.reload()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
