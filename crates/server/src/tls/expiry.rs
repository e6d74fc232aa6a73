//! The validity of the certificate in the files.

use super::acme;
use super::certificate::shown_certificate;
use super::error::TlsError;
use super::mode::TlsMode;
use super::validity::Validity;
use std::time::SystemTime;

/// Returns the validity of the certificate in the files; `None` if there is no certificate, or it never
/// expires.
///
/// # Errors
/// Fails if the files do not contain a certificate with its key.
pub fn validity(mode: &TlsMode) -> Result<Option<Validity>, TlsError> {
    if *mode == TlsMode::Off {
        return Ok(None);
    }
    let Some(shown) = shown_certificate(mode)? else { return Ok(None) };
    let validity = shown.cert.first().and_then(Validity::read);
    let validity = validity.ok_or(TlsError::Begin(rustls::Error::NoCertificatesPresented))?;
    Ok(Some(validity).filter(|validity| !validity.is_endless()))
}

/// Returns whether the certificate in the files is the one that the settings ask for. By ACME it may be for other names,
/// or of another authority: then the server gets a new one.
pub fn is_as_asked(mode: &TlsMode) -> bool {
    match mode {
        TlsMode::Acme(acme) => {
            acme::renewal(acme, &rustls::crypto::aws_lc_rs::default_provider()).is_some()
        }
        TlsMode::Off | TlsMode::Own(_) | TlsMode::Files { .. } => true,
    }
}

/// Returns the number of seconds until the certificate in the files expires, negative once it has expired;
/// `None` if there is no certificate or it never expires.
pub fn seconds_left(mode: &TlsMode) -> Option<i64> {
    let until = validity(mode).ok()??.until;
    let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    Some(match until.duration_since(SystemTime::now()) {
        Ok(left) => seconds(left),
        Err(over) => -seconds(over.duration()),
    })
}
