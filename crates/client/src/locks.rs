//! Opening, locking and closing accounts: what keeps their keys, and what to do without it.

use crate::accounts::{self, AccountId, Closed, Slot, Slots};
use crate::client::{Client, Keep, alone, blocking};
use crate::credentials::{self, Token};
use crate::notice::Notice;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result};
use parlour_protocol::{ErrorBody, ErrorCode};
use parlour_store::{Key, Store};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Shortest passphrase, in characters.
const PASSPHRASE_CHARS: usize = 8;
/// Wrong guesses before the next one has to wait.
const FREE_GUESSES: u32 = 3;
/// The longest that a guess has to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Wrong passphrases of this run, which slow down the next ones.
#[derive(Default)]
pub(crate) struct Guesses(Mutex<BTreeMap<AccountId, (u32, Instant)>>);

impl Guesses {
    /// # Errors
    /// It is too early for another guess.
    fn check(&self, id: &AccountId) -> Result<()> {
        let guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((count, last)) = guesses.get(id) else { return Ok(()) };
        let wait = wait_after(*count).saturating_sub(last.elapsed());
        if wait.is_zero() { Ok(()) } else { Err(Error::TooManyGuesses(wait)) }
    }

    fn note(&self, id: &AccountId, is_right: bool) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_right {
            guesses.remove(id);
        } else {
            let count = guesses.get(id).map_or(0, |(count, _)| *count);
            guesses.insert(id.clone(), (count + 1, Instant::now()));
        }
    }
}

/// Three are free; then it doubles from a second.
fn wait_after(wrong: u32) -> Duration {
    let doubled = wrong.checked_sub(FREE_GUESSES).map(|over| 1_u64 << over.min(16));
    Duration::from_secs(doubled.unwrap_or(0)).min(LONGEST_WAIT)
}

/// Opening.
impl Client {
    /// Opens every account whose key is in the keychain and can be had now. Answers whether any still
    /// waits for the keychain: then ask again later. The keychain may ask its owner first, for as long as
    /// they like.
    pub async fn open_by_keychain(&self) -> bool {
        let mut waits = false;
        for (id, why) in self.closed() {
            if !matches!(why, Closed::Keychain { .. }) {
                continue;
            }
            match self.by_keychain(&id).await {
                Ok(true) => {}
                Ok(false) => waits = true,
                Err(error) => self.close(&id, Closed::Failed(error.into())),
            }
        }
        waits
    }

