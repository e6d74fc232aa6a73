//! The key of an account's files, and what keeps it: the system's keychain, or a passphrase, or nothing
//! but this run. Without one of them nobody reads the files.

use super::envelope::{Envelope, KeptBy, Spare, Wrapped, failed};
use super::wrap::{self, fingerprint, normalise_code, open, seal, spare_of};
use crate::error::{Error, Result};
use crate::status::Revocation;
use parlour_store::Key;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// An account's `key.json`.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    folder: PathBuf,
    envelope: Envelope,
}

impl Vault {
    /// The vault of an account's folder, if it has one.
    pub fn open(folder: &Path) -> Result<Option<Self>> {
        let envelope = Envelope::read(folder)?;
        Ok(envelope.map(|envelope| Self { folder: folder.to_owned(), envelope }))
    }

    /// Makes a key and its vault in a folder, which is made too.
    pub fn create(folder: &Path, kept_by: KeptBy) -> Result<(Self, Key)> {
        parlour_store::private::create_folder(folder).map_err(failed(folder))?;
        let key = wrap::new_key();
        let envelope = Envelope::new(kept_by, fingerprint(&key));
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

    /// How somebody ended the session; nothing if nobody did, or its user has signed in again.
    pub fn revoked(&self) -> Option<Revocation> {
        self.envelope.revoked
    }

    /// Notes that somebody ended the session, or that its user has signed in again. The token, which opens
    /// nothing any more, is removed. With the key in use a spare key is made, if there is none.
    pub fn set_revoked(&mut self, revoked: Option<Revocation>, key: Option<&Key>) -> Result<()> {
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

    /// Notes under which data folder's name the keychain has the key.
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
        self.envelope.spare.as_ref().is_some_and(|spare| spare.check == fingerprint(key))
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
        let new = wrap::new_key();
        let (check, sealed) = (fingerprint(&new), seal(key, new.expose()));
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
        let [wrapped] = wrap::wrap([&new], passphrase.as_bytes());
        self.envelope.spare.as_mut().expect("just made").passphrase = Some(wrapped);
        self.save()
    }

    /// Whether this is the key.
    pub fn is_of(&self, key: &Key) -> bool {
        self.envelope.check == fingerprint(key)
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
        let code = normalise_code(code);
        self.unwrap(self.envelope.recovery.as_ref(), code.as_bytes())
    }

    fn unwrap(&self, wrapped: Option<&Wrapped>, secret: &[u8]) -> Result<Key> {
        let key = wrapped.and_then(|wrapped| wrap::unwrap(wrapped, secret));
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
        let wrapped = wrap::wrap([key, &spare], passphrase.as_bytes()).map(Some);
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
        let code = wrap::new_code();
        let spare = self.spare(key);
        let wrapped = wrap::wrap([key, &spare], code.as_bytes()).map(Some);
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

    fn save(&self) -> Result<()> {
        self.envelope.write(&self.folder)
    }
}

#[cfg(test)]
mod tests;
