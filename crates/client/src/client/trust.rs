//! How a server is trusted: by the system's certificate authorities, or by a pinned key from a link, until the last
//! account on the server is signed out.

use super::Client;
use crate::account_id::AccountId;
use crate::error::Result;
use crate::http::client::Http;
use crate::pinned::PinnedKey;
use crate::tls::Tls;
use crate::token::TokenCell;
use parlour_protocol::{ErrorCode, KeyPin, LocalReason, device_link};
use std::sync::Arc;

/// The way in which a server is trusted during a sign-in.
pub(super) enum Trust {
    /// By the certificate authorities of the system.
    System,
    /// By the key by which it is known, or that a link names.
    Key(Arc<PinnedKey>),
}

impl Trust {
    pub fn tls(&self) -> Tls {
        match self {
            Self::System => Tls::default(),
            Self::Key(pinned) => Tls::pinned(pinned.clone()),
        }
    }

    /// Returns the key that the server has proved to have, if it is trusted by a key.
    pub fn pin(&self) -> Option<KeyPin> {
        if let Self::Key(pinned) = self { Some(pinned.pin()) } else { None }
    }

    /// Checks that the key in the link leads to the key that the server has proved to have: that it is
    /// the same, or has signed it.
    ///
    /// # Errors
    /// Fails with [`ErrorCode::KeyChanged`] if it does not, or if the server cannot be reached.
    pub async fn check(&self, server: &str, pin: Option<KeyPin>) -> Result<()> {
        let (Self::Key(trusted), Some(pin)) = (self, pin) else { return Ok(()) };
        if trusted.pin() == pin {
            return Ok(());
        }
        let from_link = PinnedKey::new(pin, |_| {});
        let http = Http::with_tls(Tls::pinned(from_link.clone()), server, TokenCell::default());
        match http.find_server().await {
            Ok(()) if from_link.pin() == trusted.pin() => Ok(()),
            Err(error) if error.code() != ErrorCode::KeyChanged => Err(error),
            _ => Err(LocalReason::LinkNamesAnotherKey.into()),
        }
    }
}

impl Client {
    /// Returns how a server is trusted: as stored, otherwise by the key that the link names,
    /// otherwise by the system's certificate authorities.
    ///
    /// # Errors
    /// Fails if the link names a key for a server that is already trusted through the system's authorities:
    /// anybody may have created that link.
    pub(super) fn find_trust(&self, server: &str, pin: Option<KeyPin>) -> Result<Trust> {
        if !server.starts_with("https:") {
            return Ok(Trust::System);
        }
        match (self.pins.pinned_for(server), pin) {
            (Some(known), _) => Ok(Trust::Key(known)),
            (None, Some(_)) if self.pins.is_trusted_by_authorities(server) => {
                Err(LocalReason::LinkNamesAnotherKey.into())
            }
            (None, Some(pin)) => Ok(Trust::Key(PinnedKey::new(pin, |_| {}))),
            (None, None) => Ok(Trust::System),
        }
    }

    /// Stores how an account trusts its server, before any data of the account is stored.
    pub(super) fn store_pin(&self, id: &AccountId, server: &str, trust: &Trust) -> Result<()> {
        let failed = |source| parlour_store::Error::Folder { path: self.data.clone(), source };
        Ok(self.pins.store(server, trust.pin(), id).map_err(failed)?)
    }

    /// Removes the keys of servers on which there is no account any more; a link may name another key then.
    pub(super) fn delete_unused_pins(&self) {
        let closed = self.closed().into_keys();
        let accounts = self.sessions().into_keys().chain(closed).collect();
        if let Err(error) = self.pins.retain_accounts(&accounts) {
            tracing::warn!(%error, "the key of a server that is not used any more could not be removed");
        }
    }

    /// Returns the key by which a server is known; `None` if certificate authorities vouch for it.
    pub fn server_pin(&self, server: &str) -> Option<KeyPin> {
        self.pins.pinned_for(server).map(|pinned| pinned.pin())
    }

    /// Returns the link for signing in on another device: the server's address, with its key if no
    /// certificate authority vouches for it. It contains no secret.
    ///
    /// # Errors
    /// Fails if the account is not open.
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
    fn a_link_does_not_change_how_a_known_server_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let client = Client::open(folder.path()).unwrap();
        let (pin, other) =
            (KeyPin::from_public_key(b"a key"), KeyPin::from_public_key(b"another key"));
        let trusted = |pin| client.find_trust(SERVER, pin).map(|trust| trust.pin());
        assert_eq!(trusted(Some(pin)).unwrap(), Some(pin), "nothing is known of it");
        let id = AccountId::of_folder("a");
        client.store_pin(&id, SERVER, &Trust::System).unwrap();
        assert_eq!(trusted(None).unwrap(), None);
        assert_eq!(trusted(Some(pin)).unwrap_err().code(), ErrorCode::KeyChanged);
        // No account is on that server, so it is unknown again; then it is known by its key.
        client.delete_unused_pins();
        client.store_pin(&id, SERVER, &client.find_trust(SERVER, Some(pin)).unwrap()).unwrap();
        assert_eq!(trusted(Some(other)).unwrap(), Some(pin));
        assert_eq!(trusted(None).unwrap(), Some(pin));
    }
}
