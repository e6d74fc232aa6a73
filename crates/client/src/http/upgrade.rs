//! The request that opens the socket.

use super::client::Http;
use super::response::{ServerResult, envelope, no_response, no_websocket, redirect_error};
use crate::token::Token;
use parlour_protocol::{ErrorBody, ErrorClass, ErrorCode};
use reqwest::Response;
use reqwest::header::{CONNECTION, UPGRADE};
use tokio_tungstenite::tungstenite::http::header::{SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION};

impl Http {
    /// Requests a WebSocket (RFC 6455, section 4.1) like any other request, so that it uses the
    /// same proxy and trusts the same certificates.
    pub async fn request_upgrade(&self, token: &Token, key: &str) -> ServerResult<Response> {
        let request = self.client()?.get(format!("{}/v1/socket", self.server()));
        let request = request
            .bearer_auth(token.expose())
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_VERSION, "13")
            .header(SEC_WEBSOCKET_KEY, key);
        request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                return no_response(self.server(), &error);
            }
            // The other end is either a proxy that blocks sockets, or it just became unavailable: a
            // request will show which.
            tracing::debug!(?error, "no response to the request for a socket");
            no_websocket()
        })
    }

    /// Returns the reason why a response to [`Http::request_upgrade`] did not open a socket.
    pub async fn upgrade_refused(&self, response: Response) -> ErrorBody {
        let response = match self.read(response).await {
            Ok(response) => response,
            Err(error) => return error,
        };
        if let Some(error) = redirect_error(self.server(), &response) {
            return error;
        }
        let refusal = envelope(response.status.as_u16(), &response.bytes);
        let is_meant_for_client = |error: &ErrorBody| match error.code.class() {
            ErrorClass::SignIn | ErrorClass::Outdated => true,
            ErrorClass::Retry => {
                matches!(
                    error.code,
                    ErrorCode::RateLimited | ErrorCode::Retry | ErrorCode::Overloaded
                )
            }
            ErrorClass::Resync | ErrorClass::Refused => false,
        };
        tracing::debug!(status = %response.status, "no socket");
        // Any other response means that the request did not reach a server that offers a socket.
        refusal.filter(is_meant_for_client).unwrap_or_else(no_websocket)
    }
}
