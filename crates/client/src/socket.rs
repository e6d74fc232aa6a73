//! The socket: receives frames until it ends. Two missed heartbeats mean that it is dead.

use crate::http::client::Http;
use crate::http::response::{no_response, no_websocket};
use crate::token::Token;
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{ClientFrame, ErrorBody, ErrorClass, ErrorCode, Frame, LocalReason, limits};
use reqwest::{StatusCode, Upgraded};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_ACCEPT;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// Maximum time until the socket is open. It is longer than the timeout of a connection, so if it elapses,
/// the server was reached.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum time until the first frame, which contains the interval of the heartbeats.
const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum length of a received frame, in bytes: many times what a server sends.
const FRAME_BYTES: usize = 16 * limits::FRAME_BYTES;

/// A message to the server.
#[derive(Debug)]
pub enum Outgoing {
    /// A frame, as JSON in a text message.
    Frame(ClientFrame),
    /// A ping, which is answered by an [`Incoming::Pong`] with this number.
    Ping(u64),
}

/// A message from the server.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// A frame, as JSON in a text message.
    Frame(Frame),
    /// The response to an [`Outgoing::Ping`].
    Pong(u64),
}

/// Connects, passes every incoming message to `handle`, one after the other, and sends the outgoing ones.
/// Returns why the socket ended.
pub async fn run<F>(
    http: &Http,
    token: &Token,
    mut outgoing: UnboundedReceiver<Outgoing>,
    handle: impl Fn(Incoming) -> F,
) -> ErrorBody
where
    F: Future<Output = ()>,
{
    let mut socket = match timeout(CONNECT_TIMEOUT, connect(http, token)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return error,
        Err(_) => return no_websocket(),
    };
    let mut max_silence = FIRST_FRAME_TIMEOUT;
    let mut has_hello = false;
    loop {
        let received = async {
            loop {
                tokio::select! {
                    received = socket.next() => return received,
                    Some(outgoing) = outgoing.recv() => {
                        if let Err(error) = socket.send(message(&outgoing)).await {
                            return Some(Err(error));
                        }
                    }
                }
            }
        };
        let message = match timeout(max_silence, received).await {
            Ok(Some(Ok(message))) => message,
            // The socket was opened, but the server's first frame did not arrive.
            _ if !has_hello => return no_websocket(),
            _ => return offline(),
        };
        let frame = match incoming(&message) {
            Some(Incoming::Frame(frame)) => frame,
            Some(pong) => {
                handle(pong).await;
                continue;
            }
            None => continue,
        };
        if let Frame::Hello { heartbeat_ms, .. } = frame {
            let ms = u64::try_from(heartbeat_ms).unwrap_or(0).clamp(1_000, 600_000);
            max_silence = Duration::from_millis(ms * 2 + 1_000);
            has_hello = true;
        }
        if let Frame::Bye { code, retry_after_ms } = frame {
            return bye_error(code, retry_after_ms);
        }
        if !has_hello {
            // A connection must start with a hello.
            return no_websocket();
        }
        handle(Incoming::Frame(frame)).await;
    }
}

/// Returns the error of a socket that ended with a `Bye` frame. Only the response to a request can end a
/// session, so the client reconnects and requests.
fn bye_error(code: ErrorCode, retry_after_ms: Option<i64>) -> ErrorBody {
    let is_over = code.class() == ErrorClass::SignIn;
    let code = if is_over { ErrorCode::Retry } else { code };
    let closed = ErrorBody::from(LocalReason::ServerClosed);
    ErrorBody { code, retry_after_ms, ..closed }
}

fn message(outgoing: &Outgoing) -> Message {
    match outgoing {
        Outgoing::Frame(frame) => Message::text(serde_json::to_string(frame).expect("plain data")),
        Outgoing::Ping(number) => Message::Ping(number.to_be_bytes().to_vec().into()),
    }
}

