//! The files of ACME, which only their owner can read: the account, and the certificate with its key. Each
//! is replaced atomically.

use super::error::AcmeError;
use super::settings::Acme;
use crate::no_follow::chown_to_folder_owner;
use crate::regular_file;
use crate::tls::error::TlsError;
use crate::tls::validity::Validity;
use instant_acme::AccountCredentials;
use parlour_sqlite::durable;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// How long before its end a certificate is renewed, if it is valid for 90 days or longer.
const RENEW_BEFORE: Duration = Duration::from_secs(30 * 24 * 3600);
/// The beginning of the first line of a certificate's file, followed by the URL of the authority's
/// directory.
const ISSUED_BY: &str = "Issued by way of ";

/// An account, and the settings that it was created with. With other settings, a new account is created.
#[derive(Serialize, Deserialize)]
struct StoredAccount {
    directory: String,
    email: Option<String>,
    credentials: AccountCredentials,
}

/// Returns the account's credentials, if there are any for these settings.
pub fn credentials(acme: &Acme) -> Result<Option<AccountCredentials>, TlsError> {
    let Some(text) = text(acme.account_file())? else { return Ok(None) };
    // If the content is invalid, a new account is created.
    let stored = serde_json::from_str::<StoredAccount>(&text).ok();
    let stored =
        stored.filter(|stored| stored.directory == acme.directory && stored.email == acme.email);
    Ok(stored.map(|stored| stored.credentials))
}

/// Stores the account's credentials.
pub fn store_credentials(acme: &Acme, credentials: AccountCredentials) -> Result<(), TlsError> {
    let (directory, email) = (acme.directory.clone(), acme.email.clone());
    let stored = StoredAccount { directory, email, credentials };
    let text = serde_json::to_string(&stored).expect("plain data");
    write(acme.account_file(), &text)
}

/// Removes an account that the authority does not know.
pub fn forget_credentials(acme: &Acme) -> Result<(), TlsError> {
    let path = acme.account_file();
    std::fs::remove_file(&path).map_err(|source| TlsError::File { path, source })
}

/// Checks that a new certificate is what was ordered, and stores it.
pub fn store(
    acme: &Acme,
    key: &str,
    chain: &str,
    provider: &CryptoProvider,
) -> Result<(), AcmeError> {
    let text = format!("{ISSUED_BY}{}\n\n{key}{chain}", acme.directory);
    let certificate = parse(acme, &text, provider)?;
    if !covers(&certificate, &acme.domains) {
        return Err(AcmeError::Unusable("is for other names"));
    }
    let now = SystemTime::now();
    if due_at(&certificate).is_none_or(|due| due <= now) {
        return Err(AcmeError::Unusable("is not valid long enough by this computer's clock"));
    }
    Ok(write(acme.certificate_file(), &text)?)
}

/// Returns the certificate on the disk; `None` if there is none yet.
///
/// # Errors
/// Fails if the file cannot be read, or has invalid content.
pub fn read_certificate(
    acme: &Acme,
    provider: &CryptoProvider,
) -> Result<Option<CertifiedKey>, TlsError> {
    text(acme.certificate_file())?.map(|text| parse(acme, &text, provider)).transpose()
}

/// Returns when the certificate on the disk is due for renewal; `None` if there is none from this authority
/// for all of the names.
pub fn renewal_time(acme: &Acme, provider: &CryptoProvider) -> Option<SystemTime> {
    let text = text(acme.certificate_file()).ok()??;
    let certificate = parse(acme, &text, provider).ok()?;
    let issued_by = text.lines().next()?.strip_prefix(ISSUED_BY)?;
    let matches = issued_by == acme.directory && covers(&certificate, &acme.domains);
    matches.then(|| due_at(&certificate)).flatten()
}

fn due_at(certificate: &CertifiedKey) -> Option<SystemTime> {
    Validity::read(certificate.cert.first()?).map(due)
}

/// Returns when a certificate is due for renewal: 30 days before its end, or when a third of its validity remains,
/// whichever is later.
fn due(validity: Validity) -> SystemTime {
    validity.until - RENEW_BEFORE.min(validity.lifetime() / 3)
}

fn covers(certificate: &CertifiedKey, domains: &[String]) -> bool {
    let parsed = certificate.end_entity_cert().and_then(ParsedCertificate::try_from);
    let Ok(parsed) = parsed else { return false };
    domains.iter().all(|domain| {
        ServerName::try_from(domain.as_str())
            .is_ok_and(|name| rustls::client::verify_server_name(&parsed, &name).is_ok())
    })
}

fn parse(acme: &Acme, text: &str, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let path = acme.certificate_file();
    let missing = |what| TlsError::Missing { path: path.clone(), what };
    let key = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|_| missing("private key"))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| missing("certificate"))?;
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|source| TlsError::Unusable { path: path.clone(), source })
}

fn text(path: PathBuf) -> Result<Option<String>, TlsError> {
    match regular_file::read_text(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TlsError::File { path, source }),
    }
}

fn write(path: PathBuf, text: &str) -> Result<(), TlsError> {
    let written =
        durable::write(&path, text.as_bytes()).and_then(|()| chown_to_folder_owner(&path));
    written.map_err(|source| TlsError::File { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_renewed_30_days_before_its_end_or_when_a_third_of_its_lifetime_remains() {
        let day = Duration::from_secs(24 * 3600);
        let from = SystemTime::UNIX_EPOCH + 20_000 * day;
        for (lifetime, renewed_after) in [(90, 60), (398, 368), (45, 30), (6, 4)] {
            let validity = Validity { from, until: from + lifetime * day };
            assert_eq!(due(validity), from + renewed_after * day, "{lifetime} days");
        }
    }
}
