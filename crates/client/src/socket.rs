//! The socket: frames in, until it ends. Two missed heartbeats mean that it is dead.

use crate::credentials::Token;
use crate::http::{Http, no_upgrade};
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{ClientFrame, ErrorBody, ErrorClass, ErrorCode, Frame, limits};
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

/// How long it may take until the socket is open: longer than a connection may, so that whoever is waited for
/// until then is there.
const CONNECT: Duration = Duration::from_secs(15);
/// Before the first frame has told how often heartbeats come.
const FIRST_FRAME: Duration = Duration::from_secs(15);
/// Largest frame that is read, many times what a server sends.
const FRAME_BYTES: usize = 16 * limits::FRAME_BYTES;

/// What is said to the server.
#[derive(Debug)]
pub enum Said {
    /// A frame.
    Frame(ClientFrame),
    /// Asks for a [`Heard::Pong`] with this number.
    Ping(u64),
}

/// What the server says.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// A frame.
    Frame(Frame),
    /// The answer to a [`Said::Ping`].
    Pong(u64),
}

/// Connects, hands on everything that is heard, each when the one before was taken, says what is to be said,
/// and answers why it ended.
pub async fn run<F>(
    http: &Http,
    token: &Token,
    mut said: UnboundedReceiver<Said>,
    take: impl Fn(Heard) -> F,
) -> ErrorBody
where
    F: Future<Output = ()>,
{
    let mut socket = match timeout(CONNECT, connect(http, token)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return error,
        Err(_) => return no_upgrade(),
    };
    let mut patience = FIRST_FRAME;
    let mut is_greeted = false;
    loop {
        let heard = async {
            loop {
                tokio::select! {
                    heard = socket.next() => return heard,
                    Some(said) = said.recv() => {
                        if let Err(error) = socket.send(message(&said)).await {
                            return Some(Err(error));
                        }
                    }
                }
            }
        };
        let message = match timeout(patience, heard).await {
            Ok(Some(Ok(message))) => message,
            // It was opened, and the server's first word did not pass.
            _ if !is_greeted => return no_upgrade(),
            _ => return offline(),
        };
        let said = match heard_in(&message) {
            Some(Heard::Frame(frame)) => frame,
            Some(pong) => {
                take(pong).await;
                continue;
            }
            None => continue,
        };
        if let Frame::Hello { heartbeat_ms, .. } = said {
            let ms = u64::try_from(heartbeat_ms).unwrap_or(0).clamp(1_000, 600_000);
            patience = Duration::from_millis(ms * 2 + 1_000);
            is_greeted = true;
        }
        if let Frame::Bye { code, retry_after_ms } = said {
            // That a session is over is for the answer to a request to say: one comes back and asks.
            let is_over = code.class() == ErrorClass::SignIn;
            let code = if is_over { ErrorCode::Retry } else { code };
            return ErrorBody {
                retry_after_ms,
                ..failed(code, "The server closed the connection.")
            };
        }
        if !is_greeted {
            // Without a hello it does not count as a connection, and must not be waited on for ever.
            return no_upgrade();
        }
        take(Heard::Frame(said)).await;
    }
}

fn message(said: &Said) -> Message {
    match said {
        Said::Frame(frame) => Message::text(serde_json::to_string(frame).expect("plain data")),
        Said::Ping(number) => Message::Ping(number.to_be_bytes().to_vec().into()),
    }
}

/// What a message says; what makes no sense is passed over.
fn heard_in(message: &Message) -> Option<Heard> {
    match message {
        Message::Text(text) => serde_json::from_str(text).ok().map(Heard::Frame),
        Message::Pong(number) => {
            Some(Heard::Pong(u64::from_be_bytes(number.as_ref().try_into().ok()?)))
        }
        _ => None,
    }
}

/// A socket over a connection as requests have one (RFC 6455, section 4.1).
async fn connect(http: &Http, token: &Token) -> Result<WebSocketStream<Upgraded>, ErrorBody> {
    let key = generate_key();
    let response = http.ask_for_socket(token, &key).await?;
    let accept = derive_accept_key(key.as_bytes());
    let told = response.headers().get(SEC_WEBSOCKET_ACCEPT);
    let is_socket = told.is_some_and(|told| told.as_bytes() == accept.as_bytes());
    if response.status() != StatusCode::SWITCHING_PROTOCOLS || !is_socket {
        return Err(http.no_socket(response).await);
    }
    let stream = response.upgrade().await.map_err(|error| http.no_answer(&error))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    Ok(WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await)
}

fn failed(code: ErrorCode, message: &str) -> ErrorBody {
    ErrorBody { code, message: message.into(), retry_after_ms: None }
}

