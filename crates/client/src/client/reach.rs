//! Finds the server that an address or a link names, before anything is sent to it.

use super::Client;
use super::trust::Trust;
use crate::address;
use crate::error::{Error, Result};
use crate::http::client::Http;
use crate::invitation::{self, ServerInput};
use crate::token::TokenCell;
use parlour_protocol::{InvitationPreview, PictureFormat, PictureId, ServerAbout, invitation_link};
use serde::Serialize;
use std::sync::PoisonError;

/// A server that responded and is the one that the link names.
pub(super) struct ReachedServer {
    pub http: Http,
    /// The token that `http` sends.
    pub cell: TokenCell,
    /// The server's address.
    pub server: String,
    pub trust: Trust,
}

/// The server and the invitation that a link leads to.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct LinkPreview {
    /// The server's address.
    pub server: String,
    /// The fingerprint of the server's key, which the link names: SHA-256 in hex, in groups of four.
    /// `None` if a certificate authority vouches for the server.
    pub fingerprint: Option<String>,
    /// The invitation; `None` if the link only names the server.
    pub invitation: Option<InvitationPreview>,
}

impl Client {
    /// Requests from the server what a link leads to, without using up the invitation. Afterwards
    /// [`Client::invited_picture`] returns the server's picture.
    ///
    /// # Errors
    /// Fails if it is not a link, if no server responds, if the server is not the one that the link names,
    /// or if the invitation is not valid.
    pub async fn preview(&self, link: &str) -> Result<LinkPreview> {
        let link = invitation::read(link)?;
        let ReachedServer { http, server, trust, .. } = self.reach(&link).await?;
        let invitation = match link.secret {
            Some(secret) => {
                let invitation = checked(http.preview(secret).await?);
                let picture = self.fetch_invited(&http, secret, invitation.server.picture).await;
                let server = ServerAbout { picture, ..invitation.server };
                Some(InvitationPreview { server, ..invitation })
            }
            None => None,
        };
        let fingerprint = trust.pin().map(|pin| pin.fingerprint());
        Ok(LinkPreview { server, fingerprint, invitation })
    }

    /// Returns the bytes of the server's picture, if the invitation that was previewed last has it.
    pub fn invited_picture(&self, id: PictureId) -> Option<Vec<u8>> {
        let invited = self.invited.lock().unwrap_or_else(PoisonError::into_inner);
        invited.as_ref().filter(|(known, _)| *known == id).map(|(_, bytes)| bytes.clone())
    }

    /// Fetches the picture of an invitation's server; returns its id if it is one that may be shown.
    async fn fetch_invited(
        &self,
        http: &Http,
        secret: &str,
        picture: Option<PictureId>,
    ) -> Option<PictureId> {
        let id = picture?;
        // Without it, everything else is shown all the same.
        let bytes = http.invited_picture(secret).await.ok()?;
        if PictureId::of(&bytes) != id || PictureFormat::of(&bytes).is_err() {
            return None;
        }
        *self.invited.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, bytes));
        Some(id)
    }

    /// Finds the server, and checks that it is the one that the link names.
    pub(super) async fn reach(&self, link: &ServerInput<'_>) -> Result<ReachedServer> {
        let server = address::normalise(link.server)?;
        let cell = TokenCell::default();
        // Trust that an earlier version left behind must not contradict a new link.
        let pins_lock = self.pins_lock.lock().await;
        self.delete_unused_pins();
        drop(pins_lock);
        let trust = self.find_trust(&server, link.pin)?;
        let http = Http::with_tls(trust.tls(), &server, cell.clone());
        http.find_server().await.map_err(|error| match (error, link.secret) {
            (Error::Moved { from, to }, Some(secret)) => {
                Error::Moved { from, to: invitation_link(&to, secret, link.pin) }
            }
            (error, _) => error,
        })?;
        trust.check(&server, link.pin).await?;
        Ok(ReachedServer { http, cell, server, trust })
    }
}

/// Removes the server's name and welcome text if they are invalid: they are displayed next to the app's own texts.
fn checked(invitation: InvitationPreview) -> InvitationPreview {
    match invitation.server.check() {
        Ok(()) => invitation,
        Err(_) => InvitationPreview { server: ServerAbout::default(), ..invitation },
    }
}
