//! The encryption of a server.

use super::accept::Acceptor;
use super::acme::{self, Acme, Failure, Progress};
use super::certificate::Certificates;
use super::error::TlsError;
use super::mode::TlsMode;
use super::own_certificate;
use super::validity::Validity;
use parlour_protocol::KeyPin;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// The encryption of a server: the acceptor, the certificate and the state of its renewal.
#[derive(Clone)]
pub struct Tls {
    certificates: Arc<Certificates>,
    /// Performs the handshake of connections.
    pub acceptor: Acceptor,
    progress: Arc<Progress>,
}

impl Tls {
    /// Reads the certificate. Creates it first, if it is the server's own and does not exist yet. Returns
    /// `None` if the server does not encrypt.
    ///
    /// # Errors
    /// Fails for the reasons that [`TlsError`] lists.
    pub fn open(mode: &TlsMode) -> Result<Option<Self>, TlsError> {
        match mode {
            TlsMode::Off => return Ok(None),
            TlsMode::Own(file) => {
                if own_certificate::create_if_missing(file)? {
                    tracing::warn!(
                        ?file,
                        "there was no certificate; a new one was created, which no client knows"
                    );
                }
            }
            TlsMode::Files { .. } | TlsMode::Acme(_) => {}
        }
        let certificates = Arc::new(Certificates::read(mode.clone())?);
        let acceptor = Acceptor::new(certificates.clone())?;
        Ok(Some(Self { certificates, acceptor, progress: Arc::default() }))
    }

    /// Returns the pin that links contain so that clients trust the server; `None` if the certificate is
    /// from an authority.
    pub fn pin(&self) -> Option<KeyPin> {
        match self.mode() {
            TlsMode::Own(_) => self.certificates.pin(),
            TlsMode::Off | TlsMode::Files { .. } | TlsMode::Acme(_) => None,
        }
    }

    /// Returns the files that the certificate is read from.
    pub fn files(&self) -> Vec<PathBuf> {
        self.certificates.files()
    }

    /// Returns where the certificate comes from.
    pub fn mode(&self) -> &TlsMode {
        self.certificates.mode()
    }

    /// Returns the validity of the certificate; `None` while there is none.
    pub fn validity(&self) -> Option<Validity> {
        self.certificates.validity()
    }

    /// Returns why the certificate could not be renewed by ACME although it is due.
    pub fn failure(&self) -> Option<Failure> {
        self.progress.failure()
    }

    /// Obtains certificates by ACME, and uses each from the next connection on.
    pub(super) async fn renew(&self, acme: &Acme) {
        if self.validity().is_none() {
            tracing::warn!("there is no certificate yet, so every connection is refused for now");
        }
        let (challenges, provider) = (self.certificates.challenges(), self.certificates.provider());
        let renewed = || match self.certificates.reload() {
            Ok(_) => tracing::info!("using a new certificate from ACME from now on"),
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(
                    error,
                    "cannot use the new certificate; the previous one stays in use"
                );
            }
        };
        acme::run(acme, challenges, &provider, &self.progress, renewed).await;
    }

    /// Reads the files again. With ACME, requests a new certificate now if one is due. Returns whether the
    /// certificate changed.
    ///
    /// # Errors
    /// Fails if the files are not usable; the previous certificate then stays in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        if self.mode().is_acme() {
            self.progress.retry_now();
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
