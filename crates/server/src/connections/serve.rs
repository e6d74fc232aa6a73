//! Accepting connections, and answering what comes over them.

use super::answer::Answer;
use super::ending::Ending;
use super::limits::ConnectionLimits;
use super::registry::{Connections, Listed};
use super::request::ActiveRequest;
use super::stream::Watched;
use super::upload::Upload;
use crate::limits::Network;
use crate::tls::{Acceptor, Opened};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// Between two tries to accept, where the system has nothing to accept with.
const PAUSE: Duration = Duration::from_millis(100);
/// Largest head of a request, and what waits to be written of an answer beside its last piece.
const BUFFER_BYTES: usize = 32 * 1024;
/// Most headers of a request.
const HEADERS: usize = 64;
/// Bytes that the system keeps for a peer that takes none.
#[cfg(target_os = "linux")]
const UNSENT_BYTES: u32 = 128 * 1024;
/// How long a peer may leave unacknowledged what was sent, before it counts as gone.
#[cfg(target_os = "linux")]
const ACKNOWLEDGED: Duration = Duration::from_secs(60);
/// What is said to whom there is no room for.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    retry-after: 1\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
    content-security-policy: default-src 'none'; frame-ancestors 'none'\r\n\
    x-frame-options: DENY\r\nreferrer-policy: no-referrer\r\ncontent-length: 95\r\nconnection: close\r\n\r\n\
    {\"code\":\"overloaded\",\"message\":\"The server has too much to do. Try again.\",\"retryAfterMs\":1000}";

/// Serves until `ending` begins, then lets what is in flight finish for as long as the limits say, and
/// cuts the rest.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    is_behind_proxy: bool,
    tls: Option<Acceptor>,
    ending: Ending,
) {
    let connections = Arc::new(Connections::new(limits.within_files(), is_behind_proxy));
    let tracker = TaskTracker::new();
    let mut sweep = interval(limits.sweep());
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = ending.begins.cancelled() => break,
            _ = sweep.tick() => connections.sweep(),
            (stream, peer) = accept(&listener) => {
                let Some((slot, listed)) = connections.admit(Network::from(peer.ip()).wide()) else {
                    if tls.is_none() {
                        // Whoever does not read it learns as much from the end.
                        let _ = stream.try_write(FULL);
                    }
                    continue;
                };
                prepare(&stream);
                let io = Watched::new(stream, limits.stalled, listed.connection.clone(), slot);
                let asked = (router.clone(), limits.answer);
                let (tls, ending) = (tls.clone(), ending.clone());
                tracker.spawn(async move {
                    if let Some(io) = open(io, tls, &listed, &ending).await {
                        attend(io, peer, asked, listed, ending).await;
                    }
                });
            }
        }
    }
    drop((listener, router));
    tracker.close();
    if timeout(limits.ending, tracker.wait()).await.is_err() {
        tracing::info!(left = tracker.len(), "cut what was not finished in time");
    }
    ending.cut.cancel();
    tracker.wait().await;
}

/// The next connection. Errors of one connection are its own; where the system is short of something
/// it is given time to get it back.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    let mut is_told = false;
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => match error.kind() {
                ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset => {}
                _ => {
                    if !std::mem::replace(&mut is_told, true) {
                        tracing::error!(%error, "no connection can be accepted; trying on");
                    }
                    sleep(PAUSE).await;
                }
            },
        }
    }
}

/// Options that a connection can do without.
fn prepare(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        let socket = socket2::SockRef::from(stream);
        let _ = socket.set_tcp_notsent_lowat(UNSENT_BYTES);
        let _ = socket.set_tcp_user_timeout(Some(ACKNOWLEDGED));
    }
}

/// Makes a connection an encrypted one, where all are; the handshake has the time that the head of a request
/// has. Nothing if the peer does not, or the server ends.
async fn open(
    io: Watched,
    tls: Option<Acceptor>,
    listed: &Listed,
    ending: &Ending,
) -> Option<Opened<Watched>> {
    let Some(tls) = tls else { return Some(Opened::Plain(io)) };
    let opening = async {
        let first = io.first_byte().await?;
        tls.accept(first, io).await
    };
    tokio::select! {
        opened = opening => Some(Opened::Encrypted(Box::new(opened?))),
        () = listed.connection.until_cut() => None,
        () = ending.begins.cancelled() => None,
    }
}

/// Answers the requests of one connection, until it ends or is told to.
async fn attend(
    io: Opened<Watched>,
    peer: SocketAddr,
    (router, answer): (Router, Duration),
    listed: Listed,
    ending: Ending,
) {
    let connection = listed.connection.clone();
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let busy =
            Arc::new(ActiveRequest::begin(connection.clone(), !request.body().is_end_stream()));
        let mut request = request.map(|body| Body::new(Upload::new(body, busy.clone())));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(busy.clone());
        let router = router.clone();
        async move {
            let answered = router.oneshot(request).await;
            answered.map(|mut response| {
                let held = (busy, response.extensions_mut().remove());
                response.map(|body| Answer::new(body, answer, held))
            })
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(None);
    http.max_buf_size(BUFFER_BYTES).max_headers(HEADERS);
    let mut connection = pin!(http.serve_connection(TokioIo::new(io), service).with_upgrades());
    tokio::select! {
        // Its errors are the peer's: what was not HTTP, or did not come.
        _ = connection.as_mut() => return,
        () = listed.connection.until_cut() => return,
        () = ending.begins.cancelled() => {}
    }
    if listed.connection.is_waiting() {
        return;
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection => {}
        () = listed.connection.until_cut() => {}
        () = ending.cut.cancelled() => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_there_is_no_room_for_is_told_so_in_the_envelope() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
        let body: parlour_protocol::ErrorBody = serde_json::from_str(body).unwrap();
        assert_eq!(body, crate::ApiError::overloaded().into());
    }
}
