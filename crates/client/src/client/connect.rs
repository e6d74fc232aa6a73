//! Taking accounts online, and ending what they do.

use super::{Client, revoke};
use crate::account_id::AccountId;
use crate::accounts::registry::Registry;
use crate::blocking::blocking;
use crate::driver;
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::session::Session;
use crate::status::{ConnectionState, Revocation};
use std::sync::{Arc, Weak};
use tokio::task::JoinHandle;

impl Client {
    /// Takes an open account online, with its token. Without one the account stays readable and its
    /// password is asked for.
    pub fn connect(&self, id: &AccountId) -> Result<()> {
        let session = self.session_of(id)?;
        if session.context.token.get().is_none() {
            session.context.shared.set_connection(ConnectionState::SignedOut);
        }
        self.run(&session)
    }

    /// Starts a new driver over the session's files and puts it in the place of the one before.
    pub(super) fn run(&self, before: &Session) -> Result<()> {
        before.end();
        let driving = driver::start(before.context.clone())?;
        let session = Arc::new(before.driven_by(driving.abort_handle()));
        if !self.registry.renew(&session) {
            return Err(Error::SignedOut);
        }
        before.context.notices.tell(Notice::Status);
        self.close_when_revoked(Arc::downgrade(&session), driving);
        Ok(())
    }

    fn close_when_revoked(&self, session: Weak<Session>, driving: JoinHandle<Option<Revocation>>) {
        let (data, registry) = (self.data.clone(), self.registry.downgrade());
        let locks = self.locks.clone();
        tokio::spawn(async move {
            let Ok(Some(revoked)) = driving.await else { return };
            let Some(id) = session.upgrade().map(|session| session.id.clone()) else { return };
            let _lock = locks.lock(&id).await;
            // Its user may have left it meanwhile.
            let Some((session, registry)) = session.upgrade().zip(Registry::upgrade(&registry))
            else {
                return;
            };
            if let Err(error) = revoke::close(&data, &registry, session, revoked).await {
                tracing::error!(%error, "an account whose session was ended is not closed");
            }
        });
    }

    /// Ends what every account does and closes its files, before the program ends: the libraries beneath
    /// take themselves down then, and nothing may be at work in them. Waits for who still reads, a while.
    pub async fn end(&self) {
        for (id, session) in self.sessions() {
            session.end();
            self.registry.remove(&id);
            let store = session.context.store.clone();
            if let Err(error) = blocking(move || store.close()).await {
                tracing::warn!(account = %id, %error, "the account's files stay open");
            }
        }
    }
}
