//! Fetches pictures of people, and changes the user's own.

use super::answer::Answer;
use super::client::Http;
use parlour_protocol::{OpDone, PictureId};
use reqwest::Method;

impl Http {
    /// Returns what the server has under this id, which is not checked.
    pub async fn picture(&self, id: PictureId) -> Answer<Vec<u8>> {
        self.call_bytes(self.request(Method::GET, &format!("pictures/{id}"))?).await
    }

    /// Gives the user another picture.
    pub async fn set_picture(&self, bytes: Vec<u8>) -> Answer<OpDone> {
        self.call(self.request(Method::PUT, "picture")?.body(bytes)).await
    }

    /// Takes the user's picture away.
    pub async fn remove_picture(&self) -> Answer<OpDone> {
        self.call(self.request(Method::DELETE, "picture")?).await
    }
}
