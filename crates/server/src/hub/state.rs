//! The state of the hub and its changes: the sockets, which streams they follow, and whose presence they watch.

use super::coalesce::Coalescer;
use super::hint::Hint;
use super::lookups::Lookups;
use super::outbound::Outbound;
use super::peers::Peers;
use super::presence::PresenceState;
use crate::error::revoked_code;
use parlour_protocol::{Availability, ErrorCode, Seq, SessionId, StreamId, UserId};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

/// The delay before a client may reconnect whose socket was closed in favour of a newer one. Without it, the sockets
/// of a client that opens too many by mistake would keep replacing each other.
const RECONNECT_DELAY: Duration = Duration::from_secs(60);
/// The shortest time between two reports to the other servers of who is online here.
const PRESENCE_INTERVAL: Duration = Duration::from_secs(2);

/// How often held pages and changes of presence are sent, and the other servers are notified that this one is
/// running.
pub const TICK: Duration = Duration::from_secs(2);

#[derive(Default)]
pub(super) struct State {
    pub(super) next_id: u64,
    /// The number of frames with changes that were queued for sockets.
    pub(super) delivered: u64,
    pub(super) sockets: HashMap<u64, Socket>,
    pub(super) sockets_by_user: BTreeMap<UserId, HashSet<u64>>,
    /// The sockets that follow a stream, and the first message in it that each may see.
    pub(super) followers: HashMap<StreamId, HashMap<u64, Seq>>,
    pub(super) watchers: HashMap<UserId, HashSet<u64>>,
    /// Counts each user's joins and leaves. If a user leaves a conversation while their socket is being set
    /// up, the socket does not end up following it; if they join one, the socket does follow it.
    pub(super) membership_versions: HashMap<UserId, u64>,
    pub(super) closed: bool,
    /// The pages that are held until the next message or tick.
    pub(super) coalescer: Coalescer,
    pub(super) peers: Peers,
    pub(super) presence: PresenceState,
    /// What other servers' hints require to be looked up in the database.
    pub(super) lookups: Lookups,
    /// The newest head of each stream that its followers have been sent.
    pub(super) pushed_heads: HashMap<StreamId, i64>,
    /// Whether another server requested to know who is online here.
    pub(super) presence_requested: bool,
    pub(super) presence_sent_at: Option<Instant>,
    pub(super) new_epoch: Arc<Notify>,
    /// The queue of hints for the other servers, if there can be any.
    pub(super) bus: Option<UnboundedSender<Hint>>,
}

pub(super) struct Socket {
    pub(super) outbound: Arc<Outbound>,
    pub(super) follows: HashSet<StreamId>,
    pub(super) watches: Vec<UserId>,
    /// The availability that the device reported of its user; `None` until it reports one.
    pub(super) reported: Option<Availability>,
    /// When the device last sent something; `None` before the first tick.
    pub(super) last_received_at: Option<Instant>,
    /// Whether that is so long ago that the device does not count as present.
    pub(super) is_silent: bool,
}

impl Socket {
    /// Creates a socket that follows and watches nothing.
    pub(super) fn new(outbound: Arc<Outbound>) -> Self {
        let (follows, watches) = (HashSet::new(), Vec::new());
        Self {
            outbound,
            follows,
            watches,
            reported: None,
            last_received_at: None,
            is_silent: false,
        }
    }
}

impl State {
    pub(super) fn send_hint(&self, hint: Hint) {
        if let Some(bus) = &self.bus {
            // The bus ends with the runtime; then nobody receives the hint.
            let _ = bus.send(hint);
        }
    }

    /// Sends the other servers the users who are online here. Repeating it changes nothing.
    pub(super) fn send_online_users(&self) {
        self.send_hint(Hint::Alive);
        let local = self.presence.local();
        local.for_each(|(user, state)| self.send_hint(Hint::Presence(user, state)));
    }

    /// Requests a look-up of a user, if they have sockets on this server.
    pub(super) fn request_lookup(&mut self, user: UserId) {
        if self.sockets_by_user.contains_key(&user) {
            self.lookups.people.insert(user);
        }
    }

    /// Requests a look-up of every user with sockets on this server, and of all streams that these follow.
    pub(super) fn request_all_lookups(&mut self) {
        self.lookups.people.extend(self.sockets_by_user.keys());
        self.lookups.streams.extend(self.followers.keys());
    }

