//! Tells the other servers on the same PostgreSQL what moved, so that their sockets hear of it.
//!
//! It carries hints only: who gets one pulls. One notifier a server sends them, after the commit and
//! never inside it, because a transaction that notifies holds a lock of the whole database; what
//! came meanwhile goes into one notification. A hint that is lost is made up for by the heartbeat's
//! watermark. Who may have missed that a session ended is told to come again, and is then checked.

use crate::db::{Change, DbError, connect};
use crate::hub::Hub;
use futures_util::StreamExt;
use parlour_protocol::{Head, SessionId, StreamId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::AsyncMessage;

const CHANNEL: &str = "parlour";
const NOTIFY: &str = "SELECT pg_notify('parlour', $1)";
/// Hints in one notification, which holds 8000 bytes at most.
const HINTS: usize = 64;
/// Time between two tries to reach PostgreSQL.
const AGAIN: Duration = Duration::from_secs(1);

/// What one notification says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Note {
    /// The server that says it, which does not listen to itself.
    from: u64,
    hints: Vec<Hint>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Hint {
    Moved(StreamId, i64),
    Joined(UserId, StreamId),
    Left(UserId, StreamId),
    Revoked(UserId, SessionId),
}

/// The way to the other servers.
pub struct Bus(UnboundedSender<Vec<Hint>>);

impl Bus {
    /// Begins to tell and to listen. Both end with the runtime.
    pub fn start(url: &str, hub: Arc<Hub>) -> Self {
        let (hints, waiting) = unbounded_channel();
        let from = rand::random();
        tokio::spawn(notify(url.to_owned(), from, waiting));
        tokio::spawn(listen(url.to_owned(), from, hub));
        Self(hints)
    }

    /// Tells the others of committed changes, soon.
    pub fn tell(&self, changes: &[Change]) {
        let hints = changes.iter().filter_map(|change| match change {
            Change::Rows(page) => Some(Hint::Moved(page.stream, page.head)),
            Change::Joined(user, stream) => Some(Hint::Joined(*user, *stream)),
            Change::Left(user, stream) => Some(Hint::Left(*user, *stream)),
            Change::Revoked(user, session) => Some(Hint::Revoked(*user, *session)),
            Change::Moved(_) => None,
        });
        // The notifier ends with the runtime, and nobody listens then.
        let _ = self.0.send(hints.collect());
    }
}

async fn notify(url: String, from: u64, mut waiting: UnboundedReceiver<Vec<Hint>>) {
    let mut client: Option<tokio_postgres::Client> = None;
    let mut batches = Vec::new();
    while waiting.recv_many(&mut batches, 1000).await > 0 {
        let hints = merge(batches.drain(..).flatten());
        for part in hints.chunks(HINTS) {
            let note = Note { from, hints: part.to_vec() };
            let text = serde_json::to_string(&note).expect("a note is plain data");
            loop {
                match tell(&url, &mut client, &text).await {
                    Ok(()) => break,
                    Err(error) => {
                        tracing::warn!(%error, "the other servers could not be told; again soon");
                        client = None;
                        tokio::time::sleep(AGAIN).await;
                    }
                }
            }
        }
    }
}

/// One hint a stream: the newest. What else happened keeps its order.
fn merge(hints: impl Iterator<Item = Hint>) -> Vec<Hint> {
    let (mut moved, mut merged) = (BTreeMap::new(), Vec::new());
    for hint in hints {
        match hint {
            Hint::Moved(stream, head) => {
                let newest = moved.entry(stream).or_insert(head);
                *newest = (*newest).max(head);
            }
            other => merged.push(other),
        }
    }
    merged.extend(moved.into_iter().map(|(stream, head)| Hint::Moved(stream, head)));
    merged
}

async fn tell(
    url: &str,
    client: &mut Option<tokio_postgres::Client>,
    text: &str,
) -> Result<(), DbError> {
    if client.is_none() {
        let (connected, connection) = connect(url).await?;
        tokio::spawn(connection);
        *client = Some(connected);
    }
    let client = client.as_ref().ok_or(DbError::Missing)?;
    Ok(client.execute(NOTIFY, &[&text]).await.map(drop)?)
}

async fn listen(url: String, from: u64, hub: Arc<Hub>) {
    let mut is_first = true;
    loop {
        if let Err(error) = hear(&url, from, &hub, &mut is_first).await {
            tracing::warn!(%error, "the other servers are not heard; again soon");
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Listens until the connection ends.
async fn hear(url: &str, from: u64, hub: &Hub, is_first: &mut bool) -> Result<(), DbError> {
    let (client, mut connection) = crate::db::connect_to_listen(url).await?;
    let listening = client.batch_execute("LISTEN parlour");
    tokio::pin!(listening);
    let mut listens = false;
    loop {
        tokio::select! {
            done = &mut listening, if !listens => {
                done?;
                listens = true;
                // What was said meanwhile was missed; sessions that ended among it.
                if !std::mem::take(is_first) {
                    hub.send_away();
                }
            }
            message = connection.next() => match message {
                Some(Ok(AsyncMessage::Notification(note))) if note.channel() == CHANNEL => {
                    take(hub, from, note.payload());
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            },
        }
    }
}

fn take(hub: &Hub, from: u64, text: &str) {
    let Ok(note) = serde_json::from_str::<Note>(text) else {
        tracing::warn!("a notification that is not ours was passed over");
        return;
    };
    if note.from == from {
        return;
    }
    let changes = note.hints.into_iter().map(|hint| match hint {
        Hint::Moved(stream, head) => Change::Moved(Head { stream, term: 0, head }),
        Hint::Joined(user, stream) => Change::Joined(user, stream),
        Hint::Left(user, stream) => Change::Left(user, stream),
        Hint::Revoked(user, session) => Change::Revoked(user, session),
    });
    hub.publish(changes.collect());
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ConversationId;
    use uuid::Uuid;

    #[test]
    fn a_stream_that_moved_often_is_told_once_and_a_note_fits() {
        let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(n)));
        let moves = (1..=1000).map(|head| Hint::Moved(stream(1), head));
        let merged = merge(moves);
        assert!(matches!(merged[..], [Hint::Moved(_, 1000)]));
        let hints: Vec<Hint> = (0..64)
            .map(|n| Hint::Left(UserId(Uuid::from_u128(n)), stream(u128::MAX - n)))
            .collect();
        let note = serde_json::to_string(&Note { from: u64::MAX, hints }).unwrap();
        assert!(note.len() < 8000, "{}", note.len());
    }
}
