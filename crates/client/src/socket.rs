//! The socket: frames in, until it ends. Two missed heartbeats mean that it is dead.

use crate::address;
use crate::credentials::Token;
use crate::http::{Http, envelope};
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{ClientFrame, ErrorBody, ErrorClass, ErrorCode, Frame, limits};
use rustls::pki_types::ServerName;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::header::AUTHORIZATION;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const CONNECT: Duration = Duration::from_secs(15);
/// Before the first frame has told how often heartbeats come.
const FIRST_FRAME: Duration = Duration::from_secs(15);
/// Largest frame that is read, many times what a server sends.
const FRAME_BYTES: usize = 16 * limits::FRAME_BYTES;

/// Connects, hands every frame on, one when the one before was taken, says what is to be said, and answers
/// why it ended.
pub async fn run<F>(
    http: &Http,
    token: &Token,
    mut said: UnboundedReceiver<ClientFrame>,
    frame: impl Fn(Frame) -> F,
) -> ErrorBody
where
    F: Future<Output = ()>,
{
    let mut socket = match timeout(CONNECT, connect(http, token)).await {
        Ok(Ok(socket)) => socket,
        Ok(Err(error)) => return error,
        Err(_) => return offline(),
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

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn connect(
    http: &Http,
    token: &Token,
) -> Result<WebSocketStream<Box<dyn Stream>>, ErrorBody> {
    let server = http.server();
    address::check(server)?;
    let request = address::socket(server).into_client_request();
    let mut request = request.map_err(|_| offline())?;
    let value = format!("Bearer {}", token.expose()).parse();
    let value = value.map_err(|_| failed(ErrorCode::Token, "The session cannot be used."))?;
    request.headers_mut().insert(AUTHORIZATION, value);
    let config = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    let stream = stream(http).await?;
    match client_async_with_config(request, stream, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => {
            let bytes = response.body().as_deref().unwrap_or_default();
            Err(envelope(response.status().as_u16(), bytes).unwrap_or_else(offline))
        }
        Err(_) => Err(offline()),
    }
}

/// A connection to the server, encrypted as requests to it are, or on this computer.
async fn stream(http: &Http) -> Result<Box<dyn Stream>, ErrorBody> {
    let server = http.server();
    let is_encrypted = server.starts_with("https:");
    // Before anything is sent: where nobody can be trusted nobody is asked.
    let tls = is_encrypted.then(|| http.tls().config()).transpose()?;
    let (host, port) = address::host_and_port(server).ok_or_else(offline)?;
    let connecting = async {
        if host == "localhost" {
            let here = address::HERE.map(|address| SocketAddr::new(address.ip(), port));
            return TcpStream::connect(&here[..]).await;
        }
        TcpStream::connect((host.as_str(), port)).await
    };
    let stream = connecting.await.map_err(|_| offline())?;
    stream.set_nodelay(true).map_err(|_| offline())?;
    let Some(tls) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(host).map_err(|_| offline())?;
    let encrypted = TlsConnector::from(tls).connect(name, stream).await.map_err(|error| {
        tracing::debug!(%error, "the socket's certificate");
        offline()
    })?;
    Ok(Box::new(encrypted))
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
    use crate::credentials::Credentials;
    use crate::tls::Tls;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc::unbounded_channel;

    /// Where the system's trust cannot be read there is no other one: nobody is connected to.
    #[tokio::test]
    async fn without_the_systems_certificates_neither_requests_nor_the_socket_trust_anybody() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("https://{}", listener.local_addr().unwrap());
        let tls = Tls::by(|| Err(rustls::Error::General("no certificates".into())));
        let http = Http::trusting(tls, &server, Credentials::default());
        let asked = http.server_info().await.unwrap_err();
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
}
