//! The cryptography of `key.json`: keys wrapped with a secret, bytes encrypted with a key, recovery
//! codes.

use super::envelope::{Sealed, Spare, Wrapped};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, BASE64};
use parlour_store::Key;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// RFC 9106, section 4, the second recommended option: 3 passes over 64 MiB in 4 lanes. About 0.2 s
/// on a slow machine.
const PASSES: u32 = 3;
const MEMORY_KIB: u32 = 64 * 1024;
const LANES: u32 = 4;
/// Limits for the parameters in a file, so that a forged one cannot hang the app.
pub(super) const MAX_MEMORY_KIB: u32 = 1024 * 1024;
pub(super) const MAX_PASSES: u32 = 16;
/// Bytes of a recovery code: 160 bits, which nobody can guess by trying.
const CODE_BYTES: usize = 20;

fn random<const N: usize>() -> [u8; N] {
    rand::random()
}

/// Fills the bytes from the system's generator: one in this process would keep a copy.
fn secret_bytes(bytes: &mut [u8]) {
    SysRng.try_fill_bytes(bytes).expect("the system has random bytes");
}

/// Returns a value that identifies a key without revealing it.
pub(super) fn fingerprint(key: &Key) -> String {
    let mut digest = Sha256::new();
    digest.update(b"parlour: which key");
    digest.update(key.expose());
    BASE64.encode(&digest.finalize()[..16])
}

/// Returns a new recovery code, without the separators that make it readable.
pub(super) fn new_code() -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; CODE_BYTES]);
    secret_bytes(&mut *bytes);
    Zeroizing::new(BASE32_NOPAD.encode(&*bytes))
}

/// Returns a random key of 256 bits.
pub(super) fn new_key() -> Key {
    Key::fill(|key| secret_bytes(key))
}

/// Returns a recovery code in its original form, however it was typed. Its alphabet contains
/// neither 0 nor 1 nor 8, so these count as O, I and B.
pub(super) fn normalise_code(code: &str) -> Zeroizing<String> {
    let letter = |c: char| match c.to_ascii_uppercase() {
        '0' => Some('O'),
        '1' => Some('I'),
        '8' => Some('B'),
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    Zeroizing::new(code.chars().filter_map(letter).collect())
}

/// Wraps keys with one secret.
pub(super) fn wrap<const N: usize>(keys: [&Key; N], secret: &[u8]) -> [Wrapped; N] {
    let salt: [u8; 16] = random();
    let (memory_kib, passes, lanes) = (MEMORY_KIB, PASSES, LANES);
    let params = Params::new(memory_kib, passes, lanes, Some(32)).expect("the RFC's own");
    let wrapping_key = derive(secret, &salt, params).expect("64 MiB of memory");
    let salt = BASE64.encode(&salt);
    keys.map(|key| {
        let Sealed { nonce, sealed } = seal(&wrapping_key, key.expose());
        Wrapped { memory_kib, passes, lanes, salt: salt.clone(), nonce, sealed }
    })
}

/// Returns the spare key, decrypted with the key in use.
pub(super) fn spare_of(spare: &Spare, key: &Key) -> Option<Key> {
    Key::from_slice(&open(key, &spare.sealed)?).filter(|key| fingerprint(key) == spare.check)
}

/// Returns the key, if the secret is right and the parameters in the file are within the limits.
pub(super) fn unwrap(wrapped: &Wrapped, secret: &[u8]) -> Option<Key> {
    if wrapped.memory_kib > MAX_MEMORY_KIB || wrapped.passes > MAX_PASSES {
        return None;
    }
    let salt = BASE64.decode(wrapped.salt.as_bytes()).ok()?;
    let params = Params::new(wrapped.memory_kib, wrapped.passes, wrapped.lanes, Some(32)).ok()?;
    let sealed = Sealed { nonce: wrapped.nonce.clone(), sealed: wrapped.sealed.clone() };
    let bytes = open(&derive(secret, &salt, params)?, &sealed)?;
    Key::from_slice(&bytes)
}

/// Derives a key from a secret with Argon2id.
fn derive(secret: &[u8], salt: &[u8], params: Params) -> Option<Key> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut derived = Err(argon2::Error::OutputTooShort);
    let key = Key::fill(|key| derived = argon2.hash_password_into(secret, salt, key));
    derived.ok().map(|()| key)
}

/// Encrypts bytes with a key.
pub(super) fn seal(key: &Key, bytes: &[u8]) -> Sealed {
    let nonce: [u8; 24] = random();
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let payload = Payload { msg: bytes, aad: b"parlour" };
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).expect("a few bytes");
    Sealed { nonce: BASE64.encode(&nonce), sealed: BASE64.encode(&sealed) }
}

/// Decrypts bytes; `None` if they were not encrypted with this key.
pub(super) fn open(key: &Key, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = BASE64.decode(sealed.nonce.as_bytes()).ok().filter(|nonce| nonce.len() == 24)?;
    let bytes = BASE64.decode(sealed.sealed.as_bytes()).ok()?;
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let payload = Payload { msg: &bytes, aad: b"parlour" };
    cipher.decrypt(XNonce::from_slice(&nonce), payload).ok().map(Zeroizing::new)
}
