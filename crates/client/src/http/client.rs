//! Sends requests: through one proxy, if the system or the environment names one, with one set of trusted
//! certificates, and only to the server that the user named.

use super::response::{
    RawResponse, ServerResult, connection_lost, envelope, no_response, not_a_server,
    redirect_error, too_large,
};
use crate::address;
use crate::tls::{self, Tls};
use crate::token::TokenCell;
use parlour_protocol::limits;
use reqwest::header::LOCATION;
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);

/// A client of one server, with the token of one account; clones share connections.
#[derive(Debug, Clone)]
pub struct Http {
    /// Created when it is first needed, which is never without a network, with the proxy that is
    /// configured then.
    client: Arc<Mutex<Option<reqwest::Client>>>,
    /// Notified when all pending requests are to be cancelled.
    cancelled: Arc<watch::Sender<()>>,
    tls: Tls,
    server: String,
    token: TokenCell,
}

impl Http {
    /// Creates a client of a server that the system's certificate authorities vouch for.
    #[cfg(test)]
    pub fn new(server: &str, token: TokenCell) -> Self {
        Self::with_tls(Tls::default(), server, token)
    }

    /// Creates a client of a server whose certificate is checked as `tls` says. It connects at the first
    /// request.
    pub fn with_tls(tls: Tls, server: &str, token: TokenCell) -> Self {
        let cancelled = Arc::new(watch::Sender::new(()));
        Self { client: Arc::default(), cancelled, tls, server: server.into(), token }
    }

    /// Returns the server's address.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Drops the idle connections: the next request opens new ones, through the proxy that is configured
    /// then.
    pub fn drop_connections(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Same as [`Self::drop_connections`], and cancels every pending request: its connection is dead.
    pub fn cancel_all(&self) {
        self.drop_connections();
        self.cancelled.send_replace(());
    }

    /// Returns a client of another server, that trusts the same certificates, without a token.
    pub(super) fn with_server(&self, server: &str) -> Self {
        Self::with_tls(self.tls.clone(), server, TokenCell::default())
    }

    pub(super) fn client(&self) -> ServerResult<reqwest::Client> {
        let mut cached = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*cached {
            return Ok(client.clone());
        }
        address::check(&self.server)?;
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(RESPONSE_TIMEOUT)
            // The socket is an upgraded HTTP/1.1 request.
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Parlour/", env!("CARGO_PKG_VERSION")));
        builder = if self.server.starts_with("https:") {
            builder.tls_backend_preconfigured((*self.tls.config(&self.server)?).clone())
        } else {
            // Unencrypted requests stay on this computer, even with a proxy or a wrong DNS response.
            builder
                .tls_backend_preconfigured(tls::without_certificates())
                .resolve_to_addrs("localhost", &address::LOOPBACK)
        };
        if address::is_this_computer(&self.server) {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| no_response(&self.server, &error))?;
        *cached = Some(client.clone());
        Ok(client)
    }

    /// Sends a GET request and returns the parsed JSON of the response.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> ServerResult<T> {
        self.call(self.request(Method::GET, path)?.query(query)).await
    }

    /// Creates a request below `/v1/`, with the token if there is one.
    pub(super) fn request(&self, method: Method, path: &str) -> ServerResult<RequestBuilder> {
        let request = self.client()?.request(method, format!("{}/v1/{path}", self.server));
        Ok(match self.token.get() {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        })
    }

    /// Sends a request and returns the parsed JSON of the response.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> ServerResult<T> {
        let response = self.exchange(request).await?;
        self.parse(response)
    }

    /// Sends a request whose successful response has no content.
    pub(super) async fn call_empty(&self, request: RequestBuilder) -> ServerResult<()> {
        let response = self.exchange(request).await?;
        self.success(response).map(drop)
    }

    /// Sends a request and returns the body of the successful response.
    pub(super) async fn call_bytes(&self, request: RequestBuilder) -> ServerResult<Vec<u8>> {
        let response = self.exchange(request).await?;
        self.success(response)
    }

    /// Parses the JSON of a successful response.
    pub(super) fn parse<T: DeserializeOwned>(&self, response: RawResponse) -> ServerResult<T> {
        let bytes = self.success(response)?;
        serde_json::from_slice(&bytes).map_err(|_| not_a_server(&self.server))
    }

    /// Returns the body of a successful response; otherwise the server's refusal, or an error if there is
    /// none.
    fn success(&self, response: RawResponse) -> ServerResult<Vec<u8>> {
        if response.status.is_success() {
            return Ok(response.bytes);
        }
        tracing::debug!(status = %response.status, "the server refused");
        let refusal = || envelope(response.status.as_u16(), &response.bytes);
        Err(redirect_error(&self.server, &response)
            .or_else(refusal)
            .unwrap_or_else(|| not_a_server(&self.server)))
    }

    /// Sends a request and waits for the response, unless the request is cancelled.
    pub(super) async fn exchange(&self, request: RequestBuilder) -> ServerResult<RawResponse> {
        let mut cancelled = self.cancelled.subscribe();
        let response = async {
            let response =
                request.send().await.map_err(|error| no_response(&self.server, &error))?;
            self.read(response).await
        };
        tokio::select! {
            response = response => response,
            _ = cancelled.changed() => Err(connection_lost(&self.server)),
        }
    }

    /// Reads a response, which must not be longer than [`limits::RESPONSE_BYTES`].
    pub(super) async fn read(&self, mut response: Response) -> ServerResult<RawResponse> {
        let status = response.status();
        let location = response.headers().get(LOCATION).filter(|_| status.is_redirection());
        let location = location.map(|location| String::from_utf8_lossy(location.as_bytes()).into());
        let mut bytes = Vec::new();
        while let Some(part) =
            response.chunk().await.map_err(|error| no_response(&self.server, &error))?
        {
            if bytes.len() + part.len() > limits::RESPONSE_BYTES {
                tracing::warn!("a response was too long to be read");
                return Err(too_large(&self.server));
            }
            bytes.extend_from_slice(&part);
        }
        Ok(RawResponse { status, location, bytes })
    }
}
