//! The request with which the socket begins.

use super::answer::{Answer, envelope, moved, no_answer, no_upgrade};
use super::client::Http;
use crate::token::Token;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode};
use reqwest::Response;
use reqwest::header::{CONNECTION, UPGRADE};
use tokio_tungstenite::tungstenite::http::header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION};

impl Http {
    /// Asks for a WebSocket (RFC 6455, section 4.1), as requests are made: it takes the same proxy and trusts the
    /// same certificates.
    pub async fn request_upgrade(&self, token: &Token, key: &str) -> Answer<Response> {
        let request = self.client()?.get(format!("{}/v1/socket", self.server()));
        let request = request
            .bearer_auth(token.expose())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key);
        request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                return no_answer(self.server(), &error);
            }
            // There is somebody, who lets no socket pass, or is gone just now: a request tells which.
            tracing::debug!(?error, "no answer to who asks for a socket");
            no_upgrade()
        })
    }

    /// Why an answer to [`Http::request_upgrade`] is no socket.
    pub async fn upgrade_refused(&self, response: Response) -> ErrorBody {
        let answered = match self.read(response).await {
            Ok(answered) => answered,
            Err(error) => return error,
        };
        if let Some(moved) = moved(self.server(), &answered) {
            return moved;
        }
        let refusal = envelope(answered.status.as_u16(), &answered.bytes);
        let is_said = |error: &ErrorBody| match error.code.class() {
            ErrorClass::SignIn | ErrorClass::Upgrade => true,
            ErrorClass::Retry => {
                matches!(error.code, ErrorCode::Rate | ErrorCode::Retry | ErrorCode::Overloaded)
            }
            ErrorClass::Resync | ErrorClass::Refused => false,
        };
        tracing::debug!(status = %answered.status, "no socket");
        // Whatever else it is: what asks for a socket did not come to a server that gives one.
        refusal.filter(is_said).unwrap_or_else(no_upgrade)
    }
}
