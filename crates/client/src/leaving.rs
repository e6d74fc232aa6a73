//! Signing out: nothing that was accepted is dropped unasked, and nothing that holds the account keeps it.

use crate::accounts::{self, AccountId};
use crate::client::{Client, blocking};
use crate::deeds::invalid;
use crate::driver::Revoked;
use crate::notice::Notice;
use crate::session::Session;
use crate::waiting::is_deed;
use crate::{Error, Result, items, revoked};
use parlour_sqlite::durable;
use parlour_store::{Folder, OpenOp};
use std::path::Path;

/// A file that says of a folder that its account was signed out: what is left of it is to be deleted.
const LEFT: &str = "signed-out";

impl Client {
    /// Signs out of an account: ends the session on its server if that answers, takes key and token out
    /// of the keychain and deletes the account's files. From its beginning the account accepts nothing more;
    /// it does again if this fails.
    ///
    /// # Errors
    /// [`Error::OutboxNotEmpty`] if actions wait, unless they are to be discarded.
    pub async fn sign_out(&self, id: &AccountId, discard: bool) -> Result<()> {
        let _turn = self.turns.of(id).await;
        let session = self.session_of(id)?;
        check(session.parts.store.open_ops()?, discard)?;
        session.end();
        let left = self.leave(&session, discard).await;
        if left.is_err() {
            session.parts.store.unseal();
            self.run(&session)?;
        }
        left
    }

    async fn leave(&self, session: &Session, discard: bool) -> Result<()> {
        let (id, store) = (session.id(), session.parts.store.clone());
        check(store.seal()?, discard)?;
        let ended = session.parts.http.sign_out().await;
        match items::delete(&self.data, id).await {
            // Where there is no keychain there is no token in it; one that was ended is worthless.
            Err(error) if ended.is_err() && self.is_keychain_there().await => return Err(error),
            _ => {}
        }
        let folder = accounts::folder(&self.data, id);
        let failed = |source| parlour_store::Error::Folder { path: folder.clone(), source };
        durable::write(&folder.join(LEFT), &[]).map_err(failed)?;
        session.parts.credentials.set(None);
        self.slots.remove(id);
        session.parts.notices.tell(Notice::Status);
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
        let _turn = self.turns.of(id).await;
        if !self.has_passphrase(id)? {
            return Err(invalid(
                "Set a passphrase first: it is what opens the kept messages again.",
            ));
        }
        let session = self.session_of(id)?;
        session.end();
        let _ = session.parts.http.sign_out().await;
        revoked::close(&self.data, &self.slots, session, Revoked { wipe: false }).await
    }
}

/// # Errors
/// Something waits, and is not to be discarded.
fn check(open: Vec<OpenOp>, discard: bool) -> Result<()> {
    let waiting = open.iter().filter(|open| is_deed(open)).count();
    if waiting > 0 && !discard { Err(Error::OutboxNotEmpty(waiting)) } else { Ok(()) }
}

/// Deletes what is left of an account that was signed out. What cannot be deleted now is at the next start.
pub(crate) fn finish(folder: &Path) {
    if !folder.join(LEFT).exists() {
        return;
    }
    if let Err(error) = Folder::of(folder).and_then(Folder::delete) {
        tracing::warn!(%error, "what is left of a signed-out account");
    }
}
