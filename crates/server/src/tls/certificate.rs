//! The certificate that is shown, and its files.

use super::error::TlsError;
use super::mode::TlsMode;
use super::own::Own;
use parlour_protocol::KeyPin;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// The certificate that is shown to whoever connects.
pub struct Certificates {
    mode: TlsMode,
    provider: Arc<CryptoProvider>,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl Certificates {
    /// Reads the files.
    ///
    /// # Errors
    /// See [`TlsError`].
    pub fn read(mode: TlsMode) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let shown = RwLock::new(Arc::new(read(&mode, &provider)?));
        Ok(Self { mode, provider, shown })
    }

    /// Reads them again; answers whether the certificate is another one.
    ///
    /// # Errors
    /// They make no sense: the one from before stays.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let read = Arc::new(read(&self.mode, &self.provider)?);
        let mut shown = self.shown.write().unwrap_or_else(PoisonError::into_inner);
        let is_other = read.cert != shown.cert;
        *shown = read;
        Ok(is_other)
    }

    /// The pin of the key.
    pub fn pin(&self) -> KeyPin {
        let shown = self.shown();
        let parsed = shown.end_entity_cert().and_then(ParsedCertificate::try_from);
        // What is shown was read, so it can be read.
        KeyPin::of(&parsed.expect("a certificate").subject_public_key_info())
    }

    /// The files that it comes from.
    pub fn files(&self) -> Vec<PathBuf> {
        match &self.mode {
            TlsMode::Off => Vec::new(),
            TlsMode::Own(file) => vec![file.clone()],
            TlsMode::Files { certificate, key } => vec![certificate.clone(), key.clone()],
        }
    }

    /// The cryptography that connections use.
    pub fn provider(&self) -> Arc<CryptoProvider> {
        self.provider.clone()
    }

    fn shown(&self) -> Arc<CertifiedKey> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown())
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificates")
    }
}

/// The certificate and key that are in the files now, and belong together.
///
/// # Errors
/// See [`TlsError`].
pub fn shown(mode: &TlsMode) -> Result<CertifiedKey, TlsError> {
    read(mode, &rustls::crypto::aws_lc_rs::default_provider())
}

fn read(mode: &TlsMode, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let (file, (chain, key)) = match mode {
        TlsMode::Off => return Err(TlsError::Begin(rustls::Error::NoCertificatesPresented)),
        TlsMode::Own(file) => (file, Own::read(file)?.into_shown()),
        TlsMode::Files { certificate, key } => {
            (certificate, (certificates(certificate)?, private_key(key)?))
        }
    };
    CertifiedKey::from_der(chain, key, provider)
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
    std::fs::read(path).map_err(|source| TlsError::File { path: path.to_owned(), source })
}
