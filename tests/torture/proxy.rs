//! A proxy between clients and their server that cuts, stalls and delays connections and doubles
//! requests.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// The harm that the proxy does to the data that passes.
#[derive(Debug, Default)]
pub struct Weather {
    /// Delay of each piece of data, in milliseconds.
    pub delay: AtomicU64,
    /// Percentage of the requests with an op that are made twice.
    pub doubled: AtomicU64,
    port: u16,
    connections: Mutex<JoinSet<()>>,
    doubles: AtomicU64,
}

impl Weather {
    /// Cuts every connection.
    pub fn cut(&self) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Returns the number of requests that were made twice.
    pub fn doubles(&self) -> u64 {
        self.doubles.load(Ordering::Relaxed)
    }
}

/// Starts a proxy before the server at this port. Returns the proxy's own URL.
pub async fn start(server_port: u16) -> (String, Arc<Weather>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("bound"));
    let weather = Arc::new(Weather { port: server_port, ..Weather::default() });
    let given = weather.clone();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let of_it = weather.clone();
            let mut connections =
                weather.connections.lock().unwrap_or_else(PoisonError::into_inner);
            while connections.try_join_next().is_some() {}
            connections.spawn(pass(client, of_it));
        }
    });
    (address, given)
}

async fn pass(client: TcpStream, weather: Arc<Weather>) {
    let port = weather.port;
    let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        () = carry(from_client, to_server, &weather, true) => {}
        () = carry(from_server, to_client, &weather, false) => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, weather: &Weather, asks: bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        sleep(Duration::from_millis(weather.delay.load(Ordering::Relaxed))).await;
        let piece = &buffer[..count];
        if asks && piece.starts_with(b"POST /v1/ops") && is_chosen(weather) {
            // Sends the whole request once more on another connection, and ignores the answer.
            let port = weather.port;
            if let Ok(mut again) = TcpStream::connect(("127.0.0.1", port)).await {
                weather.doubles.fetch_add(1, Ordering::Relaxed);
                let _ = again.write_all(piece).await;
                let _ = again.read(&mut [0; 1024]).await;
            }
        }
        if to.write_all(piece).await.is_err() {
            return;
        }
    }
}

fn is_chosen(weather: &Weather) -> bool {
    let dice = u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 100 / 256;
    dice < weather.doubled.load(Ordering::Relaxed)
}
