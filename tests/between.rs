//! What stands between a client and its server: a proxy before the server, a proxy before the client, and a
//! line that dies without a word.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The largest head of a request that is read.
const HEAD_BYTES: usize = 64 * 1024;

/// Before the server: what comes goes on to it.
pub struct Front {
    address: SocketAddr,
    passes_upgrade: Arc<AtomicBool>,
    lines: Arc<watch::Sender<u64>>,
    accepting: JoinHandle<()>,
}

impl Front {
    /// One that passes everything on.
    pub async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let passes_upgrade = Arc::new(AtomicBool::new(true));
        let lines = Arc::new(watch::Sender::new(0));
        let (passes, cuts) = (passes_upgrade.clone(), lines.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(line(client, server, passes.clone(), cuts.subscribe()));
            }
        });
        Self { address, passes_upgrade, lines, accepting }
    }

    /// Its address, as a person types it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whether it passes on that a request asks for a socket, from here on.
    pub fn pass_upgrade(&self, passes: bool) {
        self.passes_upgrade.store(passes, Ordering::Relaxed);
    }

    /// Every line that stands dies, and neither end hears of it; new ones are as good as before.
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
    passes: Arc<AtomicBool>,
    mut cuts: watch::Receiver<u64>,
) {
    cuts.mark_unchanged();
    let relaying = async {
        let mut to = TcpStream::connect(server).await.ok()?;
        if !passes.load(Ordering::Relaxed) {
            let head = head_of(&mut client).await?;
            to.write_all(&without_upgrade(&head)).await.ok()?;
        }
        copy_bidirectional(&mut client, &mut to).await.ok()
    };
    tokio::select! {
        _ = relaying => {}
        Ok(()) = cuts.changed() => {
            // Both ends stay open, and hear nothing.
            std::future::pending::<()>().await;
        }
    }
}

/// A request's head, and what came with its end.
async fn head_of(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_BYTES || client.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// As a proxy passes a request on that knows nothing of upgrades: each on a connection of its own.
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

/// Before the client: an HTTP proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6), all to one place,
/// whatever they are asked for.
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    refused: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// One that wants these credentials (`Basic` and what belongs behind it), if any.
    pub async fn to(place: SocketAddr, credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (asked, refused) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<AtomicU64>::default());
        let (asks, refusals) = (asked.clone(), refused.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (asks, refusals) = (asks.clone(), refusals.clone());
                tokio::spawn(async move {
                    let _ = tunnel(client, place, credentials, &asks, &refusals).await;
                });
            }
        });
        Self { address, asked, refused, accepting }
    }

    /// Whereto tunnels were opened.
    pub fn tunnels(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panicked").clone()
    }

    /// How many requests it refused.
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
    place: SocketAddr,
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
    let mut server = TcpStream::connect(place).await.ok()?;
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
    asked.lock().expect("nobody panicked").push(whereto);
    copy_bidirectional(&mut client, &mut server).await.ok().map(drop)
}
