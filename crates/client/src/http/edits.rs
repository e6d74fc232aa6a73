//! Requests the earlier texts of messages.

use super::client::Http;
use super::response::ServerResult;
use parlour_protocol::{EarlierBody, MessageId};
use reqwest::Method;

impl Http {
    /// Returns the earlier texts of an edited message, oldest first.
    pub async fn edits(&self, id: MessageId) -> ServerResult<Vec<EarlierBody>> {
        self.call(self.request(Method::GET, &format!("messages/{id}/edits"))?).await
    }
}
