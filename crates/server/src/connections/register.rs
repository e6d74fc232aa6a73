//! The open connections, by network, and what each is doing.

use super::ConnectionLimits;
use crate::limits::Network;
use crate::under_way::Turn;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// The head of a request is to come, or to go on coming.
    Head = 0,
    /// The body of a request is to come, or to go on coming.
    Body = 1,
    /// It had a request, and waits for the next one.
    Idle = 2,
    /// A request is under way.
    Busy = 3,
    /// It is a socket.
    Socket = 4,
}

/// What a connection is doing, since when, and whether it is to end.
pub struct Standing {
    began: Instant,
    /// The phase in the lowest three bits, above them the milliseconds after `began` at which it began.
    state: AtomicU64,
    cut: Notify,
}

impl Standing {
    pub(super) fn new(began: Instant) -> Arc<Self> {
        let new = Self { began, state: AtomicU64::default(), cut: Notify::new() };
        new.enter(Phase::Head);
        Arc::new(new)
    }

    fn enter(&self, phase: Phase) {
        let ms = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(0);
        self.state.store(ms << 3 | phase as u64, Ordering::Relaxed);
    }

    fn state(&self) -> (Phase, Duration) {
        let state = self.state.load(Ordering::Relaxed);
        let phases = [Phase::Head, Phase::Body, Phase::Idle, Phase::Busy, Phase::Socket];
        let phase = phases.get((state & 7) as usize).copied().unwrap_or(Phase::Socket);
        (phase, Duration::from_millis(state >> 3))
    }

    /// Notes that something came: the next request begins with it.
    pub fn hear(&self) {
        if self.state().0 == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    /// Whether no request is under way, nor its body on its way.
    pub fn is_waiting(&self) -> bool {
        matches!(self.state().0, Phase::Head | Phase::Idle)
    }

    /// Whether nothing of the server's is lost if it goes.
    fn makes_room(&self) -> bool {
        self.state().0 < Phase::Busy
    }

    /// Whether it became a socket.
    pub fn is_socket(&self) -> bool {
        self.state().0 == Phase::Socket
    }

    /// Ends when the connection is to end.
    pub async fn cut(&self) {
        self.cut.notified().await;
    }

    fn is_overdue(&self, limits: &ConnectionLimits) -> bool {
        let (phase, since) = self.state();
        let lasts = self.began.elapsed().saturating_sub(since);
        match phase {
            Phase::Head => lasts >= limits.header,
            Phase::Idle => lasts >= limits.idle,
            // A body has its own time; see `in_time` of the routes.
            Phase::Body | Phase::Busy | Phase::Socket => false,
        }
    }
}

/// While it lives, a request of the connection is under way: until its answer was handed to the
/// connection as a whole, or came to nothing.
pub struct Busy {
    standing: Arc<Standing>,
    /// Given up with it.
    turn: OnceLock<Turn>,
}

impl Busy {
    pub(super) fn begin(standing: Arc<Standing>, has_body: bool) -> Self {
        standing.enter(if has_body { Phase::Body } else { Phase::Busy });
        Self { standing, turn: OnceLock::new() }
    }

    /// All of its request is here.
    pub(super) fn has_come(&self) {
        if self.standing.state().0 == Phase::Body {
            self.standing.enter(Phase::Busy);
        }
    }

    /// Keeps the turn of whose request it is.
    pub fn hold(&self, turn: Turn) {
        // A request is one account's: it has one turn.
        let _ = self.turn.set(turn);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if !self.standing.is_socket() {
            self.standing.enter(Phase::Idle);
        }
    }
}

/// Every open connection.
pub struct Connections {
    limits: ConnectionLimits,
    is_behind_proxy: bool,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    /// How many there are, sockets among them.
    open: usize,
    /// Those that are no sockets, oldest first.
    of_network: HashMap<Network, BTreeMap<u64, Arc<Standing>>>,
}

/// A connection's place among all, given up on drop.
pub struct Entry(Arc<Connections>);

impl Drop for Entry {
    fn drop(&mut self) {
        self.0.lock().open -= 1;
    }
}

/// A connection's place among those of its network, given up on drop: when it ends or becomes a socket.
pub struct Listed {
    connections: Arc<Connections>,
    network: Network,
    id: u64,
    pub standing: Arc<Standing>,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.connections.lock().unlist(self.network, self.id);
        self.standing.enter(Phase::Socket);
    }
}

