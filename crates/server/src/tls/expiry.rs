//! The validity of the certificate in the files.

use super::acme;
use super::certificate::presented_certificate;
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
    let Some(presented) = presented_certificate(mode)? else { return Ok(None) };
    let validity = presented.cert.first().and_then(Validity::read);
    let validity = validity.ok_or(TlsError::Setup(rustls::Error::NoCertificatesPresented))?;
    Ok(Some(validity).filter(|validity| !validity.is_unlimited()))
}

/// Returns whether the certificate in the files matches the settings. By ACME it may be for other names, or from
/// another authority: then the server obtains a new one.
pub fn matches_settings(mode: &TlsMode) -> bool {
    match mode {
        TlsMode::Acme(acme) => {
            acme::renewal_time(acme, &rustls::crypto::aws_lc_rs::default_provider()).is_some()
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
        Err(overdue) => -seconds(overdue.duration()),
    })
}
