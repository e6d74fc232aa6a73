//! Opening, locking and closing accounts: what keeps their keys, and what to do without it.

use crate::accounts::{self, AccountId, Closed, Slot, Slots};
use crate::client::{Client, Keep, blocking};
use crate::credentials::{self, Standing, Token};
use crate::deeds::invalid;
use crate::notice::Notice;
use crate::vault::{KeptBy, Vault};
use crate::{Error, Result, items};
use parlour_store::{Folder, Key};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Shortest passphrase, in characters.
const PASSPHRASE_CHARS: usize = 8;
/// Longest one, in bytes.
const PASSPHRASE_BYTES: usize = 1024;
/// Below the data folder: accounts that could not be opened, out of the way.
pub(crate) const ASIDE: &str = "set-aside";
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
    pub fn check(&self, id: &AccountId) -> Result<()> {
        let guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((count, last)) = guesses.get(id) else { return Ok(()) };
        let wait = wait_after(*count).saturating_sub(last.elapsed());
        if wait.is_zero() { Ok(()) } else { Err(Error::TooManyGuesses(wait)) }
    }

    pub fn note(&self, id: &AccountId, is_right: bool) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_right {
            guesses.remove(id);
        } else {
            let count = guesses.get(id).map_or(0, |(count, _)| *count);
            guesses.insert(id.clone(), (count + 1, Instant::now()));
        }
    }
}

/// What is remembered of the keychain, so that it asks its owner once and not again and again.
#[derive(Default)]
pub(crate) struct Asking(Mutex<Asked>);

#[derive(Default)]
struct Asked {
    /// Its owner was asked to unlock it.
    locked: bool,
    /// It was asked since it was opened.
    open: bool,
}