impl Connections {
    pub fn new(limits: ConnectionLimits, is_behind_proxy: bool) -> Self {
        Self { limits, is_behind_proxy, began: Instant::now(), state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection in. Where there are too many, the one that has had nothing under way for
    /// longest goes: of the same network if that has too many, else of the one that has most. Nothing
    /// if all of them are at work.
    pub fn admit(self: &Arc<Self>, network: Network) -> Option<(Entry, Listed)> {
        let mut state = self.lock();
        let limited = !self.is_behind_proxy && self.limits.of_network > 0;
        if limited && state.many_of(network) >= self.limits.of_network {
            state.make_room(network)?;
        }
        if state.open >= self.limits.connections {
            let largest = state.of_network.iter().max_by_key(|(_, all)| all.len());
            let largest = *largest?.0;
            state.make_room(largest)?;
        }
        state.next += 1;
        state.open += 1;
        let (id, standing) = (state.next, Standing::new(self.began));
        state.of_network.entry(network).or_default().insert(id, standing.clone());
        drop(state);
        let listed = Listed { connections: self.clone(), network, id, standing };
        Some((Entry(self.clone()), listed))
    }

    /// Cuts those whose time is over.
    pub fn sweep(&self) {
        let state = self.lock();
        let overdue = state.of_network.values().flat_map(BTreeMap::values);
        for standing in overdue.filter(|standing| standing.is_overdue(&self.limits)) {
            standing.cut.notify_one();
        }
    }
}

impl State {
    fn many_of(&self, network: Network) -> usize {
        self.of_network.get(&network).map_or(0, BTreeMap::len)
    }

    /// Cuts one that waits, unfinished requests before idle connections, longest first; nothing if none does.
    fn make_room(&mut self, network: Network) -> Option<()> {
        let all = self.of_network.get(&network)?.iter();
        let waiting = all.filter(|(_, standing)| standing.makes_room());
        let (&id, standing) = waiting.min_by_key(|(_, standing)| standing.state())?;
        standing.cut.notify_one();
        self.unlist(network, id);
        Some(())
    }

    fn unlist(&mut self, network: Network, id: u64) {
        if let Some(all) = self.of_network.get_mut(&network) {
            all.remove(&id);
            if all.is_empty() {
                self.of_network.remove(&network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::net::IpAddr;

    fn network(address: &str) -> Network {
        address.parse::<IpAddr>().unwrap().into()
    }

    fn connections(connections: usize, of_network: usize, proxy: bool) -> Arc<Connections> {
        let limits = ConnectionLimits { connections, of_network, ..ConnectionLimits::default() };
        Arc::new(Connections::new(limits, proxy))
    }

    fn is_cut(listed: &Listed) -> bool {
        listed.standing.cut().now_or_never().is_some()
    }

    #[test]
    fn an_unfinished_request_makes_room_before_an_idle_connection_and_a_busy_one_never_does() {
        let all = connections(100, 3, false);
        let one = network("192.0.2.1");
        let (_a, busy) = all.admit(one).unwrap();
        let (_b, idle) = all.admit(one).unwrap();
        let (_c, unfinished) = all.admit(one).unwrap();
        let working = Busy::begin(busy.standing.clone(), true);
        working.has_come();
        drop(Busy::begin(idle.standing.clone(), false));
        let (_d, fourth) = all.admit(one).unwrap();
        assert!(is_cut(&unfinished) && !is_cut(&idle) && !is_cut(&busy));
        let uploads = Busy::begin(fourth.standing.clone(), true);
        let (_e, fifth) = all.admit(one).unwrap();
        assert!(is_cut(&fourth) && !is_cut(&idle), "an unfinished body goes before, too");
        drop(uploads);
        let fourth_works = Busy::begin(fifth.standing.clone(), false);
        let (_f, sixth) = all.admit(one).unwrap();
        assert!(is_cut(&idle) && !is_cut(&busy));
        let fifth_works = Busy::begin(sixth.standing.clone(), false);
        assert!(all.admit(one).is_none(), "all of them are at work");
        assert!(all.admit(network("192.0.3.1")).is_some(), "which is nothing to another network");
        drop((working, fourth_works, fifth_works));
        assert!(all.admit(one).is_some());
    }

    #[test]
    fn the_network_with_most_makes_room_where_there_are_too_many_in_all() {
        let all = connections(3, 100, false);
        let (_a, alone) = all.admit(network("192.0.2.1")).unwrap();
        let (_b, first) = all.admit(network("198.51.100.1")).unwrap();
        let (_c, second) = all.admit(network("198.51.100.2")).unwrap();
        let (_d, _new) = all.admit(network("203.0.113.1")).unwrap();
        assert!(is_cut(&first) && !is_cut(&alone) && !is_cut(&second));
    }

    #[test]
    fn behind_a_proxy_all_come_from_one_address_and_sockets_are_not_counted_for_a_network() {
        let (behind, plain) = (connections(100, 1, true), connections(100, 1, false));
        let one = network("127.0.0.1");
        let (_a, first) = behind.admit(one).unwrap();
        let (_b, _second) = behind.admit(one).unwrap();
        assert!(!is_cut(&first));
        let (socket, listed) = plain.admit(one).unwrap();
        let standing = listed.standing.clone();
        // What HTTP was over has become a socket.
        drop(listed);
        assert!(standing.is_socket());
        assert!(plain.admit(one).is_some());
        assert_eq!(plain.lock().open, 1, "the socket alone");
        drop(socket);
        assert_eq!(plain.lock().open, 0);
    }
}
