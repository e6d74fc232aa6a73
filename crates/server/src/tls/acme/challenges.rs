//! Proves to an authority that a name belongs to this server: a client that uses the protocol `acme-tls/1`
//! is presented a certificate with the digest that the authority expects (RFC 8737).

use super::error::AcmeError;
use crate::tls::error::TlsError;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::ClientHello;
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The protocol that authorities use.
pub const ALPN_PROTOCOL: &[u8] = b"acme-tls/1";

/// The certificates for authorities, by name.
#[derive(Default)]
pub struct Challenges(RwLock<HashMap<String, Arc<CertifiedKey>>>);

/// The challenges of one order, which are removed on drop.
pub struct ActiveChallenges<'a>(&'a Challenges);

/// Returns whether the handshake is that of an authority, which offers only this protocol.
pub fn is_challenge(hello: &ClientHello<'_>) -> bool {
    let mut protocols = hello.alpn().into_iter().flatten();
    protocols.next() == Some(ALPN_PROTOCOL) && protocols.next().is_none()
}

impl Challenges {
    /// Returns the certificate for a name; `None` if no authority is expected to validate that name.
    pub fn find(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Returns a guard for the challenges of an order, which removes them on drop.
    pub fn start(&self) -> ActiveChallenges<'_> {
        ActiveChallenges(self)
    }
}

impl ActiveChallenges<'_> {
    /// Presents this digest to authorities that validate the name.
    ///
    /// # Errors
    /// Fails if the certificate cannot be created.
    pub fn present(
        &self,
        name: &str,
        digest: &[u8],
        provider: &CryptoProvider,
    ) -> Result<(), AcmeError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let certificate = params.self_signed(&key)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = provider.key_provider.load_private_key(key).map_err(TlsError::Setup)?;
        // Not checked against the key, because the certificate has a critical extension that the check does
        // not know.
        let certificate = Arc::new(CertifiedKey::new(vec![certificate.into()], key));
        let mut all = self.0.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_ascii_lowercase(), certificate);
        Ok(())
    }
}

impl Drop for ActiveChallenges<'_> {
    fn drop(&mut self) {
        self.0.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
