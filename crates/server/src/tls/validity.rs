//! The validity of a certificate.

use rustls::pki_types::CertificateDer;
use std::time::{Duration, SystemTime};
use x509_cert::der::Decode;

/// A longer validity counts as unlimited.
const UNLIMITED: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// The validity of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The start.
    pub from: SystemTime,
    /// The end.
    pub until: SystemTime,
}

impl Validity {
    /// Returns the validity of a certificate; `None` if it cannot be parsed.
    pub fn read(certificate: &CertificateDer<'_>) -> Option<Self> {
        let parsed = x509_cert::Certificate::from_der(certificate).ok()?;
        let validity = parsed.tbs_certificate.validity;
        let (from, until) = (validity.not_before.to_system_time(), validity.not_after);
        Some(Self { from, until: until.to_system_time() })
    }

    /// Returns the time between start and end.
    pub fn lifetime(&self) -> Duration {
        self.until.duration_since(self.from).unwrap_or_default()
    }

    /// Returns whether the validity is practically unlimited.
    pub fn is_unlimited(&self) -> bool {
        self.lifetime() > UNLIMITED
    }
}
