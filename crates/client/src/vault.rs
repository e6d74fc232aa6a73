//! The key of an account's files, and what keeps it: the system's keychain, or a passphrase, or nothing
//! but this run. Beside the files lies `key.json`, which says which, and holds the key wrapped by the
//! passphrase and by the recovery code, if there are such. Without one of them nobody reads the files.

#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;

use crate::driver::Revoked;
use crate::{Error, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::{BASE32_NOPAD, BASE64};
use parlour_sqlite::durable;
use parlour_store::Key;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// RFC 9106, section 4, the second recommended option: 3 passes over 64 MiB in 4 lanes. About 0.2 s on a
/// slow machine.
const PASSES: u32 = 3;
const MEMORY_KIB: u32 = 64 * 1024;
const LANES: u32 = 4;
/// Bounds on what a file may ask for, so that a forged one cannot hang the app.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 16;
/// Bytes of a recovery code: more than anybody can try.
const CODE_BYTES: usize = 20;

/// What keeps the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeptBy {
    /// The system's keychain.
    Keychain,
    /// A passphrase.
    Passphrase,
    /// Nothing: it goes with the process.
    Run,
}

/// A key that a secret opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wrapped {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

/// `key.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    kept_by: KeptBy,
    /// Tells the right key from others, and nothing else: SHA-256 of it, under a name of its own.
    check: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Wrapped>,
    /// The session's token, sealed by the key; only with a passphrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Sealed>,
    /// Since somebody ended the session: nothing opens the account but signing in again. The outbox says so
    /// too, where nobody takes it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<Revoked>,
    /// The data folder under whose name the keychain has the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kept_at: Option<PathBuf>,
    /// The key of what is left after a wipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spare: Option<Spare>,
}

/// A key that opens nothing yet. When the copy here is to be deleted, what never reached the server is
/// encrypted with it, and it takes the place of the other, which is gone then: nobody has to type the
/// passphrase for that.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Spare {
    check: String,
    /// Sealed by the key in use.
    sealed: Sealed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<Wrapped>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recovery: Option<Wrapped>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sealed {
    nonce: String,
    sealed: String,
}

/// An account's `key.json`.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    folder: PathBuf,
    envelope: Envelope,
}

impl Vault {
    /// The one in a folder, if there is one.
    pub fn open(folder: &Path) -> Result<Option<Self>> {
        let failed = failed(folder);
        let text = match std::fs::read(folder.join("key.json")) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let envelope = serde_json::from_slice(&text).map_err(|error| failed(error.into()))?;
        Ok(Some(Self { folder: folder.to_owned(), envelope }))
    }

    /// A new one, of a new key.
    pub fn begin(folder: &Path, kept_by: KeptBy) -> Result<(Self, Key)> {
        parlour_store::private::create_folder(folder).map_err(failed(folder))?;
        let key = Key::fill(|key| secret_bytes(key));
        let envelope = Envelope {
            kept_by,
            check: check(&key),
            passphrase: None,
            recovery: None,
            token: None,
            revoked: None,
            kept_at: None,
            spare: None,
        };
        let vault = Self { folder: folder.to_owned(), envelope };
        vault.save()?;
        Ok((vault, key))
    }

    /// What keeps the key.
    pub fn kept_by(&self) -> KeptBy {
        self.envelope.kept_by
    }

    /// Whether a recovery code was made.
    pub fn has_recovery(&self) -> bool {
        self.envelope.recovery.is_some()
    }

    /// Whether somebody ended the session, and its user has not signed in again.
    pub fn revoked(&self) -> Option<Revoked> {
        self.envelope.revoked
    }

    /// Notes it; the token, which opens nothing any more, goes. With the key in use there is a spare one
    /// from here on.
    pub fn set_revoked(&mut self, revoked: Option<Revoked>, key: Option<&Key>) -> Result<()> {
        if let Some(key) = key {
            self.spare(key);
        }
        (self.envelope.revoked, self.envelope.token) = (revoked, None);
        self.save()
    }

    /// The data folder under whose name the keychain has the key.
    pub fn kept_at(&self) -> Option<&Path> {
        self.envelope.kept_at.as_deref()
    }

    /// Notes it.
    pub fn keep_at(&mut self, data: &Path) -> Result<()> {
        self.envelope.kept_at = Some(data.to_owned());
        self.save()
    }

    /// Whether there is a spare key.
    pub fn has_spare(&self) -> bool {
        self.envelope.spare.is_some()
    }

