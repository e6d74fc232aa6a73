//! Accepts connections and serves the requests on them.

use super::limits::ConnectionLimits;
use super::registry::{Connections, RegisteredConnection};
use super::request::ActiveRequest;
use super::response::ResponseBody;
use super::shutdown::ShutdownSignals;
use super::stream::MeteredStream;
use super::upload::Upload;
use crate::bare_response::bare_response;
use crate::error::ApiError;
use crate::limits::Network;
use crate::tls::{Acceptor, MaybeEncrypted};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, StatusCode};
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// The time between two attempts to accept, while the system has no resources for another connection.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// The largest size in bytes of a request's head, and of a response's part that is buffered besides its last chunk.
const BUFFER_BYTES: usize = 32 * 1024;
/// The largest number of headers of a request.
const MAX_HEADERS: usize = 64;
/// The number of unsent bytes that the system buffers for a peer that receives none.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 128 * 1024;
/// How long the peer may take to acknowledge what was sent, before the connection counts as lost.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(60);
/// The response for a peer whose connection is not admitted.
static FULL_RESPONSE: LazyLock<Vec<u8>> =
    LazyLock::new(|| bare_response(StatusCode::SERVICE_UNAVAILABLE, ApiError::overloaded()));

/// Accepts and serves connections until the shutdown begins. Then lets the requests in flight finish for as long as
/// the limits allow, and aborts the others.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    is_behind_proxy: bool,
    tls: Option<Acceptor>,
    shutdown: ShutdownSignals,
) {
    let connections = Arc::new(Connections::new(limits.within_files(), is_behind_proxy));
    let tracker = TaskTracker::new();
    let mut sweep = interval(limits.sweep());
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.stopping.cancelled() => break,
            _ = sweep.tick() => connections.sweep(),
            (stream, peer) = accept(&listener) => {
                let Some((guard, registered)) = connections.admit(Network::from(peer.ip()).wide()) else {
                    if tls.is_none() {
                        // If this fails, the peer only sees a closed connection.
                        let _ = stream.try_write(&FULL_RESPONSE);
                    }
                    continue;
                };
                set_tcp_options(&stream);
                let io = MeteredStream::new(stream, limits.stalled, registered.connection.clone(), guard);
                let service = (router.clone(), limits.response);
                let (tls, shutdown) = (tls.clone(), shutdown.clone());
                tracker.spawn(async move {
                    if let Some(io) = open(io, tls, &registered, &shutdown).await {
                        serve_connection(io, peer, service, registered, shutdown).await;
                    }
                });
            }
        }
    }
    drop((listener, router));
    tracker.close();
    if timeout(limits.shutdown_grace, tracker.wait()).await.is_err() {
        tracing::info!(left = tracker.len(), "aborted the requests that did not finish in time");
    }
    shutdown.aborted.cancel();
    tracker.wait().await;
}

/// Accepts the next connection. Ignores errors that concern a single connection; after any other error,
/// such as too many open files, waits before the next attempt.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut is_logged = false;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => match error.kind() {
                ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset => {}
                _ => {
                    if !std::mem::replace(&mut is_logged, true) {
                        tracing::error!(%error, "cannot accept connections; retrying");
                    }
                    sleep(RETRY_DELAY).await;
                }
            },
        }
    }
}

/// Sets options of the TCP connection. It works without them, so errors are ignored.
fn set_tcp_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(stream);
        let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
        let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_TIMEOUT));
    }
}

/// Runs the TLS handshake if the server encrypts. The handshake must be over within the time for the head
/// of a request. Returns `None` if it fails or takes too long, or if the server stops.
async fn open(
    io: MeteredStream,
    tls: Option<Acceptor>,
    registered: &RegisteredConnection,
    shutdown: &ShutdownSignals,
) -> Option<MaybeEncrypted<MeteredStream>> {
    let Some(tls) = tls else { return Some(MaybeEncrypted::Plain(io)) };
    let handshake = async {
        let first = io.first_byte().await?;
        tls.accept(first, io).await
    };
    tokio::select! {
        accepted = handshake => Some(MaybeEncrypted::Encrypted(Box::new(accepted?))),
        () = registered.connection.wait_until_closed() => None,
        () = shutdown.stopping.cancelled() => None,
    }
}

/// Serves the requests of one connection, until the connection ends or is closed, or the server stops.
async fn serve_connection(
    io: MaybeEncrypted<MeteredStream>,
    peer: SocketAddr,
    (router, response_time): (Router, Duration),
    registered: RegisteredConnection,
    shutdown: ShutdownSignals,
) {
    let connection = registered.connection.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let request_guard =
            Arc::new(ActiveRequest::begin(connection.clone(), !request.body().is_end_stream()));
        let mut request = request.map(|body| Body::new(Upload::new(body, request_guard.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(request_guard.clone());
        let router = router.clone();
        async move {
            let answered = router.oneshot(request).await;
            answered.map(|mut response| {
                if request_guard.is_body_missing() {
                    // The rest of the body would be interpreted as the next request.
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(CONNECTION, close);
                }
                let guards = (request_guard, response.extensions_mut().remove());
                response.map(|body| ResponseBody::new(body, response_time, guards))
            })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(None);
    http.max_buf_size(BUFFER_BYTES).max_headers(MAX_HEADERS);
    let mut connection = pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
    tokio::select! {
        // Errors are the peer's fault: it did not send HTTP, or closed the connection.
        _ = connection.as_mut() => return,
        () = registered.connection.wait_until_closed() => return,
        () = shutdown.stopping.cancelled() => {}
    }
    if registered.connection.is_waiting() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = registered.connection.wait_until_closed() => {}
        () = shutdown.aborted.cancelled() => {}
    }
}
