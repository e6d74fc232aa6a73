//! Trust in one server's pinned key, instead of a certificate authority. A key may be replaced by another one that it
//! has signed; see docs/decisions/0031.

use parlour_protocol::KeyPin;
use parlour_protocol::limits::EARLIER_KEYS;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

type OnReplaced = Box<dyn Fn(KeyPin) + Send + Sync>;

/// The pinned key of a server, and the function that is called when a key that it signed replaces it.
pub struct PinnedKey {
    state: Mutex<State>,
    on_replaced: OnReplaced,
}

struct State {
    pin: KeyPin,
    /// Keys that the pinned key signed, and of which no server has proved possession yet.
    signed: Vec<KeyPin>,
}

/// The error for a server whose key is not the pinned one.
#[derive(Debug, thiserror::Error)]
#[error("the server's key is not the pinned one")]
pub struct KeyMismatch;

/// The error for a proxy before a server with a pinned key, if the system does not trust the proxy's certificate.
#[derive(Debug, thiserror::Error)]
#[error("the certificate of the proxy {0} is not trusted")]
pub struct ProxyNotTrusted(pub String);

impl PinnedKey {
    /// Pins a key; `on_replaced` is called with each key that replaces it.
    pub fn new(pin: KeyPin, on_replaced: impl Fn(KeyPin) + Send + Sync + 'static) -> Arc<Self> {
        let state = Mutex::new(State { pin, signed: Vec::new() });
        Arc::new(Self { state, on_replaced: Box::new(on_replaced) })
    }

    /// Returns the key that is trusted now.
    pub fn pin(&self) -> KeyPin {
        self.lock().pin
    }

    /// Checks that a server with these certificates may be the known one: its key is the pinned one, or
    /// was signed by it, directly or through other keys.
    fn accepts(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), Error> {
        let server = ParsedCertificate::try_from(certificate)?;
        let (key, pin) = (pin_of(&server), self.pin());
        if key == pin {
            return Ok(());
        }
        let mismatch = || CertificateError::Other(OtherError(Arc::new(KeyMismatch)));
        let has_pinned_key = |candidate: &&CertificateDer<'_>| {
            ParsedCertificate::try_from(*candidate).is_ok_and(|parsed| pin_of(&parsed) == pin)
        };
        let chain = &chain[..chain.len().min(EARLIER_KEYS)];
        let pinned = chain.iter().find(has_pinned_key).ok_or_else(mismatch)?;
        let mut roots = RootCertStore::empty();
        roots.add(pinned.clone().into_owned())?;
        let algorithms = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&server, &roots, chain, now, algorithms)
            .map_err(|_| mismatch())?;
        let mut state = self.lock();
        if state.pin == pin && !state.signed.contains(&key) {
            state.signed.push(key);
        }
        Ok(())
    }

    /// Replaces the pinned key after a server proved possession of a key that the pinned one signed.
    fn confirm(&self, certificate: &CertificateDer<'_>) {
        let Ok(server) = ParsedCertificate::try_from(certificate) else { return };
        let key = pin_of(&server);
        let mut state = self.lock();
        if !state.signed.contains(&key) {
            return;
        }
        *state = State { pin: key, signed: Vec::new() };
        drop(state);
        (self.on_replaced)(key);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pin_of(certificate: &ParsedCertificate<'_>) -> KeyPin {
    KeyPin::from_public_key(&certificate.subject_public_key_info())
}

/// Creates a configuration for a server that trusts the pinned key, regardless of the names and dates in its certificate.
/// The certificate of an encrypted proxy has another name, and is verified with the system's authorities.
///
/// # Errors
/// Fails if the program was built without a cryptography provider.
pub fn pinned_config(pinned: Arc<PinnedKey>, server: &str) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder();
    let provider = builder.crypto_provider().clone();
    let verifier = Verifier { pinned, provider, server: name_of(server), system: OnceLock::new() };
    let verifier = Arc::new(verifier);
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

/// Returns the name by which a connection to this address is made.
fn name_of(server: &str) -> Option<ServerName<'static>> {
    let url = reqwest::Url::parse(server).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    ServerName::try_from(host).ok()
}

struct Verifier {
    pinned: Arc<PinnedKey>,
    provider: Arc<CryptoProvider>,
    /// The server's name. Without it, every certificate is checked against the pinned key.
    server: Option<ServerName<'static>>,
    /// Verifies with the system's authorities; created when a proxy's certificate is first checked.
    system: OnceLock<Option<rustls_platform_verifier::Verifier>>,
}

impl Verifier {
    /// Checks the certificate of a proxy.
    fn check_proxy(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let system = self.system.get_or_init(|| {
            let verifier = rustls_platform_verifier::Verifier::new(self.provider.clone());
            verifier.inspect_err(|error| tracing::error!(%error, "no certificates")).ok()
        });
        let verified = system
            .as_ref()
            .and_then(|system| system.verify_server_cert(certificate, chain, name, ocsp, now).ok());
        verified.ok_or_else(|| {
            let error = ProxyNotTrusted(name.to_str().into_owned());
            CertificateError::Other(OtherError(Arc::new(error))).into()
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.server.as_ref().is_some_and(|server| server != name) {
            return self.check_proxy(certificate, chain, name, ocsp, now);
        }
        self.pinned.accepts(certificate, chain, now, &self.provider)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, certificate, signed, algorithms)?;
        self.pinned.confirm(certificate);
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls13_signature(message, certificate, signed, algorithms)?;
        self.pinned.confirm(certificate);
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns which certificate is not trusted: the server's or the proxy's.
    fn refused(server: &str, name: &str) -> &'static str {
        let pinned = PinnedKey::new(KeyPin::from_public_key(b"a key"), |_| {});
        let provider = ClientConfig::builder().crypto_provider().clone();
        let system = OnceLock::new();
        let verifier = Verifier { pinned, provider, server: name_of(server), system };
        let self_signed = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let name = ServerName::try_from(name).unwrap();
        let now = UnixTime::now();
        match verifier.verify_server_cert(self_signed.cert.der(), &[], &name, &[], now) {
            Err(Error::InvalidCertificate(CertificateError::Other(other))) => {
                if other.0.is::<KeyMismatch>() { "server" } else { "proxy" }
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_certificate_of_a_proxy_is_not_checked_against_the_servers_key() {
        let server = "https://chat.example.org:7700";
        assert_eq!(refused(server, "chat.example.org"), "server");
        assert_eq!(refused(server, "proxy.example.org"), "proxy");
        for (server, name) in [("https://10.0.0.5:7700", "10.0.0.5"), ("https://[::1]", "::1")] {
            assert_eq!(refused(server, name), "server");
        }
    }
}
