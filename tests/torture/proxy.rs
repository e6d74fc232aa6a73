//! A proxy between clients and their server that cuts, stalls and delays connections and duplicates
//! requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The faults that the proxy injects.
#[derive(Debug, Default)]
pub struct Faults {
    /// Delay of each piece of data, in milliseconds.
    pub delay: AtomicU64,
    /// Percentage of the requests with an op that are sent twice.
    pub duplicate_percent: AtomicU64,
    port: u16,
    connections: Mutex<JoinSet<()>>,
    duplicates: AtomicU64,
}

impl Faults {
    /// Cuts every connection.
    pub fn cut(&self) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Returns the number of requests that were sent twice.
    pub fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }
}

/// Starts a proxy before the server at this port. Returns the proxy's own URL.
pub async fn start(server_port: u16) -> (String, Arc<Faults>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let faults = Arc::new(Faults { port: server_port, ..Faults::default() });
    let result = faults.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let shared_faults = faults.clone();
            let mut connections = faults.connections.lock().unwrap_or_else(PoisonError::into_inner);
            while connections.try_join_next().is_some() {}
            connections.spawn(relay(client, shared_faults));
        }
    });
    (address, result)
}

async fn relay(client: TcpStream, faults: Arc<Faults>) {
    let port = faults.port;
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = copy_data(from_client, to_server, &faults, true) => {}
        () = copy_data(from_server, to_client, &faults, false) => {}
    }
}

async fn copy_data(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    faults: &Faults,
    is_from_client: bool,
) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        sleep(Duration::from_millis(faults.delay.load(Ordering::Relaxed))).await;
        let piece = &buffer[..count];
        if is_from_client && piece.starts_with(b"POST /v1/ops") && is_chosen(faults) {
            // Sends the whole request once more on another connection, and ignores the response.
            let port = faults.port;
            if let Ok(mut again) = TcpStream::connect(("127.0.0.1", port)).await {
                faults.duplicates.fetch_add(1, Ordering::Relaxed);
                let _ = again.write_all(piece).await;
                let _ = again.read(&mut [0; 1024]).await;
            }
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

fn is_chosen(faults: &Faults) -> bool {
    let rng = u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 100 / 256;
    rng < faults.duplicate_percent.load(Ordering::Relaxed)
}
