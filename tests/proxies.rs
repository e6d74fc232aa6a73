//! Proxies between a client and its server: a reverse proxy, whose connections can die silently, and a
//! forward proxy.

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
    /// The connection is closed without a response.
    Drop,
    /// The request is never answered.
    Ignore,
}

/// A reverse proxy, which passes connections on to the server.
pub struct ReverseProxy {
    address: SocketAddr,
    upgrade: Arc<Mutex<Upgrade>>,
    freezes: Arc<watch::Sender<u64>>,
    accepting: JoinHandle<()>,
}

impl ReverseProxy {
    /// Starts a proxy in front of `server` that passes everything on.
    pub async fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let upgrade = Arc::new(Mutex::new(Upgrade::Pass));
        let freezes = Arc::new(watch::Sender::new(0));
        let (upgrades, freeze) = (upgrade.clone(), freezes.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upgrade = *upgrades.lock().expect("nobody panicked");
                tokio::spawn(relay(client, server, upgrade, freeze.subscribe()));
            }
        });
        Self { address, upgrade, freezes, accepting }
    }

    /// Returns the proxy's URL, as a user types it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Sets what happens to requests for a WebSocket on connections that are opened from now on.
    pub fn set_upgrade(&self, upgrade: Upgrade) {
        *self.upgrade.lock().expect("nobody panicked") = upgrade;
    }

    /// Stops passing data on every open connection without closing it, so that neither end notices. New
    /// connections work.
    pub fn freeze_connections(&self) {
        self.freezes.send_modify(|count| *count += 1);
    }
}

impl Drop for ReverseProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(
    mut client: TcpStream,
    server: SocketAddr,
    upgrade: Upgrade,
    mut freeze: watch::Receiver<u64>,
) {
    freeze.mark_unchanged();
    let relaying = async {
        let mut upstream = TcpStream::connect(server).await.ok()?;
        if upgrade != Upgrade::Pass {
            let head = head_of(&mut client).await?;
            match upgrade {
                Upgrade::Drop if is_socket_request(&head) => return None,
                Upgrade::Ignore if is_socket_request(&head) => std::future::pending().await,
                _ => {}
            }
            upstream.write_all(&without_upgrade(&head)).await.ok()?;
        }
        copy_bidirectional(&mut client, &mut upstream).await.ok()
    };
    tokio::select! {
        _ = relaying => {}
        Ok(()) = freeze.changed() => {
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

fn is_socket_request(head: &[u8]) -> bool {
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
    let headers: Vec<&str> = text.split("\r\n").filter(|line| !is_hop(line)).collect();
    let mut request = format!("{}\r\nConnection: close", headers.join("\r\n")).into_bytes();
    request.extend_from_slice(&head[end..]);
    request
}

/// A forward proxy of the client: an HTTP proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6).
/// All of them lead to one address, whatever the client requests.
pub struct ForwardProxy {
    /// The address on which it listens.
    pub address: SocketAddr,
    targets: Arc<Mutex<Vec<String>>>,
    refused: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl ForwardProxy {
    /// Starts a proxy to `target` that requires `credentials` (`Basic` and what follows it), if any.
    pub async fn new(target: SocketAddr, credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (targets, refused) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicU64>::default());
        let (opened, refusals) = (targets.clone(), refused.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (opened, refusals) = (opened.clone(), refusals.clone());
                tokio::spawn(async move {
                    let _ = tunnel(client, target, credentials, &opened, &refusals).await;
                });
            }
        });
        Self { address, targets, refused, accepting }
    }

    /// Returns the targets of the tunnels that were opened.
    pub fn tunnels(&self) -> Vec<String> {
        self.targets.lock().expect("nobody panicked").clone()
    }

    /// Returns the number of requests that were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for ForwardProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn tunnel(
    mut client: TcpStream,
    target: SocketAddr,
    credentials: Option<&str>,
    targets: &Mutex<Vec<String>>,
    refused: &AtomicU64,
) -> Option<()> {
    let head = head_of(&mut client).await?;
    let head = String::from_utf8_lossy(&head);
    let received = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim().to_owned())
    });
    if credentials.is_some_and(|required| received.as_deref() != Some(required)) {
        refused.fetch_add(1, Ordering::Relaxed);
        let response = "HTTP/1.1 407 Proxy Authentication Required\r\n\
            Proxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n";
        return client.write_all(response.as_bytes()).await.ok();
    }
    let target_name = head.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    let mut server = TcpStream::connect(target).await.ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    targets.lock().expect("nobody panicked").push(target_name);
    copy_bidirectional(&mut client, &mut server).await.ok().map(drop)
}
