//! That it is the account's user who asks for what opens the account, and not who found the window open.

use crate::accounts::AccountId;
use crate::client::{Client, blocking};
use crate::credentials::{Credentials, Token};
use crate::http::Http;
use crate::vault::KeptBy;
use crate::{Error, Result};
use parlour_protocol::{Credentials as Typed, ErrorCode};
use zeroize::Zeroizing;

/// As what the server lists the sign-in that asks about a password; it ends at once.
const DEVICE: &str = "Parlour, checking the password";

impl Client {
    /// Asks for the passphrase where there is one; else the server about the account's password.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`] or the server's refusal; [`Error::TooManyGuesses`] after several;
    /// [`Error::Server`] with [`ErrorCode::Offline`] if it needs the server, which does not answer.
    pub(crate) async fn prove(&self, id: &AccountId, secret: &str) -> Result<()> {
        let session = self.session_of(id)?;
        let mut vault = self.vault(id)?;
        self.guesses.check(id)?;
        let secret = Zeroizing::new(secret.to_owned());
        let proved = if vault.kept_by() == KeptBy::Passphrase {
            blocking(move || vault.by_passphrase(&secret).map(drop)).await
        } else {
            let account = session.parts.store.account()?;
            // Neither the session's connection nor its token: this is another one.
            let credentials = Credentials::default();
            let http = Http::new(&account.server, credentials.clone());
            let typed = Typed {
                username: account.username,
                password: secret.to_string(),
                device: DEVICE.into(),
                invitation: None,
            };
            match http.sign_in(&typed).await {
                Ok(signed_in) => {
                    credentials.set(Some(Token::new(signed_in.token)));
                    let _ = http.sign_out().await;
                    let is_own = signed_in.user_id == account.user_id;
                    if is_own { Ok(()) } else { Err(Error::WrongPassphrase) }
                }
                Err(refused) => Err(refused.into()),
            }
        };
        let is_wrong =
            |error: &Error| matches!(error.code(), ErrorCode::WrongPassphrase | ErrorCode::SignIn);
        match &proved {
            Ok(()) => self.guesses.note(id, true),
            Err(error) if is_wrong(error) => self.guesses.note(id, false),
            Err(_) => {}
        }
        proved
    }
}