fn offline() -> ErrorBody {
    failed(ErrorCode::Offline, "The connection to the server ended.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::credentials::Credentials;
    use crate::tls::Tls;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::unbounded_channel;

    /// Where the system's trust cannot be read there is no other one: nobody is connected to.
    #[tokio::test]
    async fn without_the_systems_certificates_neither_requests_nor_the_socket_trust_anybody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        let tls = Tls::by(|| Err(rustls::Error::General("no certificates".into())));
        let http = Http::trusting(tls, &server, Credentials::default());
        let Err(Error::Server(asked)) = http.find_server().await else { panic!("an answer") };
        let (_says, said) = unbounded_channel();
        let token = Token::new("token".into());
        let connected = run(&http, &token, said, |_| async {}).await;
        for error in [asked, connected] {
            assert_eq!(error.code, ErrorCode::Offline);
            assert!(error.message.contains("trusted certificates"), "{}", error.message);
        }
        let waiting = timeout(Duration::ZERO, listener.accept()).await;
        assert!(waiting.is_err(), "somebody connected");
    }

    #[tokio::test]
    async fn an_address_in_the_clear_is_asked_nothing() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let server = format!("http://0.0.0.0:{}", listener.local_addr().unwrap().port());
        let http = Http::new(&server, Credentials::default());
        let (_says, said) = unbounded_channel();
        let token = Token::new("token".into());
        let connected = run(&http, &token, said, |_| async {}).await;
        assert_eq!(connected.code, ErrorCode::Invalid);
        assert_eq!(http.sign_out().await.unwrap_err().code, ErrorCode::Invalid);
        assert!(timeout(Duration::ZERO, listener.accept()).await.is_err(), "somebody connected");
    }

    /// What a socket ends with whose server says hello and then goodbye with this code.
    async fn ends_with(code: ErrorCode) -> ErrorCode {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let hello = Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 };
            for frame in [hello, Frame::Bye { code, retry_after_ms: None }] {
                let json = serde_json::to_string(&frame).unwrap();
                socket.send(Message::text(json)).await.unwrap();
            }
        });
        let http = Http::new(&server, Credentials::default());
        let (_says, said) = unbounded_channel();
        let token = Token::new("parlour_token".to_owned());
        let ended = run(&http, &token, said, |_| std::future::ready(())).await;
        serving.await.unwrap();
        ended.code
    }

    #[tokio::test]
    async fn a_goodbye_ends_no_session_and_wipes_nothing() {
        for code in [ErrorCode::Wipe, ErrorCode::Revoked, ErrorCode::Token] {
            assert_eq!(ends_with(code).await, ErrorCode::Retry);
        }
        assert_eq!(ends_with(ErrorCode::Upgrade).await, ErrorCode::Upgrade);
    }

    /// What a socket ends with where this is the answer to whoever asks for it.
    async fn answered(answer: String) -> ErrorCode {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            assert!(stream.read(&mut asked).await.unwrap() > 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        let http = Http::new(&server, Credentials::default());
        let (_says, said) = unbounded_channel();
        let token = Token::new("parlour_token".to_owned());
        let ended = run(&http, &token, said, |_| std::future::ready(())).await;
        answering.await.unwrap();
        ended.code
    }

    fn http_answer(status: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn where_requests_pass_and_no_socket_does_that_is_what_is_said() {
        let refusal = |code: &str| format!(r#"{{"code":"{code}","message":"no"}}"#);
        let accept = "upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: bm8=\r\n";
        for (status, headers, body, code) in [
            ("200 OK", "", "<html>".to_owned(), ErrorCode::NoUpgrade),
            ("403 Forbidden", "", "blocked".into(), ErrorCode::NoUpgrade),
            ("404 Not Found", "", refusal("gone"), ErrorCode::NoUpgrade),
            ("426 Upgrade Required", "", String::new(), ErrorCode::NoUpgrade),
            ("502 Bad Gateway", "", String::new(), ErrorCode::NoUpgrade),
            ("400 Bad Request", "", refusal("no_upgrade"), ErrorCode::NoUpgrade),
            ("101 Switching Protocols", accept, String::new(), ErrorCode::NoUpgrade),
            // What the server itself says of it is its word.
            ("401 Unauthorized", "", refusal("token"), ErrorCode::Token),
            ("426 Upgrade Required", "", refusal("upgrade"), ErrorCode::Upgrade),
            ("503 Service Unavailable", "", refusal("overloaded"), ErrorCode::Overloaded),
            // And a token goes nowhere but where its user said.
            (
                "302 Found",
                "location: https://elsewhere.example\r\n",
                String::new(),
                ErrorCode::Moved,
            ),
        ] {
            let ended = answered(http_answer(status, headers, &body)).await;
            assert_eq!(ended, code, "{status} {headers} {body}");
        }
        assert_eq!(answered(String::new()).await, ErrorCode::NoUpgrade);
    }

    #[tokio::test]
    async fn where_nobody_is_there_that_is_what_is_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let http = Http::new(&server, Credentials::default());
        let (_says, said) = unbounded_channel();
        let token = Token::new("parlour_token".to_owned());
        let ended = run(&http, &token, said, |_| std::future::ready(())).await;
        assert_eq!(ended.code, ErrorCode::Offline);
    }

    /// A proxy that holds back what comes after the answer, or ends it.
    #[tokio::test]
    async fn a_socket_without_a_first_word_is_none() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            drop(tokio_tungstenite::accept_async(stream).await.unwrap());
        });
        let http = Http::new(&server, Credentials::default());
        let (_says, said) = unbounded_channel();
        let token = Token::new("parlour_token".to_owned());
        let ended = run(&http, &token, said, |_| std::future::ready(())).await;
        serving.await.unwrap();
        assert_eq!(ended.code, ErrorCode::NoUpgrade);
    }

    #[tokio::test]
    async fn a_ping_is_answered_with_its_number() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
            let hello = Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 };
            socket.send(Message::text(serde_json::to_string(&hello).unwrap())).await.unwrap();
            while let Some(Ok(_)) = socket.next().await {}
        });
        let http = Http::new(&server, Credentials::default());
        let (says, said) = unbounded_channel();
        let (heard, mut hears) = unbounded_channel();
        let running = tokio::spawn(async move {
            let token = Token::new("parlour_token".to_owned());
            let take = |what| {
                heard.send(what).unwrap();
                std::future::ready(())
            };
            run(&http, &token, said, take).await
        });
        assert!(matches!(hears.recv().await, Some(Heard::Frame(Frame::Hello { .. }))));
        says.send(Said::Ping(7)).unwrap();
        assert_eq!(hears.recv().await, Some(Heard::Pong(7)));
        running.abort();
        serving.await.unwrap();
    }
}
