//! What stands between a client and its server: a proxy before the server, a proxy before the
//! client, and a connection that dies silently.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The largest request head that is read, in bytes.
const HEAD_BYTES: usize = 64 * 1024;

/// The treatment of a request that opens a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// The request is passed on unchanged.
    Pass,
    /// The request is passed on without its Upgrade and Connection headers.
    Strip,
    /// The connection is closed without an answer.
    Drop,
    /// The request is never answered.
    Ignore,
}

/// A proxy before the server, which passes connections on to it.
pub struct Front {
    address: SocketAddr,
    upgrade: Arc<Mutex<Upgrade>>,
    lines: Arc<watch::Sender<u64>>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// Starts a proxy before `server` that passes everything on.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let upgrade = Arc::new(Mutex::new(Upgrade::Pass));
        let lines = Arc::new(watch::Sender::new(0));
        let (upgrades, cuts) = (upgrade.clone(), lines.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upgrade = *upgrades.lock().expect("nobody panicked");
                tokio::spawn(line(client, server, upgrade, cuts.subscribe()));
            }
        });
        Self { address, upgrade, lines, accepting }
    }

    /// Returns the proxy's URL, as a user types it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets what happens to requests for a WebSocket on connections that are opened from now on.
    pub fn set_upgrade(&self, upgrade: Upgrade) {
        *self.upgrade.lock().expect("nobody panicked") = upgrade;
    }

    /// Silences every open connection without closing it, so that neither end notices. New
    /// connections work.
    pub fn go_silent(&self) {
        self.lines.send_modify(|era| *era += 1);
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn line(
    mut client: TcpStream,
    server: SocketAddr,
    upgrade: Upgrade,
    mut cuts: watch::Receiver<u64>,
) {
    cuts.mark_unchanged();
    let relaying = async {
        let mut to = TcpStream::connect(server).await.ok()?;
        if upgrade != Upgrade::Pass {
            let head = head_of(&mut client).await?;
            match upgrade {
                Upgrade::Drop if asks_for_socket(&head) => return None,
                Upgrade::Ignore if asks_for_socket(&head) => std::future::pending().await,
                _ => {}
            }
            to.write_all(&without_upgrade(&head)).await.ok()?;
        }
        copy_bidirectional(&mut client, &mut to).await.ok()
    };
    tokio::select! {
        _ = relaying => {}
        Ok(()) = cuts.changed() => {
            // Both ends stay open and receive nothing.
            std::future::pending::<()>().await;
        }
    }
}

/// Returns a request's head, and what was read together with its end.
async fn head_of(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_BYTES || client.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

fn asks_for_socket(head: &[u8]) -> bool {
    String::from_utf8_lossy(head).to_ascii_lowercase().contains("\r\nupgrade: websocket")
}

/// Returns the request as a proxy without support for upgrades passes it on, with one connection
/// per request.
fn without_upgrade(head: &[u8]) -> Vec<u8> {
    let end = head.windows(4).position(|end| end == b"\r\n\r\n").expect("a head");
    let text = String::from_utf8_lossy(&head[..end]);
    let is_hop = |line: &str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        name == "upgrade" || name == "connection"
    };
    let kept: Vec<&str> = text.split("\r\n").filter(|line| !is_hop(line)).collect();
    let mut passed = format!("{}\r\nConnection: close", kept.join("\r\n")).into_bytes();
    passed.extend_from_slice(&head[end..]);
    passed
}

/// A proxy before the client: an HTTP proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6).
/// All of them lead to one address, whatever the client requests.
pub struct Proxy {
    /// The address on which it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    refused: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy to `target` that requires `credentials` (`Basic` and what follows it), if any.
    pub async fn to(target: SocketAddr, credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, refused) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicU64>::default());
        let (asks, refusals) = (asked.clone(), refused.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (asks, refusals) = (asks.clone(), refusals.clone());
                tokio::spawn(async move {
                    let _ = tunnel(client, target, credentials, &asks, &refusals).await;
                });
            }
        });
        Self { address, asked, refused, accepting }
    }

    /// Returns the targets of the tunnels that were opened.
    pub fn tunnels(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked").clone()
    }

    /// Returns the number of requests that were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn tunnel(
    mut client: TcpStream,
    target: SocketAddr,
    credentials: Option<&str>,
    asked: &Mutex<Vec<String>>,
    refused: &AtomicU64,
) -> Option<()> {
    let head = head_of(&mut client).await?;
    let head = String::from_utf8_lossy(&head);
    let shown = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim().to_owned())
    });
    if credentials.is_some_and(|wanted| shown.as_deref() != Some(wanted)) {
        refused.fetch_add(1, Ordering::Relaxed);
        let answer = "HTTP/1.1 407 Proxy Authentication Required\r\n\
            Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
        return client.write_all(answer.as_bytes()).await.ok();
    }
    let whereto = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    let mut server = TcpStream::connect(target).await.ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    asked.lock().expect("nobody panicked").push(whereto);
    copy_bidirectional(&mut client, &mut server).await.ok().map(drop)
}
