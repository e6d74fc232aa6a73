//! The key of an account's files, and where it is stored: in the system's keychain, wrapped by a
//! passphrase, or only in the memory of this run. Without it nobody can read the files.

use super::envelope::{Envelope, KeyStorage, Spare, Wrapped, failed};
use super::wrap::{self, fingerprint, normalise_code, open, seal, spare_of};
use crate::error::{Error, Result};
use crate::status::Revocation;
use parlour_store::Key;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// An account's `key.json`.
#[derive(Debug, Clone)]
pub(crate) struct KeyFile {
    folder: PathBuf,
    envelope: Envelope,
}

impl KeyFile {
    /// Returns the key file of an account's folder; `None` if it has none.
    pub fn open(folder: &Path) -> Result<Option<Self>> {
        let envelope = Envelope::read(folder)?;
        Ok(envelope.map(|envelope| Self { folder: folder.to_owned(), envelope }))
    }

    /// Creates a key and its key file in a folder, which is created, too.
    pub fn create(folder: &Path, storage: KeyStorage) -> Result<(Self, Key)> {
        parlour_store::private::create_folder(folder).map_err(failed(folder))?;
        let key = wrap::new_key();
        let envelope = Envelope::new(storage, fingerprint(&key));
        let key_file = Self { folder: folder.to_owned(), envelope };
        key_file.save()?;
        Ok((key_file, key))
    }

    /// Returns where the key is stored.
    pub fn key_storage(&self) -> KeyStorage {
        self.envelope.storage
    }

    /// Returns whether a recovery code was made.
    pub fn has_recovery(&self) -> bool {
        self.envelope.recovery.is_some()
    }

    /// Returns how the session was ended remotely; `None` if it was not, or if the user has signed
    /// in again.
    pub fn revoked(&self) -> Option<Revocation> {
        self.envelope.revoked
    }

    /// Records that the session was ended remotely, or that the user has signed in again. Removes the
    /// token, which is no longer valid. If `key`, the key in use, is given, a spare key is created
    /// unless there is one.
    pub fn set_revoked(&mut self, revoked: Option<Revocation>, key: Option<&Key>) -> Result<()> {
        if let Some(key) = key {
            self.ensure_spare(key);
        }
        (self.envelope.revoked, self.envelope.token) = (revoked, None);
        self.save()
    }

    /// Returns the data folder that the name of the keychain's entry is derived from.
    pub fn keychain_folder(&self) -> Option<&Path> {
        self.envelope.keychain_folder.as_deref()
    }

    /// Stores the data folder that the name of the keychain's entry is derived from.
    pub fn set_keychain_folder(&mut self, data: &Path) -> Result<()> {
        self.envelope.keychain_folder = Some(data.to_owned());
        self.save()
    }

    /// Returns whether there is a spare key.
    pub fn has_spare(&self) -> bool {
        self.envelope.spare.is_some()
    }

    /// Returns whether `key` is the spare key, which replaces the key in use after a wipe.
    pub fn is_spare_key(&self, key: &Key) -> bool {
        self.envelope.spare.as_ref().is_some_and(|spare| spare.check == fingerprint(key))
    }

    /// Returns the spare key, decrypted with the key in use. `None` if the account has a passphrase
    /// that would not open the spare key.
    pub fn next_key(&self, key: &Key) -> Option<Key> {
        let spare = self.envelope.spare.as_ref()?;
        let is_recoverable =
            self.envelope.storage != KeyStorage::Passphrase || spare.passphrase.is_some();
        spare_of(spare, key).filter(|_| is_recoverable)
    }

    /// Replaces the key in use with the spare key; afterwards nothing in this key file opens the old key.
    pub fn activate_spare(&mut self) -> Result<()> {
        let Some(spare) = self.envelope.spare.take() else { return Ok(()) };
        let Spare { check, passphrase, recovery, .. } = spare;
        (self.envelope.check, self.envelope.token) = (check, None);
        (self.envelope.passphrase, self.envelope.recovery) = (passphrase, recovery);
        self.save()
    }

    /// Returns the spare key; creates one if there is none that the key in use opens.
    fn ensure_spare(&mut self, key: &Key) -> Key {
        if let Some(found) = self.envelope.spare.as_ref().and_then(|spare| spare_of(spare, key)) {
            return found;
        }
        let new = wrap::new_key();
        let (check, sealed) = (fingerprint(&new), seal(key, new.expose()));
        self.envelope.spare = Some(Spare { check, sealed, passphrase: None, recovery: None });
        new
    }