    /// Whether the account needs the keychain no more.
    async fn by_keychain(&self, id: &AccountId) -> Result<bool> {
        let found = match credentials::load(id).await {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(?error, "the keychain does not answer");
                return Ok(false);
            }
        };
        let folder = accounts::folder(&self.data, id);
        // A key that was made for files which are still plain opens nothing: they get another one.
        let is_plain = accounts::is_plain(&folder);
        let vault = if is_plain { None } else { Vault::open(&folder)? };
        match (found, vault) {
            // Where `key.json` is gone there is nothing to compare with.
            (Some(secret), vault)
                if !is_plain && vault.as_ref().is_none_or(|vault| vault.is_of(&secret.key)) =>
            {
                self.open_files(id, &secret.key, None, secret.token)?;
            }
            // A locked keychain without anybody to ask reads like an empty one; writing tells.
            (None, _) if !self.is_keychain_there().await => return Ok(false),
            (_, None) if is_plain => self.protect(id, Keep::Keychain).await?,
            // The item is gone, or another's.
            (_, vault) => {
                let has_recovery = vault.is_some_and(|vault| vault.has_recovery());
                self.close(id, Closed::KeyLost { has_recovery });
            }
        }
        Ok(true)
    }

    /// Gives plain files of an earlier version a key, kept as is said.
    pub async fn protect(&self, id: &AccountId, keep: Keep) -> Result<()> {
        let key = self.keep_new_key(id, None, keep).await?;
        self.open_files(id, &key, None, None).map(drop)
    }

    /// Makes a key for an account's files and keeps it, and the token with it, as is said.
    pub(crate) async fn keep_new_key(
        &self,
        id: &AccountId,
        token: Option<&Token>,
        keep: Keep,
    ) -> Result<Key> {
        if let Keep::Passphrase { passphrase } = &keep {
            check_passphrase(passphrase)?;
        }
        let folder = accounts::folder(&self.data, id);
        let kept_by = if keep == Keep::Keychain { KeptBy::Keychain } else { KeptBy::Run };
        let (mut vault, key) = Vault::begin(&folder, kept_by)?;
        match keep {
            Keep::Keychain => credentials::save(id, &key, token).await?,
            Keep::ThisRun => {}
            Keep::Passphrase { passphrase } => {
                let (key, token) = (key.clone(), token.cloned());
                // Slow by design.
                blocking(move || {
                    vault.keep_by_passphrase(&key, &passphrase, token.as_ref().map(Token::expose))
                })
                .await?;
            }
        }
        Ok(key)
    }

    /// Opens an account by its passphrase.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`]; [`Error::TooManyGuesses`] after several of them.
    pub async fn unlock(&self, id: &AccountId, passphrase: &str) -> Result<()> {
        let passphrase = Zeroizing::new(passphrase.to_owned());
        self.guess(id, move |vault| vault.by_passphrase(&passphrase)).await
    }

    /// Opens an account by its recovery code, whatever became of the keychain. If the keychain kept the
    /// key, it does so again.
    ///
    /// # Errors
    /// As [`Client::unlock`].
    pub async fn recover(&self, id: &AccountId, code: &str) -> Result<()> {
        let code = Zeroizing::new(code.to_owned());
        self.guess(id, move |vault| vault.by_recovery(&code)).await?;
        let session = self.session_of(id)?;
        let vault = Vault::open(&accounts::folder(&self.data, id))?;
        let is_in_keychain = vault.is_some_and(|vault| vault.kept_by() == KeptBy::Keychain);
        if let Some(key) = session.parts.store.key().filter(|_| is_in_keychain) {
            credentials::save(id, &key, None).await?;
        }
        Ok(())
    }

    async fn guess(
        &self,
        id: &AccountId,
        open: impl FnOnce(&Vault) -> Result<Key> + Send + 'static,
    ) -> Result<()> {
        if let Some(why @ Closed::Revoked { .. }) = self.closed().get(id) {
            return Err(Error::of(why));
        }
        let (key, token) = self.guess_key(id, open).await?;
        self.open_files(id, &key, None, token).map(drop)
    }

    /// The key that somebody's secret opens, and the token beside it.
    pub(crate) async fn guess_key(
        &self,
        id: &AccountId,
        open: impl FnOnce(&Vault) -> Result<Key> + Send + 'static,
    ) -> Result<(Key, Option<Token>)> {
        self.guesses.check(id)?;
        let folder = accounts::folder(&self.data, id);
        let vault = Vault::open(&folder)?.ok_or(Error::WrongPassphrase)?;
        let guessed = blocking(move || open(&vault).map(|key| (vault.token(&key), key))).await;
        if matches!(guessed, Ok(_) | Err(Error::WrongPassphrase)) {
            self.guesses.note(id, guessed.is_ok());
        }
        let (token, key) = guessed?;
        Ok((key, token.map(|token| Token::new(token.to_string()))))
    }
}

/// Locking.
impl Client {
    /// Locks every account that a passphrase opens: what it does ends, and its key leaves the memory.
    /// Answers how many those are.
    pub async fn lock(&self) -> Result<usize> {
        let mut locked = 0;
        for id in self.sessions().into_keys() {
            let folder = accounts::folder(&self.data, &id);
            let vault = Vault::open(&folder)?;
            if vault.is_some_and(|vault| vault.kept_by() == KeptBy::Passphrase) {
                drop(shut(&self.slots, &id, Closed::Passphrase).await?);
                locked += 1;
            }
        }
        Ok(locked)
    }