impl Asking {
    /// Whether to ask for the keys by itself, and notes that it is done: a locked keychain once, an open one
    /// once each time that it was opened.
    fn is_due(&self, standing: Standing) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match standing {
            Standing::Absent => {
                asked.open = false;
                false
            }
            Standing::Locked | Standing::Unknown => {
                asked.open = false;
                !std::mem::replace(&mut asked.locked, true)
            }
            Standing::Open => !std::mem::replace(&mut asked.open, true),
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
    /// waits for the keychain. It may ask its owner first, for as long as they like: this is for when somebody
    /// asked for it.
    pub async fn open_by_keychain(&self) -> bool {
        for id in self.closed().into_keys() {
            let _turn = self.turns.of(&id).await;
            // It may have been opened, or left, meanwhile.
            match self.closed().get(&id) {
                Some(Closed::Keychain { .. }) => {}
                Some(Closed::Revoked { .. }) => {
                    self.finish_wipe_by_keychain(&id).await;
                    continue;
                }
                _ => continue,
            }
            match self.by_keychain(&id).await {
                Ok(true) => {}
                // It would not answer for the others either, and ask its owner once more for each.
                Ok(false) => return true,
                // It is closed for that already.
                Err(Error::Revoked) => {}
                Err(error) => self.close(&id, Closed::Failed(error.into())),
            }
        }
        false
    }

    /// The same, to be called again and again: a locked keychain asks its owner once. After that it is left
    /// alone until it is open, or somebody asks for it ([`Client::open_by_keychain`]).
    pub async fn open_when_keychain_opens(&self) -> bool {
        let is_of_keychain = |why: &Closed| matches!(why, Closed::Keychain { .. });
        let closed = self.closed();
        let is_revoked = |why: &Closed| matches!(why, Closed::Revoked { .. });
        if !closed.values().any(|why| is_of_keychain(why) || is_revoked(why)) {
            return false;
        }
        if self.asking.is_due(credentials::standing().await) {
            return self.open_by_keychain().await;
        }
        closed.values().any(is_of_keychain)
    }

    /// Whether the account needs the keychain no more.
    async fn by_keychain(&self, id: &AccountId) -> Result<bool> {
        let folder = accounts::folder(&self.data, id);
        // A key that was made for files which are still plain opens nothing: they get another one.
        let is_plain = accounts::is_plain(&folder);
        let vault = if is_plain { None } else { Vault::open(&folder)? };
        let found =
            if is_plain { Ok(None) } else { items::load(&self.data, id, vault.as_ref()).await };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::debug!(?error, "the keychain does not answer");
                return Ok(false);
            }
        };
        match (found, vault) {
            (Some(secret), _) => {
                self.open_files(id, &secret.key, None, secret.token)?;
            }
            // A locked keychain without anybody to ask reads like an empty one; writing tells, and asks.
            (None, _) if credentials::standing().await == Standing::Locked => return Ok(false),
            (None, _) if !self.is_keychain_there().await => return Ok(false),
            (None, None) if is_plain => self.keep_plain(id, Keep::Keychain).await?,
            // The item is gone, or another's.
            (None, vault) => {
                let has_recovery = vault.is_some_and(|vault| vault.has_recovery());
                self.close(id, Closed::KeyLost { has_recovery });
            }
        }
        Ok(true)
    }

    /// Gives plain files of an earlier version a key, kept as is said.
    pub async fn protect(&self, id: &AccountId, keep: Keep) -> Result<()> {
        let _turn = self.turns.of(id).await;
        // A second key would be none of the files that the first one has encrypted.
        if !accounts::is_plain(&accounts::folder(&self.data, id)) {
            return Err(Error::Locked);
        }
        self.keep_plain(id, keep).await
    }

    async fn keep_plain(&self, id: &AccountId, keep: Keep) -> Result<()> {
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
            Keep::Keychain => {
                drop(vault);
                items::save(&self.data, id, &key, token).await?;
            }
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
        let _turn = self.turns.of(id).await;
        let passphrase = Zeroizing::new(passphrase.to_owned());
        self.guess(id, move |vault| vault.by_passphrase(&passphrase)).await
    }

    /// Opens an account by its recovery code, whatever became of the keychain. If the keychain kept the
    /// key, it does so again.
    ///
    /// # Errors
    /// As [`Client::unlock`].
    pub async fn recover(&self, id: &AccountId, code: &str) -> Result<()> {
        let _turn = self.turns.of(id).await;
        let code = Zeroizing::new(code.to_owned());
        self.guess(id, move |vault| vault.by_recovery(&code)).await?;
        let session = self.session_of(id)?;
        let vault = Vault::open(&accounts::folder(&self.data, id))?;
        let is_in_keychain = vault.is_some_and(|vault| vault.kept_by() == KeptBy::Keychain);
        if let Some(key) = session.parts.store.key().filter(|_| is_in_keychain) {
            items::save(&self.data, id, &key, None).await?;
        }
        Ok(())
    }

    async fn guess(
        &self,
        id: &AccountId,
        open: impl FnOnce(&mut Vault) -> Result<Key> + Send + 'static,
    ) -> Result<()> {
        match self.closed().get(id) {
            Some(why @ Closed::Revoked { .. }) => return Err(Error::of(why)),
            Some(_) => {}
            // Somebody else was faster.
            None => return self.session_of(id).map(drop),
        }
        let (key, token) = self.guess_key(id, open).await?;
        self.open_files(id, &key, None, token).map(drop)
    }

    /// The key that somebody's secret opens, and the token beside it.
    pub(crate) async fn guess_key(
        &self,
        id: &AccountId,
        open: impl FnOnce(&mut Vault) -> Result<Key> + Send + 'static,
    ) -> Result<(Key, Option<Token>)> {
        self.guesses.check(id)?;
        let folder = accounts::folder(&self.data, id);
        let mut vault = Vault::open(&folder)?.ok_or(Error::WrongPassphrase)?;
        let guessed = blocking(move || open(&mut vault).map(|key| (vault.token(&key), key))).await;
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
        let (mut locked, mut busy) = (0, Vec::new());
        for id in self.sessions().into_keys() {
            // One that is just being signed out of keeps no other one open.
            match self.turns.try_of(&id) {
                Some(_turn) => locked += self.lock_one(&id).await?,
                None => busy.push(id),
            }
        }
        for id in busy {
            let _turn = self.turns.of(&id).await;
            locked += self.lock_one(&id).await?;
        }
        Ok(locked)
    }

    async fn lock_one(&self, id: &AccountId) -> Result<usize> {
        let vault = Vault::open(&accounts::folder(&self.data, id))?;
        let is_open = self.session_of(id).is_ok();
        if !is_open || vault.is_none_or(|vault| vault.kept_by() != KeptBy::Passphrase) {
            return Ok(0);
        }
        drop(shut(&self.slots, id, Closed::Passphrase).await?);
        Ok(1)
    }

    /// Lets a passphrase keep an open account's key, in the place of the keychain or of an earlier one. For
    /// `secret` see [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// The passphrase is too short, or the secret is not the right one.
    pub async fn set_passphrase(
        &self,
        id: &AccountId,
        passphrase: &str,
        secret: &str,
    ) -> Result<()> {
        check_passphrase(passphrase)?;
        let _turn = self.turns.of(id).await;
        self.prove(id, secret).await?;
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
        match items::delete(&self.data, id).await {
            Err(error) if self.is_keychain_there().await => Err(error),
            _ => Ok(()),
        }
    }

    /// Lets the keychain keep an open account's key again. For `secret` see [`Client::make_recovery_code`].
    ///
    /// # Errors
    /// The secret is not the right one, or the keychain does not take the key.
    pub async fn remove_passphrase(&self, id: &AccountId, secret: &str) -> Result<()> {
        let _turn = self.turns.of(id).await;
        self.prove(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.parts.store.key().ok_or(Error::SignedOut)?;
        let token = session.parts.credentials.token();
        items::save(&self.data, id, &key, token.as_ref()).await?;
        self.vault(id)?.keep_by(KeptBy::Keychain)
    }

    /// Whether a passphrase opens an account.
    pub fn has_passphrase(&self, id: &AccountId) -> Result<bool> {
        Ok(self.vault(id)?.kept_by() == KeptBy::Passphrase)
    }

    /// Makes a code that opens an account without keychain or passphrase, in the place of an earlier one.
    /// It is told this once.
    ///
    /// An open window is not enough for that: `secret` is the passphrase where there is one, which needs no
    /// network, and else the password of the account, which its server is asked about.
    ///
    /// # Errors
    /// The secret is not the right one; [`Error::TooManyGuesses`] after several of them.
    pub async fn make_recovery_code(
        &self,
        id: &AccountId,
        secret: &str,
    ) -> Result<Zeroizing<String>> {
        let _turn = self.turns.of(id).await;
        self.prove(id, secret).await?;
        let session = self.session_of(id)?;
        let key = session.parts.store.key().ok_or(Error::SignedOut)?;
        let mut vault = self.vault(id)?;
        blocking(move || vault.make_recovery(&key)).await
    }

    /// Puts the files of an account that cannot be opened out of the way, never away: whoever finds the
    /// key again can put them back. Then it can be signed in to anew.
    ///
    /// # Errors
    /// Somebody is just opening it, or has it open; or the folder cannot be moved.
    pub fn set_aside(&self, id: &AccountId) -> Result<()> {
        let folder = accounts::folder(&self.data, id);
        let in_use = || parlour_store::Error::InUse(folder.clone());
        let _turn = self.turns.try_of(id).ok_or_else(in_use)?;
        if !self.closed().contains_key(id) {
            return Err(Error::SignedOut);
        }
        // Not from under another program.
        drop(Folder::of(&folder)?);
        let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
        let aside = self.data.join(ASIDE);
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

/// Ends what an open account does and closes its files, whoever reads them; answers their folder.
pub(crate) async fn shut(slots: &Slots, id: &AccountId, why: Closed) -> Result<Folder> {
    let session = slots.session_of(id)?;
    session.end();
    session.parts.credentials.set(None);
    slots.set(id.clone(), Slot::Closed(why));
    let (store, notices) = (session.parts.store.clone(), session.parts.notices.clone());
    drop(session);
    let closed = blocking(move || store.close()).await;
    notices.tell(Notice::Status);
    Ok(closed?)
}

/// # Errors
/// It is too short, or too long to be one.
pub(crate) fn check_passphrase(passphrase: &str) -> Result<()> {
    if passphrase.len() > PASSPHRASE_BYTES {
        return Err(invalid("A passphrase has at most 1,024 bytes."));
    }
    if passphrase.chars().count() < PASSPHRASE_CHARS {
        return Err(invalid("A passphrase has at least 8 characters."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keychain_that_stays_locked_is_asked_once_and_one_that_opens_again() {
        use Standing::{Absent, Locked, Open};
        let asking = Asking::default();
        let standings = [Absent, Locked, Locked, Absent, Locked, Open, Open, Locked, Open, Absent];
        let asked: Vec<bool> = standings.into_iter().map(|now| asking.is_due(now)).collect();
        assert_eq!(asked, [false, true, false, false, false, true, false, false, true, false]);
    }

    #[test]
    fn three_guesses_are_free_and_then_it_slows_down_for_a_while_at_most() {
        let waits: Vec<u64> = (0..7).map(|wrong| wait_after(wrong).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(wait_after(1000), LONGEST_WAIT);
    }
}
