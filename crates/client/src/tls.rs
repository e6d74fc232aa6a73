//! Which certificates are trusted, for requests and the socket: those that the system trusts or, for a
//! server with a pinned key, that key only. If the system's certificates cannot be read, none is trusted.

use crate::pinned::{PinnedKey, pinned_config};
use parlour_protocol::{ErrorBody, LocalReason};
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

type CreateConfig = dyn Fn(&str) -> Result<ClientConfig, rustls::Error> + Send + Sync;

/// A configuration, and the server that it is for.
type CachedConfig = (String, Arc<ClientConfig>);

/// The configuration of encrypted connections; created when it is first needed.
#[derive(Clone)]
pub struct Tls {
    create: Arc<CreateConfig>,
    cached: Arc<Mutex<Option<CachedConfig>>>,
}

impl Default for Tls {
    fn default() -> Self {
        Self::lazy(|_| ClientConfig::with_platform_verifier())
    }
}

impl Tls {
    /// Creates a configuration for a server with this function, when it is first needed.
    pub fn lazy(
        create: impl Fn(&str) -> Result<ClientConfig, rustls::Error> + Send + Sync + 'static,
    ) -> Self {
        Self { create: Arc::new(create), cached: Arc::default() }
    }

    /// Trusts only a server's pinned key, regardless of the system's certificates.
    pub(crate) fn pinned(pinned: Arc<PinnedKey>) -> Self {
        Self::lazy(move |server| pinned_config(pinned.clone(), server))
    }

    /// Returns the configuration for a server, which is the same for every caller.
    ///
    /// # Errors
    /// Fails if the system's certificates cannot be read. There is no connection then, and the client
    /// retries.
    pub fn config(&self, server: &str) -> Result<Arc<ClientConfig>, ErrorBody> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, config)) = cached.as_ref().filter(|(known, _)| known == server) {
            return Ok(config.clone());
        }
        let config = Arc::new((self.create)(server).map_err(|error| {
            tracing::error!(%error, "the system's certificates could not be read");
            LocalReason::NoCertificates
        })?);
        *cached = Some((server.to_owned(), config.clone()));
        Ok(config)
    }
}

/// Returns a configuration for unencrypted connections, for which the system's certificates are not read.
pub(crate) fn without_certificates() -> ClientConfig {
    ClientConfig::builder()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