/// Parses a message; `None` if it is invalid or of another kind.
fn incoming(message: &Message) -> Option<Incoming> {
    match message {
        Message::Text(text) => serde_json::from_str(text).ok().map(Incoming::Frame),
        Message::Pong(number) => {
            Some(Incoming::Pong(u64::from_be_bytes(number.as_ref().try_into().ok()?)))
        }
        _ => None,
    }
}

/// Opens a WebSocket over a connection like that of a request (RFC 6455, section 4.1).
async fn connect(http: &Http, token: &Token) -> Result<WebSocketStream<Upgraded>, ErrorBody> {
    let key = generate_key();
    let response = http.request_upgrade(token, &key).await?;
    let accept = derive_accept_key(key.as_bytes());
    let received_key = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    let is_socket = received_key.is_some_and(|value| value.as_bytes() == accept.as_bytes());
    if response.status() != StatusCode::SWITCHING_PROTOCOLS || !is_socket {
        return Err(http.upgrade_refused(response).await);
    }
    let stream = response.upgrade().await.map_err(|error| no_response(http.server(), &error))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    Ok(WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await)
}

fn offline() -> ErrorBody {
    LocalReason::ConnectionEnded.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::test_server::{http_response, listen_async, serve_responses};
    use crate::tls::Tls;
    use crate::token::TokenCell;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::unbounded_channel;
    use tokio::task::JoinHandle;

    /// Returns the error with which a socket to a server ends.
    async fn ended(http: &Http) -> ErrorBody {
        let (_outgoing, receiver) = unbounded_channel();
        run(http, &Token::new("parlour_token".into()), receiver, |_| std::future::ready(())).await
    }

    /// Same as [`ended`], for a server without encryption on this computer.
    async fn ended_at(server: &str) -> ErrorCode {
        ended(&Http::new(server, TokenCell::default())).await.code
    }

    /// Starts a server that accepts one socket, sends these frames, and reads until the end.
    async fn serving(frames: Vec<Frame>) -> (String, JoinHandle<()>) {
        let (listener, server) = listen_async().await;
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            for frame in frames {
                let json = serde_json::to_string(&frame).unwrap();
                socket.send(Message::text(json)).await.unwrap();
            }
            while let Some(Ok(_)) = socket.next().await {}
        });
        (server, serving)
    }

    fn hello() -> Frame {
        Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 }
    }

    /// If the system's certificates cannot be read, nothing else is trusted and nothing is connected to.
    #[tokio::test]
    async fn without_the_systems_certificates_no_server_is_trusted() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        let tls = Tls::lazy(|_| Err(rustls::Error::General("no certificates".into())));
        let http = Http::with_tls(tls, &server, TokenCell::default());
        let Err(Error::Server(refused)) = http.find_server().await else { panic!("a response") };
        let connected = ended(&http).await;
        for error in [refused, connected] {
            assert_eq!(error.code, ErrorCode::Offline);
            assert_eq!(error.problem(), LocalReason::NoCertificates.into());
        }
        let waiting = timeout(Duration::ZERO, listener.accept()).await;
        assert!(waiting.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn nothing_is_sent_to_an_unencrypted_address() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let server = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
        let http = Http::new(&server, TokenCell::default());
        let connected = ended(&http).await;
        assert_eq!(connected.code, ErrorCode::Invalid);
        assert_eq!(http.sign_out().await.unwrap_err().code, ErrorCode::Invalid);
        assert!(timeout(Duration::ZERO, listener.accept()).await.is_err(), "somebody connected");
    }

    /// Returns the error of a socket whose server sends a `Hello`, and then a `Bye` with this code.
    async fn ends_with(code: ErrorCode) -> ErrorCode {
        let bye = Frame::Bye { code, retry_after_ms: None };
        let (server, serving) = serving(vec![hello(), bye]).await;
        let ended = ended_at(&server).await;
        serving.await.unwrap();
        ended
    }

    #[tokio::test]
    async fn a_bye_frame_ends_no_session_and_wipes_nothing() {
        for code in [ErrorCode::Wipe, ErrorCode::Revoked, ErrorCode::InvalidToken] {
            assert_eq!(ends_with(code).await, ErrorCode::Retry);
        }
        assert_eq!(ends_with(ErrorCode::ClientOutdated).await, ErrorCode::ClientOutdated);
    }

    /// Returns the error of a socket if this is the response to the request for it.
    async fn refusal_code(response: String) -> ErrorCode {
        let (server, serving) = serve_responses(vec![response]);
        let ended = ended_at(&server).await;
        serving.join().unwrap();
        ended
    }

    #[tokio::test]
    async fn a_network_that_blocks_sockets_is_reported_as_such() {
        let refusal = |code: &str| format!(r#"{{"code":"{code}","message":"no"}}"#);
        let accept = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: bm8=\r\n";
        for (status, headers, body, code) in [
            ("200 OK", "", "<html>".to_owned(), ErrorCode::NoWebsocket),
            ("403 Forbidden", "", "blocked".into(), ErrorCode::NoWebsocket),
            ("404 Not Found", "", refusal("not_found"), ErrorCode::NoWebsocket),
            ("426 Upgrade Required", "", String::new(), ErrorCode::NoWebsocket),
            ("502 Bad Gateway", "", String::new(), ErrorCode::NoWebsocket),
            ("400 Bad Request", "", refusal("no_websocket"), ErrorCode::NoWebsocket),
            ("101 Switching Protocols", accept, String::new(), ErrorCode::NoWebsocket),
            // A refusal of the server itself is reported unchanged.
            ("401 Unauthorized", "", refusal("invalid_token"), ErrorCode::InvalidToken),
            ("426 Upgrade Required", "", refusal("client_outdated"), ErrorCode::ClientOutdated),
            ("503 Service Unavailable", "", refusal("overloaded"), ErrorCode::Overloaded),
            // A token is sent only to the address that its user entered.
            (
                "302 Found",
                "location: https://elsewhere.example\r\n",
                String::new(),
                ErrorCode::Moved,
            ),
        ] {
            let ended = refusal_code(http_response(status, headers, &body)).await;
            assert_eq!(ended, code, "{status} {headers} {body}");
        }
        assert_eq!(refusal_code(String::new()).await, ErrorCode::NoWebsocket);
    }

    #[tokio::test]
    async fn a_server_that_does_not_listen_is_reported_as_offline() {
        let (listener, server) = listen_async().await;
        drop(listener);
        assert_eq!(ended_at(&server).await, ErrorCode::Offline);
    }

    /// A proxy that holds back the data after the response, or ends the connection.
    #[tokio::test]
    async fn a_socket_without_a_first_frame_is_reported_as_blocked() {
        let (listener, server) = listen_async().await;
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            drop(tokio_tungstenite::accept_async(stream).await.unwrap());
        });
        assert_eq!(ended_at(&server).await, ErrorCode::NoWebsocket);
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn the_pong_has_the_number_of_the_ping() {
        let (server, serving) = serving(vec![hello()]).await;
        let http = Http::new(&server, TokenCell::default());
        let (outgoing, receiver) = unbounded_channel();
        let (received, mut incoming) = unbounded_channel();
        let running = tokio::spawn(async move {
            let token = Token::new("parlour_token".to_owned());
            let handle = |message| {
                received.send(message).unwrap();
                std::future::ready(())
            };
            run(&http, &token, receiver, handle).await
        });
        assert!(matches!(incoming.recv().await, Some(Incoming::Frame(Frame::Hello { .. }))));
        outgoing.send(Outgoing::Ping(7)).unwrap();
        assert_eq!(incoming.recv().await, Some(Incoming::Pong(7)));
        running.abort();
        serving.await.unwrap();
    }
}