    /// Whether this is the spare key, which takes the other's place after a wipe.
    pub fn is_of_spare(&self, key: &Key) -> bool {
        self.envelope.spare.as_ref().is_some_and(|spare| spare.check == check(key))
    }

    /// The spare key, by the one in use; nothing where the passphrase that keeps that one would not open
    /// the spare one.
    pub fn next_key(&self, key: &Key) -> Option<Key> {
        let spare = self.envelope.spare.as_ref()?;
        let is_kept = self.envelope.kept_by != KeptBy::Passphrase || spare.passphrase.is_some();
        spare_of(spare, key).filter(|_| is_kept)
    }

    /// Lets the spare key take the place of the one in use, which nothing here opens any more.
    pub fn take_spare(&mut self) -> Result<()> {
        let Some(spare) = self.envelope.spare.take() else { return Ok(()) };
        let Spare { check, passphrase, recovery, .. } = spare;
        (self.envelope.check, self.envelope.token) = (check, None);
        (self.envelope.passphrase, self.envelope.recovery) = (passphrase, recovery);
        self.save()
    }

    /// The spare key, made if there is none that the key in use opens.
    fn spare(&mut self, key: &Key) -> Key {
        if let Some(found) = self.envelope.spare.as_ref().and_then(|spare| spare_of(spare, key)) {
            return found;
        }
        let new = Key::fill(|key| secret_bytes(key));
        let (check, sealed) = (check(&new), seal(key, new.expose()));
        self.envelope.spare = Some(Spare { check, sealed, passphrase: None, recovery: None });
        new
    }

    /// Lets a passphrase that was just right open the spare key too: one that was set by an earlier version
    /// does not.
    fn complete(&mut self, key: &Key, passphrase: &str) -> Result<()> {
        let spare = self.envelope.spare.as_ref();
        if spare.is_some_and(|spare| spare.passphrase.is_some()) || self.revoked().is_some() {
            return Ok(());
        }
        let new = self.spare(key);
        let [wrapped] = wrap([&new], passphrase.as_bytes());
        self.envelope.spare.as_mut().expect("just made").passphrase = Some(wrapped);
        self.save()
    }

    /// Whether this is the key.
    pub fn is_of(&self, key: &Key) -> bool {
        self.envelope.check == check(key)
    }

    /// The key, by the passphrase. One that an earlier version set opens the spare key too from here on.
    pub fn by_passphrase(&mut self, passphrase: &str) -> Result<Key> {
        let key = self.unwrap(self.envelope.passphrase.as_ref(), passphrase.as_bytes())?;
        if let Err(error) = self.complete(&key, passphrase) {
            tracing::warn!(%error, "key.json stays as it is");
        }
        Ok(key)
    }

    /// The key, by the recovery code: in any letter case, with or without what stands between.
    pub fn by_recovery(&self, code: &str) -> Result<Key> {
        let code = normalise(code);
        self.unwrap(self.envelope.recovery.as_ref(), code.as_bytes())
    }

    fn unwrap(&self, wrapped: Option<&Wrapped>, secret: &[u8]) -> Result<Key> {
        let key = wrapped.and_then(|wrapped| unwrap(wrapped, secret));
        key.filter(|key| self.is_of(key)).ok_or(Error::WrongPassphrase)
    }

    /// Lets a passphrase keep the key from here on, and the token beside it.
    pub fn keep_by_passphrase(
        &mut self,
        key: &Key,
        passphrase: &str,
        token: Option<&str>,
    ) -> Result<()> {
        let spare = self.spare(key);
        let wrapped = wrap([key, &spare], passphrase.as_bytes()).map(Some);
        let place = self.envelope.spare.as_mut().expect("just made");
        [self.envelope.passphrase, place.passphrase] = wrapped;
        self.envelope.kept_by = KeptBy::Passphrase;
        self.set_token(key, token)
    }

    /// Lets something else keep the key from here on.
    pub fn keep_by(&mut self, kept_by: KeptBy) -> Result<()> {
        (self.envelope.passphrase, self.envelope.token) = (None, None);
        if let Some(spare) = &mut self.envelope.spare {
            spare.passphrase = None;
        }
        self.envelope.kept_by = kept_by;
        self.save()
    }

