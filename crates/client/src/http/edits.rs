//! What messages said before.

use super::answer::Answer;
use super::client::Http;
use parlour_protocol::{EarlierBody, MessageId};
use reqwest::Method;

impl Http {
    /// What a message said before it was edited, oldest first.
    pub async fn edits(&self, id: MessageId) -> Answer<Vec<EarlierBody>> {
        self.call(self.request(Method::GET, &format!("messages/{id}/edits"))?).await
    }
}
