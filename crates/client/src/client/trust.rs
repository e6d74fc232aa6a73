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
    /// How a server is trusted: by the key that it is known by; else by the one that the link names; else as
    /// the system says.
    pub(super) fn trust(&self, server: &str, named: Option<KeyPin>) -> Trust {
        if !server.starts_with("https:") {
            return Trust::System;
        }
        match (self.pins.pinned_for(server), named) {
            (Some(known), _) => Trust::Key(known),
            (None, Some(named)) => Trust::Key(Pinned::new(named, |_| {})),
            (None, None) => Trust::System,
        }
    }

    /// Knows the server by its key from here on, before anything of an account is kept.
    pub(super) fn keep_trust(&self, server: &str, trust: &Trust) -> Result<()> {
        let Trust::Key(pinned) = trust else { return Ok(()) };
        let failed = |source| parlour_store::Error::Folder { path: self.data.clone(), source };
        Ok(self.pins.keep(server, pinned.pin()).map_err(failed)?)
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
