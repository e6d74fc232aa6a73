//! By which key a server is known, from a link to the end of the last account on it.

use super::Client;
use crate::account_id::AccountId;
use crate::error::Result;
use crate::http::client::Http;
use crate::pinned::Pinned;
use crate::tls::Tls;
use crate::token::TokenCell;
use parlour_protocol::{ErrorCode, KeyPin, LocalReason, device_link};
use std::sync::Arc;

/// How a server is trusted while somebody signs in.
pub(super) enum Trust {
    /// As the system says.
    System,
    /// By a key that it is known by, or that a link names.
    Key(Arc<Pinned>),
}

impl Trust {
    pub fn tls(&self) -> Tls {
        match self {
            Self::System => Tls::default(),
            Self::Key(pinned) => Tls::pinned(pinned.clone()),
        }
    }

    /// The key that the server has proved to have, if it is trusted by that.
    pub fn pin(&self) -> Option<KeyPin> {
        if let Self::Key(pinned) = self { Some(pinned.pin()) } else { None }
    }

    /// Checks that the key which the link names leads to the one that the server has proved to have.
    ///
    /// # Errors
    /// [`ErrorCode::KeyChanged`]: it does not; and what keeps the server from being asked.
    pub async fn check(&self, server: &str, named: Option<KeyPin>) -> Result<()> {
        let (Self::Key(trusted), Some(named)) = (self, named) else { return Ok(()) };
        if trusted.pin() == named {
            return Ok(());
        }
        let offered = Pinned::new(named, |_| {});
        let http = Http::with_tls(Tls::pinned(offered.clone()), server, TokenCell::default());
        match http.find_server().await {
            Ok(()) if offered.pin() == trusted.pin() => Ok(()),
            Err(error) if error.code() != ErrorCode::KeyChanged => Err(error),
            _ => Err(LocalReason::LinkNamesAnotherKey.into()),
        }
    }
}

impl Client {
    /// Returns how a server is trusted: as it is known here; else by the key that the link names; else as the
    /// system says.
    ///
    /// # Errors
    /// The link names a key for a server that is known here by the system's authorities: it may come from anybody.
    pub(super) fn trust(&self, server: &str, named: Option<KeyPin>) -> Result<Trust> {
        if !server.starts_with("https:") {
            return Ok(Trust::System);
        }
        match (self.pins.pinned_for(server), named) {
            (Some(known), _) => Ok(Trust::Key(known)),
            (None, Some(_)) if self.pins.is_vouched_for(server) => {
                Err(LocalReason::LinkNamesAnotherKey.into())
            }
            (None, Some(named)) => Ok(Trust::Key(Pinned::new(named, |_| {}))),
            (None, None) => Ok(Trust::System),
        }
    }

    /// Stores how the server is trusted, before anything of an account is kept.
    pub(super) fn keep_trust(&self, server: &str, trust: &Trust) -> Result<()> {
        if !server.starts_with("https:") {
            return Ok(());
        }
        let failed = |source| parlour_store::Error::Folder { path: self.data.clone(), source };
        Ok(self.pins.keep(server, trust.pin()).map_err(failed)?)
    }

    /// Forgets a server's key where no account here is left that needs it: a link may name another one then.
    pub(super) fn forget_trust(&self, server: &str) {
        let is_of_server = |session: &Arc<crate::Session>| {
            session.context.store.account().is_ok_and(|account| account.server == server)
        };
        // Of those that are not open nobody knows the server.
        if !self.closed().is_empty() || self.sessions().values().any(is_of_server) {
            return;
        }
        if let Err(error) = self.pins.forget(server) {
            tracing::warn!(%error, "a server's key is not forgotten");
        }
    }

    /// The key by which a server is known; nothing where authorities vouch for it.
    pub fn server_pin(&self, server: &str) -> Option<KeyPin> {
        self.pins.pinned_for(server).map(|pinned| pinned.pin())
    }

    /// What is pasted on another device to sign in there: the server's address, with its key where no authority
    /// vouches for it. It holds no secret.
    ///
    /// # Errors
    /// The account is not open.
    pub fn device_link(&self, id: &AccountId) -> Result<String> {
        let server = self.session_of(id)?.context.store.account()?.server;
        Ok(device_link(&server, self.server_pin(&server)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "https://chat.example.org";

    #[test]
    fn a_link_does_not_change_how_a_server_is_trusted_that_is_known_here() {
        let folder = tempfile::tempdir().unwrap();
        let client = Client::open(folder.path()).unwrap();
        let (pin, other) = (KeyPin::of(b"a key"), KeyPin::of(b"another key"));
        let trusted = |named| client.trust(SERVER, named).map(|trust| trust.pin());
        assert_eq!(trusted(Some(pin)).unwrap(), Some(pin), "nothing is known of it");
        client.keep_trust(SERVER, &Trust::System).unwrap();
        assert_eq!(trusted(None).unwrap(), None);
        assert_eq!(trusted(Some(pin)).unwrap_err().code(), ErrorCode::KeyChanged);
        // Nobody has an account there, so it is unknown again; then by its key.
        client.forget_trust(SERVER);
        client.keep_trust(SERVER, &client.trust(SERVER, Some(pin)).unwrap()).unwrap();
        assert_eq!(trusted(Some(other)).unwrap(), Some(pin));
        assert_eq!(trusted(None).unwrap(), Some(pin));
    }
}
