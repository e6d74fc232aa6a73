//! The connection to the server: unencrypted, or encrypted with the key by which the server is known.

use futures_util::StreamExt;
use parlour_client::{PinnedKey, pinned_config};
use parlour_protocol::KeyPin;
use std::sync::Arc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

/// An open socket.
pub type Socket = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// A server's URL, and the TLS configuration for it.
#[derive(Clone)]
pub struct Network {
    /// The URL, without a slash at the end.
    pub server: String,
    tls: Arc<rustls::ClientConfig>,
}

impl Network {
    /// Trusts the server with this key; without one, `server` has to be an http URL.
    ///
    /// # Errors
    /// Fails if the build lacks cryptography.
    pub fn new(server: &str, pin: Option<KeyPin>) -> Result<Self, String> {
        // No server has this key.
        let pin = pin.unwrap_or_else(|| KeyPin::from_public_key(b""));
        let tls = pinned_config(PinnedKey::new(pin, |_| ()), server)
            .map_err(|error| error.to_string())?;
        Ok(Self { server: server.trim_end_matches('/').into(), tls: Arc::new(tls) })
    }

    /// Returns an HTTP client with connections of its own.
    ///
    /// # Errors
    /// Fails if the build lacks cryptography.
    pub fn http(&self) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder().http1_only().no_proxy();
        let client = builder.tls_backend_preconfigured((*self.tls).clone()).build();
        client.map_err(|error| error.to_string())
    }

    /// Opens a socket. Returns when the server has sent its first frame.
    ///
    /// # Errors
    /// Describes why the server cannot be reached, or refuses.
    pub async fn open(&self, token: &str) -> Result<Socket, String> {
        let url = format!("{}/v1/socket", self.server.replacen("http", "ws", 1));
        let mut request = url.into_client_request().map_err(|error| error.to_string())?;
        let bearer = format!("Bearer {token}").parse().map_err(|_| "a token that is no header")?;
        request.headers_mut().insert("authorization", bearer);
        // Small buffers, since ten thousand sockets run in one process.
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let connector =
            self.server.starts_with("https").then(|| Connector::Rustls(self.tls.clone()));
        let connected = tokio_tungstenite::connect_async_tls_with_config(
            request,
            Some(config),
            true,
            connector,
        );
        let (mut socket, _) = connected.await.map_err(|error| error.to_string())?;
        match socket.next().await {
            Some(Ok(_)) => Ok(socket),
            _ => Err("the socket ended without a frame".into()),
        }
    }
}
