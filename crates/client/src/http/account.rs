//! Finds servers, signs in and out, and lists and ends the account's sessions.

use super::client::Http;
use super::response::{ServerResult, host, invalid_redirect, not_a_server};
use crate::address;
use crate::error::{Error, Result};
use parlour_protocol::{
    Credentials, InvitationPreview, InvitationSecret, LocalReason, PRODUCT, PasswordChange,
    ServerInfo, SessionId, SessionInfo, SignedIn,
};
use reqwest::Method;

/// Maximum number of redirects that are followed to find a server.
pub(super) const REDIRECTS: usize = 5;

impl Http {
    /// Checks that a server responds at this address, before anything else is sent to it.
    ///
    /// # Errors
    /// Fails with [`Error::Moved`] if the address redirects to a server at another one; and if no server
    /// answers.
    pub async fn find_server(&self) -> Result<()> {
        let mut http = self.clone();
        for _ in 0..REDIRECTS {
            let response = http.exchange(http.request(Method::GET, "server")?).await?;
            if let Some(location) = &response.location {
                let Ok(to) = address::target(http.server(), location) else {
                    return Err(invalid_redirect(http.server(), location).into());
                };
                http = self.with_server(&to);
                continue;
            }
            let info = http.parse::<ServerInfo>(response);
            let is_server = info.is_ok_and(|info| info.product == PRODUCT);
            return match (is_server, http.server() == self.server()) {
                (true, true) => Ok(()),
                (true, false) => {
                    Err(Error::Moved { from: host(self.server()).into(), to: http.server().into() })
                }
                (false, true) => Err(not_a_server(self.server()).into()),
                (false, false) => {
                    let (host, to) = (host(self.server()).into(), host(http.server()).into());
                    Err(LocalReason::RedirectsToNoServer { host, to }.into())
                }
            };
        }
        Err(not_a_server(self.server()).into())
    }

    /// Creates an account and its first session.
    pub async fn register(&self, new: &Credentials) -> ServerResult<SignedIn> {
        self.call(self.request(Method::POST, "users")?.json(new)).await
    }

    /// Returns what an invitation offers, without using it up.
    pub async fn preview(&self, secret: &str) -> ServerResult<InvitationPreview> {
        let request = InvitationSecret { secret: secret.to_owned() };
        self.call(self.request(Method::POST, "invitations/preview")?.json(&request)).await
    }

    /// Starts a session.
    pub async fn sign_in(&self, credentials: &Credentials) -> ServerResult<SignedIn> {
        self.call(self.request(Method::POST, "sessions")?.json(credentials)).await
    }

    /// Ends the session of the token.
    pub async fn sign_out(&self) -> ServerResult<()> {
        self.call_empty(self.request(Method::DELETE, "sessions/current")?).await
    }

    /// Changes the account's password.
    pub async fn change_password(&self, change: &PasswordChange) -> ServerResult<()> {
        self.call_empty(self.request(Method::PUT, "password")?.json(change)).await
    }

    /// Returns the account's sessions, on all devices.
    pub async fn sessions(&self) -> ServerResult<Vec<SessionInfo>> {
        self.get("sessions", &()).await
    }

    /// Ends a session of the account; with `wipe`, its device deletes its mirror.
    pub async fn revoke(&self, id: SessionId, wipe: bool) -> ServerResult<()> {
        let request = self.request(Method::DELETE, &format!("sessions/{id}"))?;
        self.call_empty(request.query(&[("wipe", wipe)])).await
    }
}
