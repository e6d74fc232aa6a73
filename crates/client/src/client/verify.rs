//! Asks for a secret before a new way to open an account is created, because somebody else may have found the window
//! open.

use super::Client;
use crate::account_id::AccountId;
use crate::blocking::blocking;
use crate::error::{Error, Result};
use crate::http::client::Http;
use crate::keys::envelope::KeyStorage;
use crate::token::{Token, TokenCell};
use parlour_protocol::{Credentials, ErrorCode};
use zeroize::Zeroizing;

/// Name of the device in the server's list of sessions while a password is verified; that session ends at
/// once.
const DEVICE: &str = "Parlour, checking the password";

impl Client {
    /// Verifies the passphrase if there is one, otherwise the account's password at the server.
    ///
    /// # Errors
    /// Fails with [`Error::WrongPassphrase`] or the server's refusal; with [`Error::TooManyAttempts`]
    /// after several wrong secrets; with [`Error::Server`] and [`ErrorCode::Offline`] if the server is
    /// needed and does not respond.
    pub(super) async fn verify_secret(&self, id: &AccountId, secret: &str) -> Result<()> {
        let session = self.session_of(id)?;
        let mut key_file = self.key_file(id)?;
        self.attempts.check(id)?;
        let secret = Zeroizing::new(secret.to_owned());
        let verified = if key_file.key_storage() == KeyStorage::Passphrase {
            blocking(move || key_file.unwrap_by_passphrase(&secret).map(drop)).await
        } else {
            let account = session.context.store.account()?;
            // A new session, which does not use the connection of the existing one. Its token shows the server that
            // this device is signed in, so that nobody else's sign-ins count against this one.
            let cell = TokenCell::default();
            cell.set(session.context.token.get());
            let http =
                Http::with_tls(self.pins.tls(&account.server), &account.server, cell.clone());
            let credentials = Credentials {
                username: account.username,
                password: secret.to_string(),
                device: DEVICE.into(),
                invitation: None,
            };
            match http.sign_in(&credentials).await {
                Ok(signed_in) => {
                    cell.set(Some(Token::new(signed_in.token)));
                    let _ = http.sign_out().await;
                    let is_own = signed_in.user_id == account.user_id;
                    if is_own { Ok(()) } else { Err(Error::WrongPassphrase) }
                }
                Err(refused) => Err(refused.into()),
            }
        };
        let is_wrong = |error: &Error| {
            matches!(error.code(), ErrorCode::WrongPassphrase | ErrorCode::WrongCredentials)
        };
        match &verified {
            Ok(()) => self.attempts.record(id, true),
            Err(error) if is_wrong(error) => self.attempts.record(id, false),
            Err(_) => {}
        }
        verified
    }
}
