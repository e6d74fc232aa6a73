//! Signs out. Waiting actions are dropped only if the user confirms that, and the files are deleted even if they are
//! in use.

use super::{Client, revoke};
use crate::account_id::AccountId;
use crate::accounts::disk;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::keys::{entry, keychain};
use crate::notice::Notice;
use crate::outbox::is_user_action;
use crate::session::Session;
use crate::status::Revocation;
use parlour_protocol::LocalReason;
use parlour_store::{Folder, PendingOp};

impl Client {
    /// Signs out of an account: ends the session on its server if that responds, removes key and token
    /// from the keychain, and deletes the account's files. From the start of this call the account
    /// accepts no more actions; if this fails, it accepts them again.
    ///
    /// # Errors
    /// Fails with [`Error::OutboxNotEmpty`] if actions wait to be sent, unless `discard` is set.
    pub async fn sign_out(&self, id: &AccountId, discard: bool) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        let session = self.session_of(id)?;
        check(session.context.store.pending_ops()?, discard)?;
        session.end();
        let deleted = self.delete_account(&session, discard).await;
        if deleted.is_err() {
            session.context.store.reopen_outbox();
            self.run(&session)?;
        }
        deleted
    }

    async fn delete_account(&self, session: &Session, discard: bool) -> Result<()> {
        let (id, store) = (session.id(), session.context.store.clone());
        check(store.close_outbox()?, discard)?;
        let ended = session.context.http.sign_out().await;
        match entry::delete(&self.data, id).await {
            // Without a keychain there is no token in it; the token of an ended session is worthless.
            Err(error) if ended.is_err() && keychain::is_available().await => return Err(error),
            _ => {}
        }
        disk::mark_signed_out(&id.folder(&self.data))?;
        session.context.token.set(None);
        let pins_lock = self.pins_lock.lock().await;
        self.registry.remove(id);
        self.delete_unused_pins();
        drop(pins_lock);
        session.context.notices.send(Notice::Status);
        let removed = blocking(move || store.close().and_then(Folder::delete)).await;
        if let Err(error) = removed {
            tracing::warn!(%error, "the rest of a signed-out account will be deleted at the next start");
        }
        Ok(())
    }

    /// Signs out of an account and keeps its files, encrypted: signing in again with the passphrase opens
    /// them, and the waiting actions are sent then. The token is deleted from this computer. If the
    /// server does not respond now, it ends the session when the session expires.
    ///
    /// # Errors
    /// Fails if no passphrase protects the key, because the files could not be opened any more. Nothing is
    /// changed then.
    pub async fn sign_out_keeping_files(&self, id: &AccountId) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        if !self.has_passphrase(id)? {
            return Err(LocalReason::PassphraseRequired.into());
        }
        let session = self.session_of(id)?;
        session.end();
        let _ = session.context.http.sign_out().await;
        revoke::close_account(&self.data, &self.registry, session, Revocation { wipe: false }).await
    }
}

/// Checks the waiting ops before a sign-out.
///
/// # Errors
/// Fails if actions of the user wait, unless `discard` is set.
fn check(pending: Vec<PendingOp>, discard: bool) -> Result<()> {
    let waiting = pending.iter().filter(|pending| is_user_action(pending)).count();
    if waiting > 0 && !discard { Err(Error::OutboxNotEmpty(waiting)) } else { Ok(()) }
}
