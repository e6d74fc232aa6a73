//! Signs in and registers.

use super::Client;
use super::options::{KeyStorageChoice, SignInMode};
use super::reach::ReachedServer;
use crate::account_id::AccountId;
use crate::accounts::closed::Closed;
use crate::accounts::disk;
use crate::error::{Error, Result};
use crate::invitation;
use crate::keys::{entry, passphrase};
use crate::session::Session;
use crate::token::Token;
use parlour_protocol::{Credentials, SignedIn};
use parlour_store::{Account, Folder, Store};
use std::sync::Arc;

impl Client {
    /// Signs in, or registers first, and connects. The account may be new, and its key is stored as
    /// `key_storage` specifies; or it may already be open, or its session may have been ended.
    ///
    /// # Errors
    /// Fails with [`Error::Locked`] or [`Error::KeyLost`], among others, if the account is on this
    /// computer and not open.
    pub async fn sign_in(
        &self,
        server: &str,
        typed: &Credentials,
        mode: SignInMode,
        key_storage: KeyStorageChoice,
    ) -> Result<Arc<Session>> {
        if let KeyStorageChoice::Passphrase { passphrase } = &key_storage {
            passphrase::check(passphrase)?;
        }
        let link = invitation::read(server)?;
        let ReachedServer { http, cell, server, trust } = self.reach(&link).await?;
        let signed_in = match mode {
            SignInMode::SignIn => {
                // It shows the server that this device was signed in before.
                cell.set(self.earlier_token(&server, &typed.username));
                http.sign_in(typed).await?
            }
            SignInMode::Register => {
                let invitation = link.secret.map(Into::into).or_else(|| typed.invitation.clone());
                http.register(&Credentials { invitation, ..typed.clone() }).await?
            }
        };
        let SignedIn { token, session_id, user_id, username } = signed_in;
        let (token, account) =
            (Token::new(token), Account { server, user_id, username, session_id });
        cell.set(Some(token.clone()));
        // Of two concurrent sign-ins, the second one finds the account that the first one created.
        let id = AccountId::new(&account.server, account.user_id);
        let lock = self.locks.lock(&id).await;
        let pins_lock = self.pins_lock.lock().await;
        let opened = match self.store_pin(&id, &account.server, &trust) {
            Ok(()) => self.open_or_create(&account, &token, key_storage).await,
            Err(error) => Err(error),
        };
        if opened.is_err() {
            self.delete_unused_pins();
        }
        drop(pins_lock);
        match opened {
            Ok((session, replaced)) => {
                self.run(&session)?;
                drop(lock);
                if let Some(replaced) = replaced {
                    // The sign-in does not wait for this.
                    tokio::spawn(async move {
                        cell.set(Some(replaced));
                        let _ = http.sign_out().await;
                    });
                }
                self.session_of(&session.id)
            }
            Err(error) => {
                // A session whose token is not stored must not stay open.
                let _ = http.sign_out().await;
                Err(error)
            }
        }
    }

    /// Returns the token of an account that is open, which may have expired.
    fn earlier_token(&self, server: &str, username: &str) -> Option<Token> {
        self.sessions().into_values().find_map(|session| {
            let known = session.context.store.account().ok()?;
            let is_same = known.server == server && known.username == username;
            session.context.token.get().filter(|_| is_same)
        })
    }

    /// Creates the account's files, or stores its new session if they are open. Also returns the token
    /// that the new one replaced.
    async fn open_or_create(
        &self,
        account: &Account,
        token: &Token,
        key_storage: KeyStorageChoice,
    ) -> Result<(Arc<Session>, Option<Token>)> {
        for session in self.sessions().into_values() {
            let known = session.context.store.account()?;
            if (&known.server, known.user_id) == (&account.server, account.user_id) {
                session.context.store.set_account(account)?;
                let replaced = session.context.token.get();
                session.context.token.set(Some(token.clone()));
                self.store_token(&session, token).await?;
                return Ok((session, replaced));
            }
        }
        let id = AccountId::new(&account.server, account.user_id);
        let session = match self.closed().get(&id) {
            Some(Closed::Revoked { .. }) => self.reopen(&id, account, token, key_storage).await?,
            Some(reason) => return Err(reason.error()),
            None => self.create_account(&id, account, token, key_storage).await?,
        };
        Ok((session, None))
    }

    /// Creates an account's files, in a folder that no other program uses; deletes the files if that fails.
    async fn create_account(
        &self,
        id: &AccountId,
        account: &Account,
        token: &Token,
        key_storage: KeyStorageChoice,
    ) -> Result<Arc<Session>> {
        let path = id.folder(&self.data);
        disk::finish_sign_out(&path);
        let folder = Folder::claim(&path)?;
        if folder.has_account() {
            // Another program has created the account since this one checked.
            return Err(parlour_store::Error::InUse(folder.path().to_owned()).into());
        }
        // Deletes the remains of an earlier attempt.
        folder.empty(&[])?;
        let is_in_keychain = key_storage == KeyStorageChoice::Keychain;
        let created = match self.create_key(id, Some(token), key_storage).await {
            Ok(key) => Store::open_in(folder, &key, Some(account)).map_err(Error::from),
            Err(error) => {
                let _ = folder.delete();
                return Err(error);
            }
        };
        let created = created.and_then(|store| {
            self.register_open(id, store.ok_or(Error::SignedOut)?, Some(token.clone()))
        });
        if created.is_err() {
            let _ = Folder::lock(&path).map(Folder::delete);
            if is_in_keychain {
                let _ = entry::delete(&self.data, id).await;
            }
        }
        created
    }
}
