//! Accepts encrypted connections.

use super::acme;
use super::certificate::Certificates;
use super::error::TlsError;
use crate::bare_response::bare_response;
use crate::error::ApiError;
use axum::http::StatusCode;
use rustls::ServerConfig;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The response to a client that sends an unencrypted request, possibly a browser.
static TLS_REQUIRED_RESPONSE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let error = ApiError::invalid("This server is encrypted. Its address begins with https.");
    bare_response(StatusCode::BAD_REQUEST, error)
});

/// The first byte of every encrypted connection: a record of the handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 22;

/// Performs TLS handshakes. Clones share the certificate.
#[derive(Clone)]
pub struct Acceptor(Arc<ServerConfig>);

impl Acceptor {
    /// Creates an acceptor for TLS 1.2 and 1.3 with this certificate.
    ///
    /// # Errors
    /// Fails if the cryptographic library does not support these versions.
    pub fn new(certificates: Arc<Certificates>) -> Result<Self, TlsError> {
        let builder = ServerConfig::builder_with_provider(certificates.provider());
        let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        let is_acme = certificates.mode().is_acme();
        let mut config = builder.with_cert_resolver(certificates);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if is_acme {
            config.alpn_protocols.push(acme::ALPN_PROTOCOL.to_vec());
        }
        Ok(Self(Arc::new(config)))
    }

    /// Performs the handshake with a peer whose first byte is `first`. Returns `None` if it fails, if the
    /// peer sends plain text (it then gets an HTTP error), or if the peer is an authority that validates a
    /// name by TLS-ALPN-01, which needs nothing but the handshake.
    pub async fn accept<S>(&self, first: u8, mut stream: S) -> Option<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        if first == HANDSHAKE {
            let mut stream = TlsAcceptor::from(self.0.clone()).accept(stream).await.ok()?;
            if stream.get_ref().1.alpn_protocol() != Some(acme::ALPN_PROTOCOL) {
                return Some(stream);
            }
            // The authority has seen the certificate. Its protocol contains nothing else.
            let _ = stream.shutdown().await;
            return None;
        }
        // If this fails, the peer only sees a closed connection.
        let _ = stream.write_all(&TLS_REQUIRED_RESPONSE).await;
        let _ = stream.shutdown().await;
        None
    }
}

/// A connection, encrypted or not.
pub enum MaybeEncrypted<S> {
    /// An unencrypted connection.
    Plain(S),
    /// An encrypted connection.
    Encrypted(Box<TlsStream<S>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for MaybeEncrypted<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Encrypted(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for MaybeEncrypted<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Encrypted(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Self::Encrypted(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Encrypted(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