    /// Lets a passphrase keep an open account's key, in the place of the keychain or of an earlier one.
    pub async fn set_passphrase(&self, id: &AccountId, passphrase: &str) -> Result<()> {
        check_passphrase(passphrase)?;
        let session = self.session_of(id)?;
        let key = session.parts.store.key().ok_or(Error::SignedOut)?;
        let token = session.parts.credentials.token();
        let mut vault = self.vault(id)?;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        blocking(move || {
            vault.keep_by_passphrase(&key, &passphrase, token.as_ref().map(Token::expose))
        })
        .await?;
        // From here on nothing but the passphrase opens it. Where there is no keychain there is no item.
        match credentials::delete(id).await {
            Err(error) if self.is_keychain_there().await => Err(error),
            _ => Ok(()),
        }
    }

    /// Lets the keychain keep an open account's key again.
    pub async fn remove_passphrase(&self, id: &AccountId) -> Result<()> {
        let session = self.session_of(id)?;
        let key = session.parts.store.key().ok_or(Error::SignedOut)?;
        let token = session.parts.credentials.token();
        credentials::save(id, &key, token.as_ref()).await?;
        self.vault(id)?.keep_by(KeptBy::Keychain)
    }

    /// Whether a passphrase opens an account.
    pub fn has_passphrase(&self, id: &AccountId) -> Result<bool> {
        Ok(self.vault(id)?.kept_by() == KeptBy::Passphrase)
    }

    /// Makes a code that opens an account without keychain or passphrase, in the place of an earlier one.
    /// It is told this once.
    pub async fn make_recovery_code(&self, id: &AccountId) -> Result<Zeroizing<String>> {
        let session = self.session_of(id)?;
        let key = session.parts.store.key().ok_or(Error::SignedOut)?;
        let mut vault = self.vault(id)?;
        blocking(move || vault.make_recovery(&key)).await
    }

    /// Puts the files of an account that cannot be opened out of the way, never away: whoever finds the
    /// key again can put them back. Then it can be signed in to anew.
    pub fn set_aside(&self, id: &AccountId) -> Result<()> {
        if !self.closed().contains_key(id) {
            return Err(Error::SignedOut);
        }
        let folder = accounts::folder(&self.data, id);
        let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
        let aside = self.data.join("set-aside");
        parlour_store::private::create_folder(&aside).map_err(failed)?;
        let free = (1..).map(|n| aside.join(format!("{id}-{n}"))).find(|to| !to.exists());
        std::fs::rename(&folder, free.expect("a free name")).map_err(failed)?;
        self.slots.remove(id);
        self.notices.of(id.clone()).tell(Notice::Status);
        Ok(())
    }

    pub(crate) fn vault(&self, id: &AccountId) -> Result<Vault> {
        Vault::open(&accounts::folder(&self.data, id))?.ok_or(Error::SignedOut)
    }

    pub(crate) fn close(&self, id: &AccountId, why: Closed) {
        self.slots.set(id.clone(), Slot::Closed(why));
        self.notices.of(id.clone()).tell(Notice::Status);
    }
}

/// Ends what an open account does; answers its files, once the last of those who read them is done.
pub(crate) async fn shut(slots: &Slots, id: &AccountId, why: Closed) -> Result<Store> {
    let session = slots.session_of(id)?;
    session.end();
    session.parts.credentials.set(None);
    slots.set(id.clone(), Slot::Closed(why));
    let (store, notices) = (session.parts.store.clone(), session.parts.notices.clone());
    drop(session);
    let store = alone(store).await;
    notices.tell(Notice::Status);
    Ok(store)
}

/// # Errors
/// It is too short.
pub(crate) fn check_passphrase(passphrase: &str) -> Result<()> {
    if passphrase.chars().count() >= PASSPHRASE_CHARS {
        return Ok(());
    }
    let message = "A passphrase has at least 8 characters.".into();
    Err(ErrorBody { code: ErrorCode::Invalid, message, retry_after_ms: None }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_guesses_are_free_and_then_it_slows_down_for_a_while_at_most() {
        let waits: Vec<u64> = (0..7).map(|wrong| wait_after(wrong).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(wait_after(1000), LONGEST_WAIT);
    }
}
