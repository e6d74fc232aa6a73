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
    started_at: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next_id: u64,
    /// The number of open connections, including sockets.
    open: usize,
    /// The connections that are not sockets, oldest first.
    per_network: HashMap<Network, BTreeMap<u64, Arc<ConnectionState>>>,
}

/// Counts one open connection, until dropped.
pub struct ConnectionGuard(Arc<Connections>);

impl Drop for ConnectionGuard {
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
        self.connection.set_phase(Phase::Socket);
    }
}

impl Connections {
    /// Creates an empty list.
    pub fn new(limits: ConnectionLimits, is_behind_proxy: bool) -> Self {
        Self { limits, is_behind_proxy, started_at: Instant::now(), state: Mutex::default() }
    }

    /// Admits a connection. If there are too many, the one that has waited longest is closed (see `close_one`): one
    /// of the same network if that network has too many, otherwise one of the network that has the most. Returns
    /// `None` if all of those are busy.
    pub fn admit(
        self: &Arc<Self>,
        network: Network,
    ) -> Option<(ConnectionGuard, RegisteredConnection)> {
        let mut state = lock(&self.state);
        let limited = !self.is_behind_proxy && self.limits.per_network > 0;
        if limited && state.count_in(network) >= self.limits.per_network {
            state.close_one(network)?;
        }
        if state.open >= self.limits.connections {
            let largest = state.per_network.iter().max_by_key(|(_, all)| all.len());
            let largest = *largest?.0;
            state.close_one(largest)?;
        }
        state.next_id += 1;
        state.open += 1;
        let (id, connection) = (state.next_id, ConnectionState::new(self.started_at));
        state.per_network.entry(network).or_default().insert(id, connection.clone());
        drop(state);
        let registered =
            RegisteredConnection { connections: self.clone(), network, id, connection };
        Some((ConnectionGuard(self.clone()), registered))
    }

    /// Closes the overdue connections.
    pub fn sweep(&self) {
        let state = lock(&self.state);
        let overdue = state.per_network.values().flat_map(BTreeMap::values);
        for connection in overdue.filter(|connection| connection.is_overdue(&self.limits)) {
            connection.close();
        }
    }
}

impl State {
    fn count_in(&self, network: Network) -> usize {
        self.per_network.get(&network).map_or(0, BTreeMap::len)
    }

    /// Closes a connection that is not busy: preferably one with an unfinished request, otherwise an idle one, and
    /// among these the one that has waited longest. Returns `None` if all are busy.
    fn close_one(&mut self, network: Network) -> Option<()> {
        let all = self.per_network.get(&network)?.iter();
        let waiting = all.filter(|(_, connection)| connection.may_be_closed());
        let (&id, connection) = waiting.min_by_key(|(_, connection)| connection.phase())?;
        connection.close();
        self.unregister(network, id);
        Some(())
    }

    fn unregister(&mut self, network: Network, id: u64) {
        if let Some(all) = self.per_network.get_mut(&network) {
            all.remove(&id);
            if all.is_empty() {
                self.per_network.remove(&network);
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

    fn connections(connections: usize, per_network: usize, proxy: bool) -> Arc<Connections> {
        let limits = ConnectionLimits { connections, per_network, ..ConnectionLimits::default() };
        Arc::new(Connections::new(limits, proxy))
    }

    fn is_closed(registered: &RegisteredConnection) -> bool {
        registered.connection.wait_until_closed().now_or_never().is_some()
    }

    #[test]
    fn unfinished_requests_are_closed_before_idle_connections_and_busy_ones_never() {
        let all = connections(100, 3, false);
        let one = network("192.0.2.1");
        let (_a, busy) = all.admit(one).unwrap();
        let (_b, idle) = all.admit(one).unwrap();
        let (_c, unfinished) = all.admit(one).unwrap();
        let working = ActiveRequest::begin(busy.connection.clone(), true);
        working.body_arrived();
        drop(ActiveRequest::begin(idle.connection.clone(), false));
        let (_d, fourth) = all.admit(one).unwrap();
        assert!(is_closed(&unfinished) && !is_closed(&idle) && !is_closed(&busy));
        let uploads = ActiveRequest::begin(fourth.connection.clone(), true);
        let (_e, fifth) = all.admit(one).unwrap();
        assert!(
            is_closed(&fourth) && !is_closed(&idle),
            "a connection with an unfinished body is closed before an idle one"
        );
        drop(uploads);
        let fourth_works = ActiveRequest::begin(fifth.connection.clone(), false);
        let (_f, sixth) = all.admit(one).unwrap();
        assert!(is_closed(&idle) && !is_closed(&busy));
        let fifth_works = ActiveRequest::begin(sixth.connection.clone(), false);
        assert!(all.admit(one).is_none(), "all of them are busy");
        assert!(all.admit(network("192.0.3.1")).is_some(), "another network is not affected");
        drop((working, fourth_works, fifth_works));
        assert!(all.admit(one).is_some());
    }

    #[test]
    fn if_there_are_too_many_in_total_one_of_the_largest_network_is_closed() {
        let all = connections(3, 100, false);
        let (_a, alone) = all.admit(network("192.0.2.1")).unwrap();
        let (_b, first) = all.admit(network("198.51.100.1")).unwrap();
        let (_c, second) = all.admit(network("198.51.100.2")).unwrap();
        let (_d, _new) = all.admit(network("203.0.113.1")).unwrap();
        assert!(is_closed(&first) && !is_closed(&alone) && !is_closed(&second));
    }

    #[test]
    fn networks_are_not_limited_behind_a_proxy_and_sockets_do_not_count_for_them() {
        let (proxied, direct) = (connections(100, 1, true), connections(100, 1, false));
        let one = network("127.0.0.1");
        let (_a, first) = proxied.admit(one).unwrap();
        let (_b, _second) = proxied.admit(one).unwrap();
        assert!(!is_closed(&first));
        let (socket, registered) = direct.admit(one).unwrap();
        let connection = registered.connection.clone();
        // The HTTP connection has become a socket.
        drop(registered);
        assert!(connection.is_socket());
        assert!(direct.admit(one).is_some());
        assert_eq!(lock(&direct.state).open, 1, "only the socket");
        drop(socket);
        assert_eq!(lock(&direct.state).open, 0);
    }
}
