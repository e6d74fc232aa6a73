//! Fetches pictures of people and of the server, and changes the user's own and the server's.

use super::answer::Answer;
use super::client::Http;
use parlour_protocol::{InvitationSecret, OpDone, PictureId, ServerAbout};
use reqwest::Method;

const SERVER_PICTURE: &str = "administration/server/picture";

impl Http {
    /// Returns what the server has under this id, which is not checked.
    pub async fn picture(&self, id: PictureId) -> Answer<Vec<u8>> {
        self.call_bytes(self.request(Method::GET, &format!("pictures/{id}"))?).await
    }

    /// Gives the user another picture.
    pub async fn set_picture(&self, bytes: Vec<u8>) -> Answer<OpDone> {
        self.call(self.request(Method::PUT, "picture")?.body(bytes)).await
    }

    /// Returns the picture of the server for a person with this invitation, which is not checked.
    pub async fn invited_picture(&self, secret: &str) -> Answer<Vec<u8>> {
        let asked = InvitationSecret { secret: secret.to_owned() };
        self.call_bytes(self.request(Method::POST, "invitations/picture")?.json(&asked)).await
    }

    /// Gives the server another picture.
    pub async fn set_server_picture(&self, bytes: Vec<u8>) -> Answer<ServerAbout> {
        self.call(self.request(Method::PUT, SERVER_PICTURE)?.body(bytes)).await
    }

    /// Takes the server's picture away.
    pub async fn remove_server_picture(&self) -> Answer<ServerAbout> {
        self.call(self.request(Method::DELETE, SERVER_PICTURE)?).await
    }

    /// Takes the user's picture away.
    pub async fn remove_picture(&self) -> Answer<OpDone> {
        self.call(self.request(Method::DELETE, "picture")?).await
    }
}
