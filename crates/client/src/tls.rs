//! Whose certificates are trusted: those that the system trusts; or, for a server that is known by its key, that
//! key and nothing else. For requests and the socket alike. Where the system cannot say, nobody's are.

use crate::pinned::{Pinned, trusting};
use parlour_protocol::{ErrorBody, LocalReason};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type Make = dyn Fn() -> Result<ClientConfig, rustls::Error> + Send + Sync;

/// How an encrypted connection begins; made when it is first needed.
#[derive(Clone)]
pub struct Tls {
    make: Arc<Make>,
    made: Arc<Mutex<Option<Arc<ClientConfig>>>>,
}

impl Default for Tls {
    fn default() -> Self {
        Self::by(ClientConfig::with_platform_verifier)
    }
}

impl Tls {
    /// A configuration that is made by this function when it is first needed.
    pub fn by(
        make: impl Fn() -> Result<ClientConfig, rustls::Error> + Send + Sync + 'static,
    ) -> Self {
        Self { make: Arc::new(make), made: Arc::default() }
    }

    /// Trust in a server's key, whatever the system trusts.
    pub(crate) fn pinned(pinned: Arc<Pinned>) -> Self {
        Self::by(move || trusting(pinned.clone()))
    }

    /// The configuration, the same for everybody who asks.
    ///
    /// # Errors
    /// The system's certificates cannot be had. Then there is no connection; it is tried again.
    pub fn config(&self) -> Result<Arc<ClientConfig>, ErrorBody> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(config) = &*made {
            return Ok(config.clone());
        }
        let config = Arc::new((self.make)().map_err(|error| {
            tracing::error!(%error, "the system's certificates");
            LocalReason::NoCertificates
        })?);
        *made = Some(config.clone());
        Ok(config)
    }
}

/// For connections that are not encrypted: nothing is read of the system's.
pub(crate) fn trusting_nobody() -> ClientConfig {
    ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
