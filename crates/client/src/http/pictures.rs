//! Fetches pictures of people and of the server, and changes the user's own and the server's.

use super::client::Http;
use super::response::ServerResult;
use parlour_protocol::{InvitationSecret, OpDone, PictureId, ServerAbout};
use reqwest::Method;

const SERVER_PICTURE: &str = "administration/server/picture";

impl Http {
    /// Returns the bytes of the picture with this id, unverified.
    pub async fn picture(&self, id: PictureId) -> ServerResult<Vec<u8>> {
        self.call_bytes(self.request(Method::GET, &format!("pictures/{id}"))?).await
    }

    /// Sets the user's picture.
    pub async fn set_picture(&self, bytes: Vec<u8>) -> ServerResult<OpDone> {
        self.call(self.request(Method::PUT, "picture")?.body(bytes)).await
    }

    /// Returns the server's picture with an invitation instead of a token, unverified.
    pub async fn invited_picture(&self, secret: &str) -> ServerResult<Vec<u8>> {
        let request = InvitationSecret { secret: secret.to_owned() };
        self.call_bytes(self.request(Method::POST, "invitations/picture")?.json(&request)).await
    }

    /// Sets the server's picture.
    pub async fn set_server_picture(&self, bytes: Vec<u8>) -> ServerResult<ServerAbout> {
        self.call(self.request(Method::PUT, SERVER_PICTURE)?.body(bytes)).await
    }

    /// Removes the server's picture.
    pub async fn remove_server_picture(&self) -> ServerResult<ServerAbout> {
        self.call(self.request(Method::DELETE, SERVER_PICTURE)?).await
    }

    /// Removes the user's picture.
    pub async fn remove_picture(&self) -> ServerResult<OpDone> {
        self.call(self.request(Method::DELETE, "picture")?).await
    }
}
