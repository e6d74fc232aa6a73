//! Signing out: nothing that was accepted is dropped unasked, and nothing that holds the account keeps it.

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
use parlour_store::{Folder, OpenOp};

impl Client {
    /// Signs out of an account: ends the session on its server if that answers, takes key and token out
    /// of the keychain and deletes the account's files. From its beginning the account accepts nothing more;
    /// it does again if this fails.
    ///
    /// # Errors
    /// [`Error::OutboxNotEmpty`] if actions wait, unless they are to be discarded.
    pub async fn sign_out(&self, id: &AccountId, discard: bool) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        let session = self.session_of(id)?;
        check(session.context.store.open_ops()?, discard)?;
        session.end();
        let left = self.leave(&session, discard).await;
        if left.is_err() {
            session.context.store.unseal();
            self.run(&session)?;
        }
        left
    }

    async fn leave(&self, session: &Session, discard: bool) -> Result<()> {
        let (id, store) = (session.id(), session.context.store.clone());
        let server = store.account()?.server;
        check(store.seal()?, discard)?;
        let ended = session.context.http.sign_out().await;
        match entry::delete(&self.data, id).await {
            // Where there is no keychain there is no token in it; one that was ended is worthless.
            Err(error) if ended.is_err() && keychain::is_available().await => return Err(error),
            _ => {}
        }
        disk::mark_signed_out(&id.folder(&self.data))?;
        session.context.token.set(None);
        let trusting = self.trusting.lock().await;
        self.registry.remove(id);
        self.forget_trust(&server);
        drop(trusting);
        session.context.notices.tell(Notice::Status);
        let deleted = blocking(move || store.close().and_then(Folder::delete)).await;
        if let Err(error) = deleted {
            tracing::warn!(%error, "what is left of a signed-out account goes at the next start");
        }
        Ok(())
    }

    /// Signs out of an account and keeps its files, encrypted: signing in again with the passphrase opens
    /// them, and what waited goes out then. The token is gone from this computer; a server that does not
    /// answer ends the session once it was not used for its time.
    ///
    /// # Errors
    /// No passphrase keeps the key: nobody could open the files any more. Nothing was changed.
    pub async fn sign_out_keeping(&self, id: &AccountId) -> Result<()> {
        let _lock = self.locks.lock(id).await;
        if !self.has_passphrase(id)? {
            return Err(LocalReason::NothingOpensKept.into());
        }
        let session = self.session_of(id)?;
        session.end();
        let _ = session.context.http.sign_out().await;
        revoke::close(&self.data, &self.registry, session, Revocation { wipe: false }).await
    }
}

/// Checks what waits before an account is left.
///
/// # Errors
/// Something waits, and is not to be discarded.
fn check(open: Vec<OpenOp>, discard: bool) -> Result<()> {
    let waiting = open.iter().filter(|open| is_user_action(open)).count();
    if waiting > 0 && !discard { Err(Error::OutboxNotEmpty(waiting)) } else { Ok(()) }
}
