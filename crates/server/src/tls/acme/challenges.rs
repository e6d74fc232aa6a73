//! Shows an authority that a name is this server's: to who asks in the protocol `acme-tls/1`, a certificate is shown
//! that names what the authority wants to see (RFC 8737).

use super::error::AcmeError;
use crate::tls::error::TlsError;
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::ClientHello;
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The protocol in which authorities ask.
pub const PROTOCOL: &[u8] = b"acme-tls/1";

/// The certificates that are shown to authorities, by name.
#[derive(Default)]
pub struct Challenges(RwLock<HashMap<String, Arc<CertifiedKey>>>);

/// Takes the answers of one order back when it is dropped.
pub struct Answering<'a>(&'a Challenges);

/// Returns whether it is an authority that asks, and nothing else.
pub fn is_challenge(hello: &ClientHello<'_>) -> bool {
    let mut protocols = hello.alpn().into_iter().flatten();
    protocols.next() == Some(PROTOCOL) && protocols.next().is_none()
}

impl Challenges {
    /// Returns what is shown to who asks for a name; nothing if no authority is to.
    pub fn of(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Begins to answer for an order.
    pub fn begin(&self) -> Answering<'_> {
        Answering(self)
    }
}

impl Answering<'_> {
    /// Shows this digest to who asks for a name.
    ///
    /// # Errors
    /// The certificate cannot be made.
    pub fn show(
        &self,
        name: &str,
        digest: &[u8],
        provider: &CryptoProvider,
    ) -> Result<(), AcmeError> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let shown = params.self_signed(&key)?;
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let key = provider.key_provider.load_private_key(key).map_err(TlsError::Begin)?;
        // Unchecked: nobody but an authority knows the extension, and it is critical.
        let shown = Arc::new(CertifiedKey::new(vec![shown.into()], key));
        let mut all = self.0.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_ascii_lowercase(), shown);
        Ok(())
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        self.0.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
