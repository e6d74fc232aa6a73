//! The certificate in use, and its files.

use super::acme::{self, Challenges, is_challenge};
use super::error::TlsError;
use super::mode::TlsMode;
use super::own_certificate::OwnCertificate;
use super::validity::Validity;
use crate::regular_file;
use parlour_protocol::KeyPin;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The certificate that is presented to clients.
pub struct Certificates {
    mode: TlsMode,
    provider: Arc<CryptoProvider>,
    /// The certificate; `None` until an authority has issued the first one.
    current: RwLock<Option<Arc<CertifiedKey>>>,
    challenges: Challenges,
}

impl Certificates {
    /// Reads the certificate from its files.
    ///
    /// # Errors
    /// Fails for the reasons that [`TlsError`] lists. An unusable certificate from ACME is only logged,
    /// because a new one is requested.
    pub fn read(mode: TlsMode) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let current = match read(&mode, &provider) {
            Err(error) if mode.is_acme() => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "cannot use the certificate; requesting a new one");
                None
            }
            read => read?.map(Arc::new),
        };
        let (current, challenges) = (current.into(), Challenges::default());
        Ok(Self { mode, provider, current, challenges })
    }

    /// Reads the files again. Returns whether the certificate changed.
    ///
    /// # Errors
    /// Fails if the files are not usable; the previous certificate then stays in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let read = read(&self.mode, &self.provider)?.map(Arc::new);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let chain = |key: &Option<Arc<CertifiedKey>>| key.as_ref().map(|key| key.cert.clone());
        let has_changed = chain(&read) != chain(&current);
        *current = read;
        Ok(has_changed)
    }

    /// Returns the pin of the key; `None` while there is no certificate.
    pub fn pin(&self) -> Option<KeyPin> {
        let current = self.presented_certificate()?;
        let parsed = current.end_entity_cert().and_then(ParsedCertificate::try_from).ok()?;
        Some(KeyPin::from_public_key(&parsed.subject_public_key_info()))
    }

    /// Returns the validity of the certificate; `None` while there is none.
    pub fn validity(&self) -> Option<Validity> {
        Validity::read(self.presented_certificate()?.cert.first()?)
    }

    /// Returns the certificates for authorities that validate the server's names.
    pub fn challenges(&self) -> &Challenges {
        &self.challenges
    }

    /// Returns where the certificate comes from.
    pub fn mode(&self) -> &TlsMode {
        &self.mode
    }

    /// Returns the files to watch for changes.
    pub fn files(&self) -> Vec<PathBuf> {
        match &self.mode {
            // Only the server itself writes the files of ACME, so they are not watched.
            TlsMode::Off | TlsMode::Acme(_) => Vec::new(),
            TlsMode::Own(file) => vec![file.clone()],
            TlsMode::Files { certificate, key } => vec![certificate.clone(), key.clone()],
        }
    }

    /// Returns the cryptographic library that connections use.
    pub fn provider(&self) -> Arc<CryptoProvider> {
        self.provider.clone()
    }

    fn presented_certificate(&self) -> Option<Arc<CertifiedKey>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        if is_challenge(&hello) {
            return self.challenges.find(hello.server_name()?);
        }
        self.presented_certificate()
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

/// Returns the certificate and key that are in the files now. Checks that they match. Returns `None` before an
/// authority has issued the first certificate.
///
/// # Errors
/// Fails for the reasons that [`TlsError`] lists.
pub fn presented_certificate(mode: &TlsMode) -> Result<Option<CertifiedKey>, TlsError> {
    read(mode, &rustls::crypto::aws_lc_rs::default_provider())
}

fn read(mode: &TlsMode, provider: &CryptoProvider) -> Result<Option<CertifiedKey>, TlsError> {
    let (file, (chain, key)) = match mode {
        TlsMode::Off => return Err(TlsError::Setup(rustls::Error::NoCertificatesPresented)),
        TlsMode::Own(file) => (file, OwnCertificate::read(file)?.into_presented()),
        TlsMode::Files { certificate, key } => {
            (certificate, (certificates(certificate)?, private_key(key)?))
        }
        TlsMode::Acme(acme) => return acme::read_certificate(acme, provider),
    };
    CertifiedKey::from_der(chain, key, provider)
        .map(Some)
        .map_err(|source| TlsError::Unusable { path: file.clone(), source })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = bytes(path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    chain.ok_or_else(|| TlsError::Missing { path: path.to_owned(), what: "certificate" })
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&bytes(path)?)
        .map_err(|_| TlsError::Missing { path: path.to_owned(), what: "private key" })
}

fn bytes(path: &Path) -> Result<Vec<u8>, TlsError> {
    regular_file::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}
