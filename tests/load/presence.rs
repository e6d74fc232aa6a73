//! Many people who watch each other and come and go, to measure what presence costs the server.

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
/// Time until everybody has been told of everybody, before the measurement.
const SETTLE: Duration = Duration::from_secs(20);

/// What presence cost the server.
pub struct Cost {
    /// Number of people.
    pub people: usize,
    /// Processor time for each second while people came and went, in seconds.
    pub changing: f64,
    /// The same while the same sockets were open and nobody was watched.
    pub quiet: f64,
    /// Number of states that were told.
    pub told: u64,
}

/// Opens a socket for each person and measures the server twice: while nobody watches anybody, and while everybody
/// watches others who come and go.
pub async fn measure(options: &Options, processes: &[Process]) -> Result<Cost, String> {
    let people = person::signed_in(&options.network, options.presence).await?;
    let ids: Arc<[UserId]> = people.iter().map(|(id, _)| *id).collect();
    let (told, (begin, begun)) = (Arc::new(AtomicU64::new(0)), tokio::sync::watch::channel(false));
    for (number, (_, token)) in people.iter().enumerate() {
        let socket = options.network.open(token).await?;
        tokio::spawn(follow(socket, number, ids.clone(), told.clone(), begun.clone()));
    }
    let time = Duration::from_secs(options.seconds);
    let quiet = rate(processes, time).await;
    begin.send_replace(true);
    tokio::time::sleep(SETTLE).await;
    told.store(0, Ordering::Relaxed);
    let changing = rate(processes, time).await;
    Ok(Cost { people: ids.len(), changing, quiet, told: told.load(Ordering::Relaxed) })
}

/// Returns the processor time of the server for each second.
async fn rate(processes: &[Process], time: Duration) -> f64 {
    let used = || processes.iter().map(Process::cpu_seconds).sum::<f64>();
    let (before, began) = (used(), Instant::now());
    tokio::time::sleep(time).await;
    (used() - before) / began.elapsed().as_secs_f64()
}

async fn follow(
    mut socket: Socket,
    number: usize,
    ids: Arc<[UserId]>,
    told: Arc<AtomicU64>,
    mut begun: tokio::sync::watch::Receiver<bool>,
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
                        told.fetch_add(people.len() as u64, Ordering::Relaxed);
                    }
                    continue;
                }
                _ => return,
            },
            _ = begun.wait_for(|begun| *begun), if !watches => {
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
