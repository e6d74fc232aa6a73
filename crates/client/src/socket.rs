//! The socket: frames in, until it ends. Two missed heartbeats mean that it is dead.

use crate::address;
use crate::credentials::Token;
use crate::http::envelope;
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{ClientFrame, ErrorBody, ErrorClass, ErrorCode, Frame, limits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

const CONNECT: Duration = Duration::from_secs(15);
/// Before the first frame has told how often heartbeats come.
const FIRST_FRAME: Duration = Duration::from_secs(15);
/// Largest frame that is read, many times what a server sends.
const FRAME_BYTES: usize = 16 * limits::FRAME_BYTES;

/// Connects, hands every frame on, one when the one before was taken, says what is to be said, and answers
/// why it ended.
pub async fn run<F>(
    server: &str,
    token: &Token,
    mut said: UnboundedReceiver<ClientFrame>,
    frame: impl Fn(Frame) -> F,
) -> ErrorBody
where
    F: Future<Output = ()>,
{
    let failed =
        |code, message: &str| ErrorBody { code, message: message.into(), retry_after_ms: None };
    let offline = || failed(ErrorCode::Offline, "The connection to the server ended.");
    let Ok(mut request) = address::socket(server).into_client_request() else { return offline() };
    let Ok(value) = format!("Bearer {}", token.expose()).parse() else {
        return failed(ErrorCode::Token, "The session cannot be used.");
    };
    request.headers_mut().insert(AUTHORIZATION, value);
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let connector = server.starts_with("https").then(tls).flatten();
    let connecting = connect_async_tls_with_config(request, Some(config), true, connector);
    let mut socket = match timeout(CONNECT, connecting).await {
        Ok(Ok((socket, _))) => socket,
        Ok(Err(Error::Http(response))) => {
            let bytes = response.body().as_deref().unwrap_or_default();
            return envelope(response.status().as_u16(), bytes).unwrap_or_else(offline);
        }
        Ok(Err(_)) | Err(_) => return offline(),
    };
    let mut patience = FIRST_FRAME;
    let mut is_greeted = false;
    loop {
        let heard = async {
            loop {
                tokio::select! {
                    heard = socket.next() => return heard,
                    Some(frame) = said.recv() => {
                        let json = serde_json::to_string(&frame).expect("plain data");
                        if let Err(error) = socket.send(Message::text(json)).await {
                            return Some(Err(error));
                        }
                    }
                }
            }
        };
        let Ok(Some(Ok(message))) = timeout(patience, heard).await else {
            return offline();
        };
        let Message::Text(text) = message else { continue };
        let Ok(said) = serde_json::from_str::<Frame>(&text) else { continue };
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
            return offline();
        }
        frame(said).await;
    }
}

/// The system's own trust in certificates, as for every other request.
fn tls() -> Option<Connector> {
    use rustls_platform_verifier::ConfigVerifierExt;
    let config = rustls::ClientConfig::with_platform_verifier();
    config.ok().map(|config| Connector::Rustls(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::unbounded_channel;

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
        let (_says, said) = unbounded_channel();
        let token = Token::new("parlour_token".to_owned());
        let ended = run(&server, &token, said, |_| std::future::ready(())).await;
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
}
