//! The two tasks of the bus in this server: one sends, one listens.

use super::hint_batch::{HintBatch, MAX_HINTS, merge, parse};
use super::transport::{Failure, Transport};
use crate::hub::{Hint, Hub};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

/// The time between two attempts to reach the transport.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Starts both ends, which stop with the hub. The returned receiver closes once everything has been sent.
pub fn run<T: Transport>(
    transport: T,
    hub: Weak<Hub>,
    hints: UnboundedReceiver<Hint>,
) -> oneshot::Receiver<()> {
    let (from, transport) = (rand::random(), Arc::new(transport));
    let (sent, all_sent) = oneshot::channel();
    tokio::spawn(listen(transport.clone(), from, hub.clone()));
    tokio::spawn(async move {
        send_hints(&*transport, from, &hub, hints).await;
        drop(sent);
    });
    all_sent
}

async fn send_hints<T: Transport>(
    transport: &T,
    from: u64,
    hub: &Weak<Hub>,
    mut hints: UnboundedReceiver<Hint>,
) {
    let mut sender = None;
    let mut batch = Vec::new();
    // Stored across failures, and merged, so that a long outage of the transport does not use up memory.
    let mut pending = Vec::new();
    while hints.recv_many(&mut batch, 1000).await > 0 {
        let is_alone = hub.upgrade().is_some_and(|hub| !hub.has_peers(Instant::now()));
        batch.retain(|hint| !(is_alone && hint.is_ephemeral()));
        pending = merge(pending.drain(..).chain(batch.drain(..)));
        while let Err(error) = send_pending(transport, from, &mut sender, &mut pending).await {
            tracing::warn!(%error, "cannot notify the other servers; retrying soon");
            (sender, pending) = (None, merge(pending.drain(..)));
            pending.retain(|hint| !matches!(hint, Hint::Typing(..)));
            if hub.strong_count() == 0 {
                return;
            }
            tokio::time::sleep(RETRY_DELAY).await;
            if !hints.is_empty() {
                hints.recv_many(&mut batch, 1000).await;
                pending.append(&mut batch);
            }
        }
    }
}

/// Sends the pending hints, and removes those that were sent.
async fn send_pending<T: Transport>(
    transport: &T,
    from: u64,
    sender: &mut Option<T::Sender>,
    pending: &mut Vec<Hint>,
) -> Result<(), Failure> {
    while !pending.is_empty() {
        let connected = match sender.take() {
            Some(connected) => connected,
            None => transport.sender().await?,
        };
        let count = MAX_HINTS.min(pending.len());
        let batch = HintBatch { from, hints: pending[..count].to_vec() };
        let text = serde_json::to_string(&batch).expect("a batch is plain data");
        T::send(&connected, text).await?;
        *sender = Some(connected);
        pending.drain(..count);
    }
    Ok(())
}

async fn listen<T: Transport>(transport: Arc<T>, from: u64, hub: Weak<Hub>) {
    let mut is_first = true;
    while hub.strong_count() > 0 {
        if let Err(error) = receive_notes(&*transport, from, &hub, &mut is_first).await {
            tracing::warn!(%error, "cannot listen to the other servers; retrying soon");
        }
        if let Some(hub) = hub.upgrade() {
            hub.bus_disconnected();
        }
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

/// Listens until the connection fails, or the hub is gone.
async fn receive_notes<T: Transport>(
    transport: &T,
    from: u64,
    hub: &Weak<Hub>,
    is_first: &mut bool,
) -> Result<(), Failure> {
    let mut receiver = transport.receiver().await?;
    if let Some(hub) = hub.upgrade() {
        hub.bus_connected(std::mem::take(is_first), Instant::now());
    }
    loop {
        let text = T::receive(&mut receiver).await?;
        let Some(hub) = hub.upgrade() else { return Ok(()) };
        match parse(&text) {
            Some(batch) if batch.from == from => {}
            Some(batch) => hub.receive_hints(batch.from, batch.hints, Instant::now()),
            None => tracing::debug!("ignored a batch that is not ours"),
        }
    }
}
