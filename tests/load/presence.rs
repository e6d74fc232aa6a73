//! Many people who watch each other and go online and offline, to measure what presence costs the server.

use crate::Options;
use crate::network::Socket;
use crate::person;
use crate::process::Process;
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{Availability, ClientFrame, Frame, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;

/// Number of others whom each person watches.
const WATCHED: usize = 100;
/// Time between two changes of a person between online and away.
const CHANGE: Duration = Duration::from_secs(60);
/// Time until everybody has received the presence of everybody, before the measurement.
const SETTLE_TIME: Duration = Duration::from_secs(20);

/// What presence cost the server.
pub struct Cost {
    /// Number of people.
    pub people: usize,
    /// Processor time per second while people change their presence, in seconds.
    pub watched: f64,
    /// The same while the sockets are open and nobody is watched.
    pub unwatched: f64,
    /// Number of states that were delivered.
    pub delivered: u64,
}

/// Opens a socket for each person and measures the server twice: while nobody watches anybody, and while
/// everybody watches others who change their presence.
pub async fn measure(options: &Options, processes: &[Process]) -> Result<Cost, String> {
    let people = person::signed_in(&options.network, options.presence).await?;
    let ids: Arc<[UserId]> = people.iter().map(|(id, _)| *id).collect();
    let (delivered, (start_watching, bootstrap)) =
        (Arc::new(AtomicU64::new(0)), tokio::sync::watch::channel(false));
    for (number, (_, token)) in people.iter().enumerate() {
        let socket = options.network.open(token).await?;
        tokio::spawn(run_person(socket, number, ids.clone(), delivered.clone(), bootstrap.clone()));
    }
    let time = Duration::from_secs(options.seconds);
    let unwatched = rate(processes, time).await;
    start_watching.send_replace(true);
    tokio::time::sleep(SETTLE_TIME).await;
    delivered.store(0, Ordering::Relaxed);
    let watched = rate(processes, time).await;
    Ok(Cost { people: ids.len(), watched, unwatched, delivered: delivered.load(Ordering::Relaxed) })
}

/// Returns the processor time of the server for each second.
async fn rate(processes: &[Process], time: Duration) -> f64 {
    let used = || processes.iter().map(Process::cpu_seconds).sum::<f64>();
    let (before, started) = (used(), Instant::now());
    tokio::time::sleep(time).await;
    (used() - before) / started.elapsed().as_secs_f64()
}

async fn run_person(
    mut socket: Socket,
    number: usize,
    ids: Arc<[UserId]>,
    delivered: Arc<AtomicU64>,
    mut bootstrap: tokio::sync::watch::Receiver<bool>,
) {
    let mut states = [Availability::Online, Availability::Away].into_iter().cycle();
    let first = tokio::time::Instant::now() + CHANGE * number as u32 / ids.len() as u32;
    let mut changes = tokio::time::interval_at(first, CHANGE);
    let mut watches = false;
    loop {
        let frame = tokio::select! {
            message = socket.next() => match message {
                Some(Ok(message)) => {
                    let frame = serde_json::from_str(message.to_text().unwrap_or_default());
                    if let Ok(Frame::Presence { people }) = frame {
                        delivered.fetch_add(people.len() as u64, Ordering::Relaxed);
                    }
                    continue;
                }
                _ => return,
            },
            _ = bootstrap.wait_for(|bootstrap| *bootstrap), if !watches => {
                watches = true;
                let others = ids.iter().cycle().skip(number + 1).take(WATCHED.min(ids.len()));
                ClientFrame::Watch { user_ids: others.copied().collect() }
            }
            _ = changes.tick(), if watches => {
                ClientFrame::Presence { state: states.next().unwrap_or(Availability::Online) }
            }
        };
        let json = serde_json::to_string(&frame).expect("plain data");
        if socket.send(Message::text(json)).await.is_err() {
            return;
        }
    }
}
