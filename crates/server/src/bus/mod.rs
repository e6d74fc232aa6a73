//! Tells the other servers on the same database what moved here, so that their sockets hear of it;
//! and who is here, and who writes.
//!
//! It carries hints only, which name what to look at and are not believed: whoever can write to the carrier
//! could say anything. Where a stream goes, who may follow it and whose session has ended is read from the
//! database when a hint comes ([`crate::lookups`]); that somebody is online gives nobody a right, and is
//! taken as it is said. They go out after the commit and never inside it, and what came meanwhile goes into
//! one note. A hint that is lost is made up for by the heartbeat's
//! watermark; who may have missed that a session ended is told to come again, and is then checked.
//!
//! What carries the notes is a [`Carrier`]: PostgreSQL itself, or NATS. A server on SQLite is alone,
//! and its hub needs none.

mod nats;
mod postgres;

use crate::hub::Hub;
use async_nats::ServerAddr;
use nats::Nats;
use parlour_protocol::{ConversationId, StreamId, UserId};
use postgres::Postgres;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

/// Hints in one note.
const HINTS: usize = 64;
/// Bytes of one note at most: PostgreSQL takes no more. What is longer is not ours.
const NOTE_BYTES: usize = 8000;
/// Time between two tries to reach the carrier.
const AGAIN: Duration = Duration::from_secs(1);

/// A NATS server that carries the notes instead of PostgreSQL: `nats://HOST:PORT` on this machine, or
/// `tls://USER:PASSWORD@HOST:PORT` elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct BusAddress(String);

impl FromStr for BusAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_nats = text.starts_with("nats://") || text.starts_with("tls://");
        let address = ServerAddr::from_str(text).ok().filter(|_| is_nats);
        let address = address.ok_or("Use nats://HOST:PORT or tls://USER:PASSWORD@HOST:PORT.")?;
        let host = address.host().trim_matches(['[', ']']);
        let is_here = host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if is_here || (text.starts_with("tls://") && address.username().is_some()) {
            return Ok(Self(text.into()));
        }
        Err(
            "A NATS on another machine is reached as tls://USER:PASSWORD@HOST:PORT: who can write to \
             it, or read along, learns who talks with whom.",
        )
    }
}

impl fmt::Debug for BusAddress {
    /// Leaves the password out, so that no log can hold it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nats")
    }
}

/// Begins to tell the servers on a PostgreSQL database in this epoch, and to hear them.
pub fn start(
    database: &str,
    address: Option<&BusAddress>,
    epoch: &str,
    hub: Weak<Hub>,
    hints: UnboundedReceiver<Hint>,
) -> oneshot::Receiver<()> {
    match address {
        Some(BusAddress(url)) => {
            let subject = format!("parlour.{epoch}");
            run(Nats { url: url.clone(), subject }, hub, hints)
        }
        None => run(Postgres { url: database.into() }, hub, hints),
    }
}

/// Why a note did not get through.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries notes to every server that listens, its own included.
pub trait Carrier: Send + Sync + 'static {
    /// A connection to speak on.
    type Speaker: Send;
    /// A connection that hears every note from here on.
    type Listener: Send;

    /// Connects to speak.
    fn speaker(&self) -> impl Future<Output = Result<Self::Speaker, Failure>> + Send;
    /// Says a note of at most 8000 bytes; it is with the carrier when this returns.
    fn say(
        speaker: &Self::Speaker,
        note: String,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
    /// Connects to listen.
    fn listener(&self) -> impl Future<Output = Result<Self::Listener, Failure>> + Send;
    /// The next note. An error means that some may have been missed.
    fn hear(listener: &mut Self::Listener) -> impl Future<Output = Result<String, Failure>> + Send;
}

/// What one note says.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// The server that says it, which does not listen to itself.
    from: u64,
    hints: Vec<Hint>,
}

