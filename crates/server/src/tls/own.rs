//! The server's own certificate: a file with the private key, then certificates: the one that is shown; one by
//! which this key can sign the next; and, newest first, those of the keys before, by which whoever knows one of
//! them follows to this one. See docs/decisions/0031.

use super::error::TlsError;
use crate::no_follow::{self, give_to_owner};
use parlour_protocol::KeyPin;
use parlour_sqlite::{durable, private};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::fs::File;
use std::path::Path;

/// How many earlier keys are shown: whoever was away for longer needs a new link.
const EARLIER: usize = 7;

/// What the file holds.
pub struct Own {
    key: KeyPair,
    shown: CertificateDer<'static>,
    signs: CertificateDer<'static>,
    earlier: Vec<CertificateDer<'static>>,
}

/// The pin of the certificate in a file.
///
/// # Errors
/// There is none that makes sense.
pub fn pin(file: &Path) -> Result<KeyPin, TlsError> {
    Ok(pin_of(&Own::read(file)?.key))
}

/// Makes the certificate at the first start.
///
/// # Errors
/// The disk fails, or what is there makes no sense.
pub fn make_if_missing(file: &Path) -> Result<(), TlsError> {
    let _alone = lock(file)?;
    if file.exists() {
        return Ok(());
    }
    tracing::warn!(?file, "there is no certificate yet: a new one is made, which no client knows");
    let key = KeyPair::generate()?;
    let shown = shown(&key).self_signed(&key)?.into();
    let signs = signing(&key).self_signed(&key)?.into();
    Own { key, shown, signs, earlier: Vec::new() }.write(file)
}

/// Makes a new key, signed by the one before, so that clients follow; answers its pin. A running server shows
/// it from the next connection on.
///
/// # Errors
/// The disk fails, or what is there makes no sense. Then the one before stays.
pub fn new_key(file: &Path) -> Result<KeyPin, TlsError> {
    let _alone = lock(file)?;
    let before = Own::read(file)?;
    let key = KeyPair::generate()?;
    let issuer = Issuer::new(signing(&before.key), &before.key);
    let shown = shown(&key).signed_by(&key, &issuer)?.into();
    let signs = signing(&key).signed_by(&key, &issuer)?.into();
    let mut earlier = vec![before.signs];
    earlier.extend(before.earlier);
    earlier.truncate(EARLIER);
    let pin = pin_of(&key);
    Own { key, shown, signs, earlier }.write(file)?;
    Ok(pin)
}

impl Own {
    /// Reads the file.
    ///
    /// # Errors
    /// It is not there, or holds something else.
    pub fn read(file: &Path) -> Result<Self, TlsError> {
        let failed = |source| TlsError::File { path: file.to_owned(), source };
        let pem = std::fs::read(file).map_err(failed)?;
        let missing = |what| TlsError::Missing { path: file.to_owned(), what };
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| missing("private key"))?;
        let key = KeyPair::try_from(&key).map_err(|_| missing("private key"))?;
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
        let mut all = all.map_err(|_| missing("certificate"))?.into_iter();
        let mut next = || all.next().ok_or_else(|| missing("certificate"));
        let (shown, signs) = (next()?, next()?);
        Ok(Self { key, shown, signs, earlier: all.collect() })
    }

    /// What is shown of it: the certificate and those of the keys before, and the private key.
    pub fn into_shown(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut shown = vec![self.shown];
        shown.extend(self.earlier.into_iter().take(EARLIER));
        (shown, PrivateKeyDer::Pkcs8(self.key.serialize_der().into()))
    }

    fn write(&self, file: &Path) -> Result<(), TlsError> {
        let mut text = self.key.serialize_pem();
        let signs = std::iter::once(&self.signs);
        for certificate in std::iter::once(&self.shown).chain(signs).chain(&self.earlier) {
            text.push_str(&pem(certificate));
        }
        let written = durable::write(file, text.as_bytes()).and_then(|()| give_to_owner(file));
        written.map_err(|source| TlsError::File { path: file.to_owned(), source })
    }
}

/// Keeps others from making a key at the same time, until it is dropped.
fn lock(file: &Path) -> Result<File, TlsError> {
    let path = file.with_extension("pem.lock");
    let opened = no_follow::open(private::options().create(true).truncate(false), &path);
    let locked = opened.and_then(|lock| {
        give_to_owner(&path)?;
        lock.lock()?;
        Ok(lock)
    });
    locked.map_err(|source| TlsError::File { path, source })
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let base64 = data_encoding::BASE64.encode(certificate);
    let lines = base64.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    let lines: Vec<String> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn pin_of(key: &KeyPair) -> KeyPin {
    KeyPin::of(&key.subject_public_key_info())
}

/// A certificate of a key, by whose name certificates are told apart.
fn named(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Parlour {}", pin_of(key)));
    params
}

/// The one that a server shows. It is for no name and has no end: a client asks for the key alone.
fn shown(key: &KeyPair) -> CertificateParams {
    let mut params = named(key);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

/// The one by which a key signs the next.
fn signing(key: &KeyPair) -> CertificateParams {
    let mut params = named(key);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
