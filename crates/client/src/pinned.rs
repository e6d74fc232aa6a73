//! Trust in one server's key, for which no authority vouches. The key may change where the one before signed the
//! new one; see docs/decisions/0031.

use parlour_protocol::KeyPin;
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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Certificates of earlier keys that are read: as many as a server sends. With more, the path from the pinned key
/// would be longer than rustls-webpki follows (6 certificates between).
const EARLIER: usize = 7;

type Keep = Box<dyn Fn(KeyPin) + Send + Sync>;

/// The key by which a server is known, and what is done once the server has another one that it signed.
pub struct Pinned {
    state: Mutex<State>,
    keep: Keep,
}

struct State {
    pin: KeyPin,
    /// Keys that the one of `pin` signed, of servers that have not yet proved that they have them.
    signed: Vec<KeyPin>,
}

/// The server shows a key that is not the one by which it is known.
#[derive(Debug, thiserror::Error)]
#[error("the server shows another key than the one by which it is known")]
pub struct AnotherKey;

impl Pinned {
    /// Trust in this key; `keep` is told when another one takes its place.
    pub fn new(pin: KeyPin, keep: impl Fn(KeyPin) + Send + Sync + 'static) -> Arc<Self> {
        let state = Mutex::new(State { pin, signed: Vec::new() });
        Arc::new(Self { state, keep: Box::new(keep) })
    }

    /// The key that is trusted now.
    pub fn pin(&self) -> KeyPin {
        self.lock().pin
    }

    /// Whether a server that shows these certificates may be the one: its key is the pinned one, or it was
    /// signed by that, directly or by keys between.
    fn accepts(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), Error> {
        let server = ParsedCertificate::try_from(shown)?;
        let (key, pin) = (pin_of(&server), self.pin());
        if key == pin {
            return Ok(());
        }
        let another = || CertificateError::Other(OtherError(Arc::new(AnotherKey)));
        let is_pinned = |one: &&CertificateDer<'_>| {
            ParsedCertificate::try_from(*one).is_ok_and(|parsed| pin_of(&parsed) == pin)
        };
        let others = &others[..others.len().min(EARLIER)];
        let pinned = others.iter().find(is_pinned).ok_or_else(another)?;
        let mut roots = RootCertStore::empty();
        roots.add(pinned.clone().into_owned())?;
        let algorithms = provider.signature_verification_algorithms.all;
        verify_server_cert_signed_by_trust_anchor(&server, &roots, others, now, algorithms)
            .map_err(|_| another())?;
        let mut state = self.lock();
        if state.pin == pin && !state.signed.contains(&key) {
            state.signed.push(key);
        }
        Ok(())
    }

    /// Notes that a server has proved that it has the key of its certificate.
    fn proved(&self, shown: &CertificateDer<'_>) {
        let Ok(server) = ParsedCertificate::try_from(shown) else { return };
        let key = pin_of(&server);
        let mut state = self.lock();
        if !state.signed.contains(&key) {
            return;
        }
        *state = State { pin: key, signed: Vec::new() };
        drop(state);
        (self.keep)(key);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pin_of(certificate: &ParsedCertificate<'_>) -> KeyPin {
    KeyPin::of(&certificate.subject_public_key_info())
}

/// A configuration that trusts the pinned key, whatever names and dates its certificate has.
///
/// # Errors
/// There is no cryptography, which is a mistake of the build.
pub fn trusting(pinned: Arc<Pinned>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder();
    let provider = builder.crypto_provider().clone();
    let verifier = Arc::new(Verifier { pinned, provider });
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

struct Verifier {
    pinned: Arc<Pinned>,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier")
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.pinned.accepts(shown, others, now, &self.provider)?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls12_signature(message, shown, signed, algorithms)?;
        self.pinned.proved(shown);
        Ok(valid)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let valid = verify_tls13_signature(message, shown, signed, algorithms)?;
        self.pinned.proved(shown);
        Ok(valid)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