    /// Makes a recovery code, in the place of an earlier one.
    pub fn make_recovery(&mut self, key: &Key) -> Result<Zeroizing<String>> {
        let mut bytes = Zeroizing::new([0; CODE_BYTES]);
        secret_bytes(&mut *bytes);
        let code = Zeroizing::new(BASE32_NOPAD.encode(&*bytes));
        let spare = self.spare(key);
        let wrapped = wrap([key, &spare], code.as_bytes()).map(Some);
        let place = self.envelope.spare.as_mut().expect("just made");
        [self.envelope.recovery, place.recovery] = wrapped;
        self.save()?;
        let groups = code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
        Ok(Zeroizing::new(groups.collect::<Vec<_>>().join("-")))
    }

    /// Seals the token, where a passphrase keeps the key.
    pub fn set_token(&mut self, key: &Key, token: Option<&str>) -> Result<()> {
        self.envelope.token = token.map(|token| seal(key, token.as_bytes()));
        self.save()
    }

    /// The token that was sealed.
    pub fn token(&self, key: &Key) -> Option<Zeroizing<String>> {
        let bytes = open(key, self.envelope.token.as_ref()?)?;
        String::from_utf8(bytes.to_vec()).ok().map(Zeroizing::new)
    }

    /// Whole or not at all, and on the disk when it returns, also under its name: what comes after may
    /// delete the only other place where the key is.
    fn save(&self) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.envelope).expect("plain data");
        durable::write(&self.folder.join("key.json"), &text).map_err(failed(&self.folder))
    }
}

fn failed(folder: &Path) -> impl Fn(std::io::Error) -> Error {
    let path = folder.to_owned();
    move |source| parlour_store::Error::Folder { path: path.clone(), source }.into()
}

fn random<const N: usize>() -> [u8; N] {
    rand::random()
}

/// From the system: a generator of our own would keep a copy.
fn secret_bytes(bytes: &mut [u8]) {
    SysRng.try_fill_bytes(bytes).expect("the system has random bytes");
}

fn check(key: &Key) -> String {
    let mut digest = Sha256::new();
    digest.update(b"parlour: which key");
    digest.update(key.expose());
    BASE64.encode(&digest.finalize()[..16])
}

/// What a code says, however it was typed: its alphabet has neither 0 nor 1 nor 8.
fn normalise(code: &str) -> Zeroizing<String> {
    let letter = |c: char| match c.to_ascii_uppercase() {
        '0' => Some('O'),
        '1' => Some('I'),
        '8' => Some('B'),
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    };
    Zeroizing::new(code.chars().filter_map(letter).collect())
}

/// Keys that one secret opens.
fn wrap<const N: usize>(keys: [&Key; N], secret: &[u8]) -> [Wrapped; N] {
    let salt: [u8; 16] = random();
    let (memory_kib, passes, lanes) = (MEMORY_KIB, PASSES, LANES);
    let params = Params::new(memory_kib, passes, lanes, Some(32)).expect("the RFC's own");
    let by = derive(secret, &salt, params).expect("64 MiB of memory");
    let salt = BASE64.encode(&salt);
    keys.map(|key| {
        let Sealed { nonce, sealed } = seal(&by, key.expose());
        Wrapped { memory_kib, passes, lanes, salt: salt.clone(), nonce, sealed }
    })
}

fn spare_of(spare: &Spare, key: &Key) -> Option<Key> {
    Key::from_slice(&open(key, &spare.sealed)?).filter(|key| check(key) == spare.check)
}

fn unwrap(wrapped: &Wrapped, secret: &[u8]) -> Option<Key> {
    if wrapped.memory_kib > MOST_MEMORY_KIB || wrapped.passes > MOST_PASSES {
        return None;
    }
    let salt = BASE64.decode(wrapped.salt.as_bytes()).ok()?;
    let params = Params::new(wrapped.memory_kib, wrapped.passes, wrapped.lanes, Some(32)).ok()?;
    let sealed = Sealed { nonce: wrapped.nonce.clone(), sealed: wrapped.sealed.clone() };
    let bytes = open(&derive(secret, &salt, params)?, &sealed)?;
    Key::from_slice(&bytes)
}

fn derive(secret: &[u8], salt: &[u8], params: Params) -> Option<Key> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut derived = Err(argon2::Error::OutputTooShort);
    let key = Key::fill(|key| derived = argon2.hash_password_into(secret, salt, key));
    derived.ok().map(|()| key)
}

fn seal(key: &Key, bytes: &[u8]) -> Sealed {
    let nonce: [u8; 24] = random();
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let payload = Payload { msg: bytes, aad: b"parlour" };
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).expect("a few bytes");
    Sealed { nonce: BASE64.encode(&nonce), sealed: BASE64.encode(&sealed) }
}