/// One thing that servers tell each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Hint {
    /// I listen; say who you are.
    Hello,
    /// I am there.
    Alive,
    /// A stream moved.
    Moved(StreamId),
    /// A person joined or left a conversation, or a session of theirs has ended.
    Access(UserId),
    /// A person came online here.
    Came(UserId),
    /// A person's last socket here is gone.
    Went(UserId),
    /// The database was put back, and is in a new epoch.
    Epoch,
    /// A person writes.
    Typing(ConversationId, UserId),
}

impl Hint {
    /// Whether it is of no use to servers that are not there yet.
    fn is_for_those_present(&self) -> bool {
        matches!(self, Self::Moved(..) | Self::Came(_) | Self::Went(_) | Self::Typing(..))
    }
}

/// Both ends end with the hub; the answer tells when all has been said.
fn run<C: Carrier>(
    carrier: C,
    hub: Weak<Hub>,
    hints: UnboundedReceiver<Hint>,
) -> oneshot::Receiver<()> {
    let (from, carrier) = (rand::random(), Arc::new(carrier));
    let (said, all_said) = oneshot::channel();
    tokio::spawn(listen(carrier.clone(), from, hub.clone()));
    tokio::spawn(async move {
        speak(&*carrier, from, &hub, hints).await;
        drop(said);
    });
    all_said
}

async fn speak<C: Carrier>(
    carrier: &C,
    from: u64,
    hub: &Weak<Hub>,
    mut hints: UnboundedReceiver<Hint>,
) {
    let mut speaker = None;
    let mut batch = Vec::new();
    // Kept over failures, and merged, so that a carrier that is gone for long costs no memory.
    let mut pending = Vec::new();
    while hints.recv_many(&mut batch, 1000).await > 0 {
        let is_alone = hub.upgrade().is_some_and(|hub| !hub.has_peers(Instant::now()));
        batch.retain(|hint| !(is_alone && hint.is_for_those_present()));
        pending = merge(pending.drain(..).chain(batch.drain(..)));
        while let Err(error) = say_all(carrier, from, &mut speaker, &mut pending).await {
            tracing::warn!(%error, "the other servers could not be told; again soon");
            (speaker, pending) = (None, merge(pending.drain(..)));
            pending.retain(|hint| !matches!(hint, Hint::Typing(..)));
            if hub.strong_count() == 0 {
                return;
            }
            tokio::time::sleep(AGAIN).await;
            if !hints.is_empty() {
                hints.recv_many(&mut batch, 1000).await;
                pending.append(&mut batch);
            }
        }
    }
}

/// Says what is pending, and takes out what was said.
async fn say_all<C: Carrier>(
    carrier: &C,
    from: u64,
    speaker: &mut Option<C::Speaker>,
    pending: &mut Vec<Hint>,
) -> Result<(), Failure> {
    while !pending.is_empty() {
        let speaking = match speaker.take() {
            Some(speaking) => speaking,
            None => carrier.speaker().await?,
        };
        let some = HINTS.min(pending.len());
        let note = Note { from, hints: pending[..some].to_vec() };
        let text = serde_json::to_string(&note).expect("a note is plain data");
        C::say(&speaking, text).await?;
        *speaker = Some(speaking);
        pending.drain(..some);
    }
    Ok(())
}

/// One hint a stream, and one a person of what they may do. What else happened keeps its order, and a
/// repetition is left out.
fn merge(hints: impl Iterator<Item = Hint>) -> Vec<Hint> {
    let (mut moved, mut access, mut others) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for hint in hints {
        match hint {
            Hint::Moved(stream) => drop(moved.insert(stream)),
            Hint::Access(user) => drop(access.insert(user)),
            other if others.last() == Some(&other) => {}
            other => others.push(other),
        }
    }
    let access = access.into_iter().map(Hint::Access);
    access.chain(others).chain(moved.into_iter().map(Hint::Moved)).collect()
}