    /// Wraps the spare key with a passphrase that was just verified, too: earlier versions did not.
    fn add_spare_to_passphrase(&mut self, key: &Key, passphrase: &str) -> Result<()> {
        let spare = self.envelope.spare.as_ref();
        if spare.is_some_and(|spare| spare.passphrase.is_some()) || self.revoked().is_some() {
            return Ok(());
        }
        let new = self.ensure_spare(key);
        let [wrapped] = wrap::wrap([&new], passphrase.as_bytes());
        self.envelope.spare.as_mut().expect("just created").passphrase = Some(wrapped);
        self.save()
    }

    /// Returns whether `key` is the key in use.
    pub fn is_key(&self, key: &Key) -> bool {
        self.envelope.check == fingerprint(key)
    }

    /// Returns the key, unwrapped with the passphrase. A passphrase that an earlier version set
    /// opens the spare key, too, from here on.
    pub fn unwrap_by_passphrase(&mut self, passphrase: &str) -> Result<Key> {
        let key = self.unwrap(self.envelope.passphrase.as_ref(), passphrase.as_bytes())?;
        if let Err(error) = self.add_spare_to_passphrase(&key, passphrase) {
            tracing::warn!(%error, "key.json stays as it is");
        }
        Ok(key)
    }

    /// Returns the key, unwrapped with the recovery code, which may be in any letter case and with
    /// or without separators.
    pub fn unwrap_by_recovery(&self, code: &str) -> Result<Key> {
        let code = normalise_code(code);
        self.unwrap(self.envelope.recovery.as_ref(), code.as_bytes())
    }

    fn unwrap(&self, wrapped: Option<&Wrapped>, secret: &[u8]) -> Result<Key> {
        let key = wrapped.and_then(|wrapped| wrap::unwrap(wrapped, secret));
        key.filter(|key| self.is_key(key)).ok_or(Error::WrongPassphrase)
    }

    /// Wraps the key with a passphrase, which is required from here on, and stores the token
    /// encrypted with the key.
    pub fn protect_by_passphrase(
        &mut self,
        key: &Key,
        passphrase: &str,
        token: Option<&str>,
    ) -> Result<()> {
        let spare = self.ensure_spare(key);
        let wrapped = wrap::wrap([key, &spare], passphrase.as_bytes()).map(Some);
        let spare = self.envelope.spare.as_mut().expect("just created");
        [self.envelope.passphrase, spare.passphrase] = wrapped;
        self.envelope.storage = KeyStorage::Passphrase;
        self.set_token(key, token)
    }

    /// Sets where the key is stored, and removes the passphrase.
    pub fn set_key_storage(&mut self, storage: KeyStorage) -> Result<()> {
        (self.envelope.passphrase, self.envelope.token) = (None, None);
        if let Some(spare) = &mut self.envelope.spare {
            spare.passphrase = None;
        }
        self.envelope.storage = storage;
        self.save()
    }

    /// Creates a recovery code, replacing an earlier one.
    pub fn make_recovery(&mut self, key: &Key) -> Result<Zeroizing<String>> {
        let code = wrap::new_code();
        let spare = self.ensure_spare(key);
        let wrapped = wrap::wrap([key, &spare], code.as_bytes()).map(Some);
        let spare = self.envelope.spare.as_mut().expect("just created");
        [self.envelope.recovery, spare.recovery] = wrapped;
        self.save()?;
        let groups = code.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group));
        Ok(Zeroizing::new(groups.collect::<Vec<_>>().join("-")))
    }

    /// Stores the token encrypted with the key, for accounts with a passphrase.
    pub fn set_token(&mut self, key: &Key, token: Option<&str>) -> Result<()> {
        self.envelope.token = token.map(|token| seal(key, token.as_bytes()));
        self.save()
    }

    /// Returns the decrypted token.
    pub fn token(&self, key: &Key) -> Option<Zeroizing<String>> {
        let bytes = open(key, self.envelope.token.as_ref()?)?;
        String::from_utf8(bytes.to_vec()).ok().map(Zeroizing::new)
    }

    fn save(&self) -> Result<()> {
        self.envelope.write(&self.folder)
    }
}

#[cfg(test)]
mod tests;
