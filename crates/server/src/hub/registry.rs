//! Every open socket, and what is handed to it.

use super::coalesce::{Outgoing, Release};
use super::frame::to_json;
use super::hint::Hint;
use super::limits::SocketLimits;
use super::outbound::Outbound;
use super::state::{Socket, State};
use crate::db::Change;
use crate::lock::lock;
use parlour_protocol::{ConversationId, ErrorCode, Frame, Seq, SessionId, StreamId, UserId};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

/// Most people whose presence one device looks at.
const WATCHED: usize = 200;
/// How often what is held goes out, and the other servers hear that this one is there.
pub const TICK: Duration = Duration::from_secs(2);

/// Every open socket.
#[derive(Default)]
pub struct Hub {
    pub(super) state: Mutex<State>,
    limits: Mutex<SocketLimits>,
    /// Told when there is something to look up.
    pub(super) recheck_due: Notify,
}

/// An open socket as the hub knows it. Dropped, it leaves the hub.
pub struct Subscriber {
    hub: Arc<Hub>,
    id: u64,
    /// What it is to send.
    pub outbound: Arc<Outbound>,
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        lock(&self.hub.state).leave(self.id);
    }
}

impl Hub {
    /// A hub that tells the other servers what it does, and hears them by [`Hub::hear`].
    pub fn with_bus(bus: UnboundedSender<Hint>) -> Self {
        let state = Mutex::new(State { bus: Some(bus), ..State::default() });
        Self { state, ..Self::default() }
    }

    /// The same with other limits.
    pub fn with_limits(self, limits: SocketLimits) -> Self {
        self.set_limits(limits);
        self
    }

    /// Lets no more sockets than this be open from the next one on that comes.
    pub fn set_limits(&self, limits: SocketLimits) {
        *lock(&self.limits) = limits;
    }

    /// How many sockets are open.
    pub fn sockets(&self) -> usize {
        lock(&self.state).sockets.len()
    }

    /// How many frames of changes were handed to sockets since the start.
    pub fn delivered(&self) -> u64 {
        lock(&self.state).delivered
    }

    /// Adds a socket that follows its own account and the directory. Where its session or its account
    /// has too many, the oldest one is told to go.
    pub fn enter(self: &Arc<Self>, user_id: UserId, session_id: SessionId) -> Subscriber {
        let outbound = Arc::new(Outbound::new(user_id, session_id));
        let limits = *lock(&self.limits);
        let mut state = lock(&self.state);
        if state.closed {
            outbound.close(ErrorCode::Retry);
        }
        state.next += 1;
        let id = state.next;
        let (follows, watches) = (HashSet::new(), Vec::new());
        state.sockets.insert(id, Socket { outbound: outbound.clone(), follows, watches });
        let theirs = state.of_user.entry(user_id).or_default();
        theirs.insert(id);
        if theirs.len() == 1 {
            state.tell(Hint::Came(user_id));
            if !state.peers.has(user_id) {
                state.tell_presence(user_id, true);
            }
        }
        for stream in [StreamId::Directory, StreamId::Account(user_id)] {
            state.follow(id, stream, Seq(0));
        }
        state.make_room(user_id, Some(session_id), limits.of_session);
        state.make_room(user_id, None, limits.of_account);
        drop(state);
        Subscriber { hub: self.clone(), id, outbound }
    }

    /// A number that changes whenever the person joins or leaves a conversation.
    pub fn membership_version(&self, user_id: UserId) -> u64 {
        lock(&self.state).membership_versions.get(&user_id).copied().unwrap_or(0)
    }

    /// Lets a socket follow these conversations, unless its owner joined or left one since `version` was
    /// read; then nothing is done and the caller reads the memberships again.
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

    /// Hands committed changes on, in their order, here and to the other servers.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut state = lock(&self.state);
        for change in changes {
            match change {
                Change::Rows(page) => state.publish(Outgoing::of(page), false),
                Change::Deferrable(page) => state.publish(Outgoing::of(page), true),
                Change::HeadOnly { by, page, can_wait } => {
                    state.publish(Outgoing { page, head_only: [by].into() }, can_wait);
                }
                Change::Moved(head) => state.release(Release::Moved(head)),
                Change::Joined(user, stream, first) => {
                    state.tell(Hint::Access(user));
                    state.joined(user, stream, first);
                }
                Change::Left(user, stream) => {
                    state.tell(Hint::Access(user));
                    state.left(user, stream);
                }
                Change::Revoked(user, session, wipe) => {
                    state.tell(Hint::Access(user));
                    state.revoked(user, session, wipe);
                }
                Change::Epoch { .. } => {
                    state.tell(Hint::Epoch);
                    // They come again, and are told which epoch it is.
                    state.close_all();
                }
            }
        }
    }

    /// What has to be done every [`TICK`].
    pub fn tick(&self, now: Instant) {
        let mut state = lock(&self.state);
        let released = state.held.release_all();
        released.into_iter().for_each(|release| state.release(release));
        state.tell(Hint::Alive);
        if std::mem::take(&mut state.presence_requested) {
            state.presence_told_at = Some(now);
            state.tell_who_is_online();
        }
        let were_there = state.peers.forget_silent(now);
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
    }

    /// Tells the others that this person writes, if they are in the conversation.
    pub fn typing(&self, subscriber: &Subscriber, conversation_id: ConversationId) {
        let state = lock(&self.state);
        let followers = state.followers.get(&StreamId::Conversation(conversation_id));
        if followers.is_some_and(|followers| followers.contains_key(&subscriber.id)) {
            state.tell(Hint::Typing(conversation_id, subscriber.outbound.user_id));
            state.push_typing(conversation_id, subscriber.outbound.user_id);
        }
    }

    /// Tells this socket whether these people are here, now and whenever that changes.
    pub fn watch(&self, subscriber: &Subscriber, mut users: Vec<UserId>) {
        users.truncate(WATCHED);
        let mut state = lock(&self.state);
        state.unwatch(subscriber.id);
        for user in &users {
            state.watchers.entry(*user).or_default().insert(subscriber.id);
            let online = state.is_online(*user);
            let frame = to_json(&Frame::Presence { user_id: *user, online });
            subscriber.outbound.push_ephemeral(&frame);
        }
        if let Some(socket) = state.sockets.get_mut(&subscriber.id) {
            socket.watches = users;
        }
    }

    /// Closes every socket, and those still to come.
    pub fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.close_all();
    }
}
