//! The server's own certificate. Its file contains the private key and then several certificates: the one
//! in use; one with which this key can sign the next one; and those of the previous keys, newest first,
//! through which a client that knows one of these keys can verify the current one. See docs/decisions/0031.

use super::error::TlsError;
use crate::no_follow::{self, chown_to_folder_owner};
use crate::regular_file;
use parlour_protocol::KeyPin;
use parlour_protocol::limits::EARLIER_KEYS;
use parlour_sqlite::{durable, private};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;
use std::fs::File;
use std::path::Path;

/// The content of the file.
pub struct OwnCertificate {
    key: KeyPair,
    leaf: CertificateDer<'static>,
    issuer_certificate: CertificateDer<'static>,
    earlier: Vec<CertificateDer<'static>>,
}

/// Returns the pin of the certificate in a file.
///
/// # Errors
/// Fails if the file does not contain a valid certificate.
pub fn pin(file: &Path) -> Result<KeyPin, TlsError> {
    Ok(pin_of(&OwnCertificate::read(file)?.key))
}

/// Returns the pin of the key in the content of such a file; `None` if it is invalid.
pub(crate) fn pin_of_file(pem: &[u8]) -> Option<KeyPin> {
    Some(pin_of(&OwnCertificate::parse(Path::new(""), pem).ok()?.key))
}

/// Returns whether clients that know a server by this key trust one with such a file: it contains that key, or a
/// successor.
pub(crate) fn is_trusted(pem: &[u8], known: KeyPin) -> bool {
    let Ok(own) = OwnCertificate::parse(Path::new(""), pem) else { return false };
    let is_earlier = |certificate: &CertificateDer<'_>| {
        ParsedCertificate::try_from(certificate)
            .is_ok_and(|parsed| KeyPin::from_public_key(&parsed.subject_public_key_info()) == known)
    };
    pin_of(&own.key) == known || own.earlier.iter().any(is_earlier)
}

/// Creates the certificate, unless the file exists; returns whether it did.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn create_if_missing(file: &Path) -> Result<bool, TlsError> {
    let _lock = lock(file)?;
    if file.exists() {
        return Ok(false);
    }
    let key = KeyPair::generate()?;
    let leaf = leaf_params(&key).self_signed(&key)?.into();
    let issuer_certificate = issuer_params(&key).self_signed(&key)?.into();
    OwnCertificate { key, leaf, issuer_certificate, earlier: Vec::new() }.write(file)?;
    Ok(true)
}

/// Creates a new key and signs it with the previous one, so that clients accept it. Returns its pin. A
/// running server uses it from the next connection on.
///
/// # Errors
/// Fails if the file cannot be written, or does not contain a valid certificate; the previous key then
/// stays in use.
pub fn new_key(file: &Path) -> Result<KeyPin, TlsError> {
    let _lock = lock(file)?;
    let previous = OwnCertificate::read(file)?;
    let key = KeyPair::generate()?;
    let issuer = Issuer::new(issuer_params(&previous.key), &previous.key);
    let leaf = leaf_params(&key).signed_by(&key, &issuer)?.into();
    let issuer_certificate = issuer_params(&key).signed_by(&key, &issuer)?.into();
    let mut earlier = vec![previous.issuer_certificate];
    earlier.extend(previous.earlier);
    earlier.truncate(EARLIER_KEYS);
    let pin = pin_of(&key);
    OwnCertificate { key, leaf, issuer_certificate, earlier }.write(file)?;
    Ok(pin)
}

impl OwnCertificate {
    /// Reads the file.
    ///
    /// # Errors
    /// Fails if the file does not exist, or contains something else.
    pub fn read(file: &Path) -> Result<Self, TlsError> {
        let failed = |source| TlsError::File { path: file.to_owned(), source };
        Self::parse(file, &regular_file::read(file).map_err(failed)?)
    }

    fn parse(file: &Path, pem: &[u8]) -> Result<Self, TlsError> {
        let missing = |what| TlsError::Missing { path: file.to_owned(), what };
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| missing("private key"))?;
        let key = KeyPair::try_from(&key).map_err(|_| missing("private key"))?;
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        let mut all = all.map_err(|_| missing("certificate"))?.into_iter();
        let mut next = || all.next().ok_or_else(|| missing("certificate"));
        let (leaf, issuer_certificate) = (next()?, next()?);
        Ok(Self { key, leaf, issuer_certificate, earlier: all.collect() })
    }

    /// Returns the certificates that are presented to clients (the current one and those of the previous keys), and
    /// the private key.
    pub fn into_presented(self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let mut leaf = vec![self.leaf];
        leaf.extend(self.earlier.into_iter().take(EARLIER_KEYS));
        (leaf, PrivateKeyDer::Pkcs8(self.key.serialize_der().into()))
    }

    fn write(&self, file: &Path) -> Result<(), TlsError> {
        let mut text = self.key.serialize_pem();
        let issuer_certificate = std::iter::once(&self.issuer_certificate);
        for certificate in
            std::iter::once(&self.leaf).chain(issuer_certificate).chain(&self.earlier)
        {
            text.push_str(&pem(certificate));
        }
        let written =
            durable::write(file, text.as_bytes()).and_then(|()| chown_to_folder_owner(file));
        written.map_err(|source| TlsError::File { path: file.to_owned(), source })
    }
}

/// Locks the file, so that no other process creates a key at the same time, until the result is dropped.
fn lock(file: &Path) -> Result<File, TlsError> {
    let path = file.with_extension("pem.lock");
    let file = no_follow::open(private::options().create(true).truncate(false), &path);
    let result = file.and_then(|lock| {
        chown_to_folder_owner(&path)?;
        lock.lock()?;
        Ok(lock)
    });
    result.map_err(|source| TlsError::File { path, source })
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let base64 = data_encoding::BASE64.encode(certificate);
    let lines = base64.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned());
    let lines: Vec<String> = lines.collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn pin_of(key: &KeyPair) -> KeyPin {
    KeyPin::from_public_key(&key.subject_public_key_info())
}

/// Returns the parameters of a certificate with a name that is unique to the key.
fn base_params(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, format!("Parlour {}", pin_of(key)));
    params
}

/// Returns the parameters of the certificate in use. It contains no host name and does not expire, because
/// clients check only the key.
fn leaf_params(key: &KeyPair) -> CertificateParams {
    let mut params = base_params(key);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params
}

/// Returns the parameters of the certificate with which a key signs the next one.
fn issuer_params(key: &KeyPair) -> CertificateParams {
    let mut params = base_params(key);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_trusted_by_clients_that_know_its_key_or_a_previous_one_and_by_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let [file, other] = ["tls.pem", "other.pem"].map(|name| dir.path().join(name));
        create_if_missing(&file).unwrap();
        create_if_missing(&other).unwrap();
        let previous = std::fs::read(&file).unwrap();
        let first = pin_of_file(&previous).unwrap();
        let second = new_key(&file).unwrap();
        let after = std::fs::read(&file).unwrap();
        assert_eq!(pin_of_file(&after), Some(second));
        assert!(is_trusted(&previous, first) && is_trusted(&after, first));
        assert!(is_trusted(&after, second) && !is_trusted(&previous, second));
        assert!(!is_trusted(&std::fs::read(&other).unwrap(), first));
        assert!(pin_of_file(b"no key").is_none() && !is_trusted(b"no key", first));
    }
}
