//! Connects accounts to their servers, and ends their tasks.

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
    /// Connects an open account to its server, with its token. Without a token the account stays
    /// readable and the user is asked for the password.
    pub fn connect(&self, id: &AccountId) -> Result<()> {
        let session = self.session_of(id)?;
        if session.context.token.get().is_none() {
            session.context.shared.set_connection(ConnectionState::SignedOut);
        }
        self.run(&session)
    }

    /// Starts a new driver for the session's files, and replaces the previous session by one with
    /// this driver.
    pub(super) fn run(&self, before: &Session) -> Result<()> {
        before.end();
        let driving = driver::start(before.context.clone())?;
        let session = Arc::new(before.with_driver(driving.abort_handle()));
        if !self.registry.renew(&session) {
            return Err(Error::SignedOut);
        }
        before.context.notices.send(Notice::Status);
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
            // The user may have signed out since.
            let Some((session, registry)) = session.upgrade().zip(Registry::upgrade(&registry))
            else {
                return;
            };
            if let Err(error) = revoke::close_account(&data, &registry, session, revoked).await {
                tracing::error!(%error, "an account whose session was ended could not be closed");
            }
        });
    }

    /// Ends the tasks of every account and closes its files, before the program ends: the C
    /// libraries clean up then, and must not be in use. Waits for current readers, for a limited
    /// time.
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