fn open(key: &Key, sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let nonce = BASE64.decode(sealed.nonce.as_bytes()).ok().filter(|nonce| nonce.len() == 24)?;
    let bytes = BASE64.decode(sealed.sealed.as_bytes()).ok()?;
    let cipher = XChaCha20Poly1305::new(key.expose().into());
    let payload = Payload { msg: &bytes, aad: b"parlour" };
    cipher.decrypt(XNonce::from_slice(&nonce), payload).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_and_a_recovery_code_open_it_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, key) = Vault::begin(folder.path(), KeptBy::Run).unwrap();
        assert!(vault.is_of(&key) && !vault.is_of(&Key::fill(|key| key.fill(1))));
        vault.keep_by_passphrase(&key, "correct horse", Some("a token")).unwrap();
        let code = vault.make_recovery(&key).unwrap();
        let mut again = Vault::open(folder.path()).unwrap().unwrap();
        assert_eq!(again.kept_by(), KeptBy::Passphrase);
        let opened = again.by_passphrase("correct horse").unwrap();
        assert_eq!(opened.expose(), key.expose());
        assert_eq!(again.token(&opened).unwrap().as_str(), "a token");
        assert!(matches!(again.by_passphrase("wrong horse"), Err(Error::WrongPassphrase)));
        let typed = code.replace('-', " ").to_lowercase();
        assert_eq!(again.by_recovery(&typed).unwrap().expose(), key.expose());
        assert!(matches!(again.by_recovery("AAAA-AAAA"), Err(Error::WrongPassphrase)));
        let text = std::fs::read_to_string(folder.path().join("key.json")).unwrap();
        assert!(!text.contains("token\": \"a") && !text.contains("correct horse"));
    }

    #[test]
    fn after_a_wipe_passphrase_and_code_open_the_spare_key_and_nothing_opens_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, key) = Vault::begin(folder.path(), KeptBy::Run).unwrap();
        vault.keep_by_passphrase(&key, "correct horse", Some("a token")).unwrap();
        let code = vault.make_recovery(&key).unwrap();
        let spare = vault.next_key(&key).unwrap();
        assert!(vault.is_of_spare(&spare) && !vault.is_of(&spare));
        vault.take_spare().unwrap();
        let mut again = Vault::open(folder.path()).unwrap().unwrap();
        assert!(
            !again.is_of(&key) && again.token(&key).is_none() && again.next_key(&key).is_none()
        );
        for opened in [again.by_passphrase("correct horse"), again.by_recovery(&code)] {
            assert_eq!(opened.unwrap().expose(), spare.expose());
        }
        // The key that is in use now has a spare one in its turn.
        assert!(again.next_key(&spare).is_some());
    }

    #[test]
    fn a_passphrase_of_an_earlier_version_is_completed_when_it_was_right() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, key) = Vault::begin(folder.path(), KeptBy::Run).unwrap();
        vault.keep_by_passphrase(&key, "correct horse", None).unwrap();
        vault.envelope.spare = None;
        // Made without the passphrase, it could not be opened by it.
        vault.set_revoked(None, Some(&key)).unwrap();
        assert!(vault.next_key(&key).is_none());
        vault.by_passphrase("correct horse").unwrap();
        let spare = vault.next_key(&key).unwrap();
        vault.take_spare().unwrap();
        assert_eq!(vault.by_passphrase("correct horse").unwrap().expose(), spare.expose());
    }

    #[test]
    fn a_damaged_or_greedy_file_opens_nothing_and_hangs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let (mut vault, key) = Vault::begin(folder.path(), KeptBy::Run).unwrap();
        vault.keep_by_passphrase(&key, "correct horse", None).unwrap();
        for wrong in ["sealed", "nonce", "salt"] {
            let mut broken = vault.clone();
            let wrapped = broken.envelope.passphrase.as_mut().unwrap();
            match wrong {
                "sealed" => wrapped.sealed = "AAAA".into(),
                "nonce" => wrapped.nonce = "?".into(),
                _ => wrapped.salt = String::new(),
            }
            assert!(matches!(broken.by_passphrase("correct horse"), Err(Error::WrongPassphrase)));
        }
        vault.envelope.passphrase.as_mut().unwrap().memory_kib = u32::MAX;
        assert!(matches!(vault.by_passphrase("correct horse"), Err(Error::WrongPassphrase)));
        std::fs::write(folder.path().join("key.json"), "{").unwrap();
        assert!(Vault::open(folder.path()).is_err());
    }
}
