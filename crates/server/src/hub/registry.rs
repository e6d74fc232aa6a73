//! The open sockets, and what they are sent.

use super::coalesce::{Outgoing, Release};
use super::hint::Hint;
use super::limits::SocketLimits;
use super::outbound::Outbound;
use super::state::{Socket, State};
use crate::db::Change;
use crate::lock::lock;
use parlour_protocol::{ConversationId, ErrorCode, Seq, SessionId, StreamId, UserId};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

/// All open sockets.
#[derive(Default)]
pub struct Hub {
    pub(super) state: Mutex<State>,
    limits: Mutex<SocketLimits>,
    /// Notified when there is something to look up in the database.
    pub(super) lookups_due: Notify,
}

/// An open socket of the hub, which is removed when this is dropped.
pub struct Subscriber {
    hub: Arc<Hub>,
    pub(super) id: u64,
    /// The queue of what to send.
    pub outbound: Arc<Outbound>,
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        lock(&self.hub.state).remove_socket(self.id);
    }
}

impl Hub {
    /// Creates a hub that sends hints to the other servers through `bus`, and receives theirs in
    /// [`Hub::receive_hints`].
    pub fn with_bus(bus: UnboundedSender<Hint>) -> Self {
        let state = Mutex::new(State { bus: Some(bus), ..State::default() });
        Self { state, ..Self::default() }
    }

    /// Sets the limits.
    pub fn with_limits(self, limits: SocketLimits) -> Self {
        self.set_limits(limits);
        self
    }

    /// Sets the limits. They apply whenever another socket is added.
    pub fn set_limits(&self, limits: SocketLimits) {
        *lock(&self.limits) = limits;
    }

    /// Returns the limits.
    #[cfg(test)]
    pub fn limits(&self) -> SocketLimits {
        *lock(&self.limits)
    }

    /// Returns the number of open sockets.
    pub fn sockets(&self) -> usize {
        lock(&self.state).sockets.len()
    }

    /// Returns the number of frames with changes that were queued for sockets since the start.
    pub fn delivered(&self) -> u64 {
        lock(&self.state).delivered
    }

    /// Adds a socket, which follows its user's account and the directory. If the session or the account has
    /// too many sockets, the oldest ones are closed.
    pub fn enter(self: &Arc<Self>, user_id: UserId, session_id: SessionId) -> Subscriber {
        let outbound = Arc::new(Outbound::new(user_id, session_id));
        let limits = *lock(&self.limits);
        let mut state = lock(&self.state);
        if state.closed {
            outbound.close(ErrorCode::Retry);
        }
        state.next_id += 1;
        let id = state.next_id;
        state.sockets.insert(id, Socket::new(outbound.clone()));
        state.sockets_by_user.entry(user_id).or_default().insert(id);
        for stream in [StreamId::Directory, StreamId::Account(user_id)] {
            state.follow(id, stream, Seq(0));
        }
        state.close_excess(user_id, Some(session_id), limits.per_session);
        state.close_excess(user_id, None, limits.per_account);
        drop(state);
        Subscriber { hub: self.clone(), id, outbound }
    }

    /// Returns a number that changes whenever the user joins or leaves a conversation.
    pub fn membership_version(&self, user_id: UserId) -> u64 {
        lock(&self.state).membership_versions.get(&user_id).copied().unwrap_or(0)
    }

    /// Makes a socket follow these conversations. Does nothing and returns false if its user has joined or
    /// left one since `version` was read; the caller then reads the memberships again.
    pub fn follow(
        &self,
        subscriber: &Subscriber,
        streams: &[(StreamId, Seq)],
        version: u64,
    ) -> bool {
        let mut state = lock(&self.state);
        let now = state.membership_versions.get(&subscriber.outbound.user_id).copied().unwrap_or(0);
        if now != version {
            return false;
        }
        for (stream, first) in streams {
            state.follow(subscriber.id, *stream, *first);
        }
        true
    }

    /// Passes on committed changes in their order, to the sockets here and to the other servers.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut state = lock(&self.state);
        for change in changes {
            match change {
                Change::Rows(page) => state.publish(Outgoing::to_everybody(page), false),
                Change::Deferrable(page) => state.publish(Outgoing::to_everybody(page), true),
                Change::RowsExceptTo { caller, page, can_wait } => {
                    state.publish(Outgoing { page, head_only: [caller].into() }, can_wait);
                }
                Change::Moved(head) => state.release(Release::Moved(head)),
                Change::Joined(user, stream, first) => {
                    state.send_hint(Hint::AccessChanged(user));
                    state.user_joined(user, stream, first);
                }
                Change::Left(user, stream) => {
                    state.send_hint(Hint::AccessChanged(user));
                    state.user_left(user, stream);
                }
                Change::Revoked(user, session, wipe) => {
                    state.send_hint(Hint::AccessChanged(user));
                    state.revoked(user, session, wipe);
                }
                Change::Epoch { .. } => {
                    state.send_hint(Hint::Epoch);
                    // The clients reconnect, and then learn the new epoch.
                    state.close_all();
                }
            }
        }
    }

    /// Runs the periodic work of every [`TICK`](super::TICK): sends the held pages, notifies the other servers that this
    /// one is running, and sends changes of presence.
    pub fn tick(&self, now: Instant) {
        let mut state = lock(&self.state);
        let released = state.coalescer.release_all();
        released.into_iter().for_each(|release| state.release(release));
        state.send_hint(Hint::Alive);
        if std::mem::take(&mut state.presence_requested) {
            state.presence_sent_at = Some(now);
            state.send_online_users();
        }
        let were_online = state.peers.forget_silent(now);
        state.record_presence(were_online);
        state.update_presence(now);
        if !state.lookups.is_empty() {
            self.lookups_due.notify_one();
        }
    }

    /// Notifies the other followers of a conversation that a user is typing, if the user's socket follows
    /// it too.
    pub fn typing(&self, subscriber: &Subscriber, conversation_id: ConversationId) {
        let state = lock(&self.state);
        let followers = state.followers.get(&StreamId::Conversation(conversation_id));
        if followers.is_some_and(|followers| followers.contains_key(&subscriber.id)) {
            state.send_hint(Hint::Typing(conversation_id, subscriber.outbound.user_id));
            state.push_typing(conversation_id, subscriber.outbound.user_id);
        }
    }

    /// Closes all sockets, and those that are added later.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.close_all();
    }
}
