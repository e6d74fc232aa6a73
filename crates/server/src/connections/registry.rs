//! The open connections and their states, by network.

use super::limits::ConnectionLimits;
use super::state::{ConnectionState, Phase};
use crate::limits::Network;
use crate::lock::lock;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// All open connections.
pub struct Connections {
    limits: ConnectionLimits,
    is_behind_proxy: bool,
    began: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    /// The number of open connections, including sockets.
    open: usize,
    /// The connections that are not sockets, oldest first.
    of_network: HashMap<Network, BTreeMap<u64, Arc<ConnectionState>>>,
}

/// One connection's place among the allowed number, released on drop.
pub struct Slot(Arc<Connections>);

impl Drop for Slot {
    fn drop(&mut self) {
        lock(&self.0.state).open -= 1;
    }
}

/// A connection's entry in its network's list, removed on drop: when it ends or becomes a socket.
pub struct RegisteredConnection {
    connections: Arc<Connections>,
    network: Network,
    id: u64,
    /// The connection's state.
    pub connection: Arc<ConnectionState>,
}

impl Drop for RegisteredConnection {
    fn drop(&mut self) {
        lock(&self.connections.state).unregister(self.network, self.id);
        self.connection.enter(Phase::Socket);
    }
}

impl Connections {
    /// Creates an empty list.
    pub fn new(limits: ConnectionLimits, is_behind_proxy: bool) -> Self {
        Self { limits, is_behind_proxy, began: Instant::now(), state: Mutex::default() }
    }

    /// Admits a connection. If there are too many, the one that has waited longest is cut (see `make_room`):
    /// one of the same network if that network has too many, otherwise one of the network that has the most.
    /// Returns `None` if all of those are busy.
    pub fn admit(self: &Arc<Self>, network: Network) -> Option<(Slot, RegisteredConnection)> {
        let mut state = lock(&self.state);
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
        let (id, connection) = (state.next, ConnectionState::new(self.began));
        state.of_network.entry(network).or_default().insert(id, connection.clone());
        drop(state);
        let registered =
            RegisteredConnection { connections: self.clone(), network, id, connection };
        Some((Slot(self.clone()), registered))
    }

    /// Cuts the connections whose time is over.
    pub fn sweep(&self) {
        let state = lock(&self.state);
        let overdue = state.of_network.values().flat_map(BTreeMap::values);
        for connection in overdue.filter(|connection| connection.is_overdue(&self.limits)) {
            connection.cut();
        }
    }
}

impl State {
    fn many_of(&self, network: Network) -> usize {
        self.of_network.get(&network).map_or(0, BTreeMap::len)
    }

    /// Cuts a connection that is not busy: one with an unfinished request before an idle one, the longest-waiting
    /// first. Returns `None` if all are busy.
    fn make_room(&mut self, network: Network) -> Option<()> {
        let all = self.of_network.get(&network)?.iter();
        let waiting = all.filter(|(_, connection)| connection.makes_room());
        let (&id, connection) = waiting.min_by_key(|(_, connection)| connection.phase())?;
        connection.cut();
        self.unregister(network, id);
        Some(())
    }

    fn unregister(&mut self, network: Network, id: u64) {
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
    use super::super::request::ActiveRequest;
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

    fn is_cut(registered: &RegisteredConnection) -> bool {
        registered.connection.wait_until_cut().now_or_never().is_some()
    }

    #[test]
    fn an_unfinished_request_makes_room_before_an_idle_connection_and_a_busy_one_never_does() {
        let all = connections(100, 3, false);
        let one = network("192.0.2.1");
        let (_a, busy) = all.admit(one).unwrap();
        let (_b, idle) = all.admit(one).unwrap();
        let (_c, unfinished) = all.admit(one).unwrap();
        let working = ActiveRequest::begin(busy.connection.clone(), true);
        working.body_arrived();
        drop(ActiveRequest::begin(idle.connection.clone(), false));
        let (_d, fourth) = all.admit(one).unwrap();
        assert!(is_cut(&unfinished) && !is_cut(&idle) && !is_cut(&busy));
        let uploads = ActiveRequest::begin(fourth.connection.clone(), true);
        let (_e, fifth) = all.admit(one).unwrap();
        assert!(
            is_cut(&fourth) && !is_cut(&idle),
            "a connection with an unfinished body is cut before an idle one"
        );
        drop(uploads);
        let fourth_works = ActiveRequest::begin(fifth.connection.clone(), false);
        let (_f, sixth) = all.admit(one).unwrap();
        assert!(is_cut(&idle) && !is_cut(&busy));
        let fifth_works = ActiveRequest::begin(sixth.connection.clone(), false);
        assert!(all.admit(one).is_none(), "all of them are busy");
        assert!(all.admit(network("192.0.3.1")).is_some(), "another network is not affected");
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
        let (socket, registered) = plain.admit(one).unwrap();
        let connection = registered.connection.clone();
        // The HTTP connection has become a socket.
        drop(registered);
        assert!(connection.is_socket());
        assert!(plain.admit(one).is_some());
        assert_eq!(lock(&plain.state).open, 1, "the socket alone");
        drop(socket);
        assert_eq!(lock(&plain.state).open, 0);
    }
}