    /// Sends the other servers the users who are online here: at once, or at a later tick if that was done a moment
    /// ago.
    pub(super) fn request_presence(&mut self, now: Instant) {
        if self
            .presence_sent_at
            .is_none_or(|at| now.saturating_duration_since(at) >= PRESENCE_INTERVAL)
        {
            self.presence_sent_at = Some(now);
            self.send_online_users();
        } else {
            self.presence_requested = true;
        }
    }

    pub(super) fn user_joined(&mut self, user: UserId, stream: StreamId, first: Seq) {
        if self.sockets_by_user.contains_key(&user) {
            *self.membership_versions.entry(user).or_default() += 1;
        }
        for id in self.sockets_of(user) {
            self.follow(id, stream, first);
        }
    }

    pub(super) fn user_left(&mut self, user: UserId, stream: StreamId) {
        if !self.sockets_by_user.contains_key(&user) {
            return;
        }
        *self.membership_versions.entry(user).or_default() += 1;
        for id in self.sockets_of(user) {
            self.unfollow(id, stream);
        }
    }

    pub(super) fn revoked(&self, user: UserId, session: SessionId, wipe: bool) {
        for id in self.sockets_of(user) {
            let outbound = &self.sockets[&id].outbound;
            if outbound.session_id == session {
                outbound.close(revoked_code(wipe));
            }
        }
    }

    /// Closes the oldest sockets of a user, or of one of their sessions, if there are more than `max`.
    pub(super) fn close_excess(&self, user: UserId, session: Option<SessionId>, max: usize) {
        if max == 0
            || self.sockets_by_user.get(&user).is_none_or(|user_sockets| user_sockets.len() <= max)
        {
            return;
        }
        let is_open = |id: &u64| {
            let outbound = &self.sockets[id].outbound;
            session.is_none_or(|session| outbound.session_id == session) && !outbound.is_closing()
        };
        let mut user_sockets: Vec<u64> =
            self.sockets_of(user).into_iter().filter(is_open).collect();
        user_sockets.sort_unstable();
        let too_many = user_sockets.len().saturating_sub(max);
        for id in &user_sockets[..too_many] {
            self.sockets[id].outbound.close_with_delay(RECONNECT_DELAY);
        }
    }

    pub(super) fn close_all(&self) {
        for socket in self.sockets.values() {
            socket.outbound.close(ErrorCode::Retry);
        }
    }

    pub(super) fn sockets_of(&self, user: UserId) -> Vec<u64> {
        self.sockets_by_user.get(&user).into_iter().flatten().copied().collect()
    }

    /// Makes a socket follow a stream. Returns whether it did not follow it before.
    pub(super) fn follow(&mut self, id: u64, stream: StreamId, first: Seq) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return false };
        self.followers.entry(stream).or_default().insert(id, first);
        socket.follows.insert(stream)
    }

    pub(super) fn unfollow(&mut self, id: u64, stream: StreamId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.follows.remove(&stream);
        }
        self.forget_follower(stream, id);
    }

    pub(super) fn forget_follower(&mut self, stream: StreamId, id: u64) {
        if let Some(followers) = self.followers.get_mut(&stream) {
            followers.remove(&id);
            if followers.is_empty() {
                self.followers.remove(&stream);
                self.pushed_heads.remove(&stream);
                self.lookups.streams.remove(&stream);
            }
        }
    }

    pub(super) fn unwatch(&mut self, id: u64, users: impl IntoIterator<Item = UserId>) {
        for user in users {
            forget(&mut self.watchers, &user, id);
            if !self.watchers.contains_key(&user) {
                self.presence.forget_announced(user);
            }
        }
    }

    pub(super) fn remove_socket(&mut self, id: u64) {
        let Some(mut socket) = self.sockets.remove(&id) else { return };
        self.unwatch(id, std::mem::take(&mut socket.watches));
        for stream in &socket.follows {
            self.forget_follower(*stream, id);
        }
        let user = socket.outbound.user_id;
        if let Some(user_sockets) = self.sockets_by_user.get_mut(&user) {
            user_sockets.remove(&id);
            if user_sockets.is_empty() {
                self.sockets_by_user.remove(&user);
                self.membership_versions.remove(&user);
                self.lookups.people.remove(&user);
            }
        }
        if socket.reported.is_some() {
            self.presence.mark_changed(user);
        }
    }
}

/// Removes a socket from a set, and an empty set from its map.
pub(super) fn forget<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, HashSet<u64>>,
    key: &K,
    id: u64,
) {
    if let Some(ids) = map.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}