async fn listen<C: Carrier>(carrier: Arc<C>, from: u64, hub: Weak<Hub>) {
    let mut is_first = true;
    while hub.strong_count() > 0 {
        if let Err(error) = hear(&*carrier, from, &hub, &mut is_first).await {
            tracing::warn!(%error, "the other servers are not heard; again soon");
        }
        if let Some(hub) = hub.upgrade() {
            hub.end_hearing();
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Listens until the connection ends, or the hub does.
async fn hear<C: Carrier>(
    carrier: &C,
    from: u64,
    hub: &Weak<Hub>,
    is_first: &mut bool,
) -> Result<(), Failure> {
    let mut listener = carrier.listener().await?;
    if let Some(hub) = hub.upgrade() {
        hub.begin_hearing(std::mem::take(is_first), Instant::now());
    }
    loop {
        let text = C::hear(&mut listener).await?;
        let Some(hub) = hub.upgrade() else { return Ok(()) };
        match read(&text) {
            Some(note) if note.from == from => {}
            Some(note) => hub.hear(note.from, note.hints, Instant::now()),
            None => tracing::debug!("a note that is not ours was passed over"),
        }
    }
}

/// A note as we write it; nothing if it is longer, or something else.
fn read(text: &str) -> Option<Note> {
    if text.len() > NOTE_BYTES {
        return None;
    }
    serde_json::from_str::<Note>(text).ok().filter(|note| note.hints.len() <= HINTS)
}

/// A note is read as it is heard, or passed over.
#[cfg(any(test, fuzzing))]
pub fn fuzz(text: &str) {
    if let Some(note) = read(text) {
        let json = serde_json::to_string(&note).expect("a note is plain data");
        let again = read(&json).expect("our own words");
        assert_eq!((again.from, &again.hints), (note.from, &note.hints));
        assert!(merge(note.hints.into_iter()).len() <= HINTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_stream_that_moved_often_is_told_once_and_a_note_fits() {
        let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(n)));
        assert_eq!(merge((1..=1000).map(|_| Hint::Moved(stream(1)))), [Hint::Moved(stream(1))]);
        let user = UserId(Uuid::from_u128(u128::MAX));
        let writes = |n| Hint::Typing(ConversationId(Uuid::from_u128(n)), user);
        let hints: Vec<Hint> = (0..HINTS as u128).map(writes).collect();
        let note = serde_json::to_string(&Note { from: u64::MAX, hints }).unwrap();
        assert!(note.len() < NOTE_BYTES, "{}", note.len());
        assert!(read(&note).is_some());
    }

    #[test]
    fn what_is_no_note_of_ours_is_passed_over() {
        let hints = vec![Hint::Alive; HINTS + 1];
        let many = serde_json::to_string(&Note { from: 1, hints }).unwrap();
        let long = format!("{}{{\"from\":1,\"hints\":[]}}", " ".repeat(NOTE_BYTES));
        let deep = "[".repeat(7000);
        let wipe = r#"{"from":1,"hints":[{"Revoked":["0","0",true]}]}"#;
        for text in ["", "{}", "null", &many, &long, &deep, wipe] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_bus_elsewhere_needs_tls_and_credentials() {
        let parse = |text: &str| text.parse::<BusAddress>();
        for good in [
            "nats://127.0.0.1:4222",
            "nats://localhost",
            "nats://[::1]:4222",
            "nats://user:secret@localhost:4222",
            "tls://user:secret@nats.example.org:4222",
            "tls://token@nats.example.org",
        ] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "redis://localhost",
            "nats://10.0.0.7:4222",
            "nats://user:secret@nats.example.org:4222",
            "tls://nats.example.org:4222",
            "nats://localhost.example.org",
            "nats://127.0.0.1@example.org",
        ] {
            let refused = parse(bad).unwrap_err();
            assert!(refused.ends_with('.'), "{bad}: {refused}");
        }
        let address = parse("tls://user:secret@nats.example.org").unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
