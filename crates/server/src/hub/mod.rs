//! Who hears of what. The hub holds every open socket and the streams that it follows, and hands
//! each committed change to those who may see it.
//!
//! A push is a hint: a reader too slow for its queue gets heads instead of rows, and pulls. Typing
//! and presence are never stored and the first to be dropped.

mod doubts;
mod held;
mod outbound;
mod peers;
mod state;

pub use doubts::Doubts;
pub use outbound::{Next, Outbound};

use crate::bus::Hint;
use crate::db::Change;
use held::{Held, News};
use parlour_protocol::{ConversationId, ErrorCode, Frame, Seq, SessionId, StreamId, UserId};
use peers::Peers;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

/// Readers past which nobody is told who writes.
const TYPING_FOLLOWERS: usize = 200;
/// Most people whose presence one device looks at.
const WATCHED: usize = 200;
/// When a socket may come back that made room for a newer one: where both are one client's by mistake,
/// they do not take turns at it.
const MADE_ROOM: Duration = Duration::from_secs(60);
/// How often what is held goes out, and the other servers hear that this one is there.
pub const TICK: Duration = Duration::from_secs(2);

/// How many sockets may be open; 0 for no limit.
#[derive(Debug, Clone, Copy)]
pub struct SocketLimits {
    /// Of one session: of one device.
    pub of_session: usize,
    /// Of one account.
    pub of_account: usize,
}

impl Default for SocketLimits {
    fn default() -> Self {
        Self { of_session: 4, of_account: 100 }
    }
}

/// Every open socket.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
    limits: SocketLimits,
    /// Told when there is a doubt.
    doubted: Notify,
}

#[derive(Default)]
struct State {
    next: u64,
    sockets: HashMap<u64, Socket>,
    of_user: BTreeMap<UserId, HashSet<u64>>,
    /// Who follows a stream, and the first message in it that they may see.
    followers: HashMap<StreamId, HashMap<u64, Seq>>,
    watchers: HashMap<UserId, HashSet<u64>>,
    /// Counts each person's joins and leavings, so that one who leaves while their socket is being set up
    /// does not end up following what they left, nor one who joins not following that.
    leavings: HashMap<UserId, u64>,
    closed: bool,
    /// What goes out with the next message, or at the next tick.
    held: Held,
    peers: Peers,
    /// What the database is to be asked about.
    doubts: Doubts,
    /// The newest head that followers were given of each stream.
    told: HashMap<StreamId, i64>,
    /// Whether another server wants to know who is here, and when one was last told.
    asked_who: bool,
    told_who: Option<Instant>,
    epoch_began: Arc<Notify>,
    /// The way to the other servers, where there can be some.
    bus: Option<UnboundedSender<Hint>>,
}

struct Socket {
    outbound: Arc<Outbound>,
    follows: HashSet<StreamId>,
    watches: Vec<UserId>,
}

/// A socket's place in the hub, given up on drop.
pub struct Place {
    hub: Arc<Hub>,
    id: u64,
    /// What it is to send.
    pub outbound: Arc<Outbound>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.hub.lock().leave(self.id);
    }
}

impl Hub {
    /// A hub that tells the other servers what it does, and hears them by [`Hub::hear`].
    pub fn with_bus(bus: UnboundedSender<Hint>) -> Self {
        let state = Mutex::new(State { bus: Some(bus), ..State::default() });
        Self { state, ..Self::default() }
    }

    /// The same with other limits.
    pub fn limited(self, limits: SocketLimits) -> Self {
        Self { limits, ..self }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a socket that follows its own account and the directory. Where its session or its account
    /// has too many, the oldest one is told to go.
    pub fn enter(self: &Arc<Self>, user_id: UserId, session_id: SessionId) -> Place {
        let outbound = Arc::new(Outbound::new(user_id, session_id));
        let mut state = self.lock();
        if state.closed {
            outbound.bye(ErrorCode::Retry);
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
        state.make_room(user_id, Some(session_id), self.limits.of_session);
        state.make_room(user_id, None, self.limits.of_account);
        drop(state);
        Place { hub: self.clone(), id, outbound }
    }

    /// A number that changes when the person joins or leaves a conversation.
    pub fn leavings(&self, user_id: UserId) -> u64 {
        self.lock().leavings.get(&user_id).copied().unwrap_or(0)
    }

    /// Lets a socket follow these conversations, unless its owner joined or left one since `leavings` was
    /// read; then nothing is done and the caller reads the memberships again.
    pub fn follow(&self, place: &Place, streams: &[(StreamId, Seq)], leavings: u64) -> bool {
        let mut state = self.lock();
        let now = state.leavings.get(&place.outbound.user_id).copied().unwrap_or(0);
        if now != leavings {
            return false;
        }
        for (stream, first) in streams {
            state.follow(place.id, *stream, *first);
        }
        true
    }

    /// Hands committed changes on, in their order, here and to the other servers.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut state = self.lock();
        for change in changes {
            match change {
                Change::Rows(page) => state.publish(News::of(page), false),
                Change::Later(page) => state.publish(News::of(page), true),
                Change::Apart { by, page, can_wait } => {
                    state.publish(News { page, apart: [by].into() }, can_wait);
                }
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
                    state.send_away();
                }
            }
        }
    }

    /// Waits until another server says that it began a new epoch.
    pub async fn epoch_began(&self) {
        let began = self.lock().epoch_began.clone();
        began.notified().await;
    }

    /// Takes what another server says, or somebody in its name: what it names is doubted, and what gives a
    /// right is then read from the database.
    pub fn hear(&self, server: u64, hints: Vec<Hint>, now: Instant) {
        let mut state = self.lock();
        state.peers.hear(server, now);
        for hint in hints {
            match hint {
                Hint::Hello => state.ask_who(now),
                Hint::Alive => {}
                Hint::Epoch => state.epoch_began.notify_one(),
                Hint::Moved(stream) => {
                    if state.followers.contains_key(&stream) {
                        state.doubts.streams.insert(stream);
                    }
                }
                Hint::Access(user) => state.doubt(user),
                Hint::Came(user) => {
                    let was_here = state.is_online(user);
                    state.peers.come(server, user);
                    if !was_here && state.is_online(user) {
                        state.tell_presence(user, true);
                    }
                }
                Hint::Went(user) => {
                    state.peers.go(server, user);
                    state.tell_if_gone(user);
                }
                Hint::Typing(conversation, user) => {
                    if state.is_typing_told(conversation) {
                        state.doubts.doubt_typing(conversation, user);
                    }
                }
            }
        }
        if !state.doubts.is_empty() {
            self.doubted.notify_one();
        }
    }

    /// The other servers are heard from here on; what they said before was missed, the end of
    /// sessions among it. At the start whoever is here already is looked up, with what they follow; later
    /// they are told to come again, and are then checked.
    pub fn begin_hearing(&self, is_first: bool, now: Instant) {
        let mut state = self.lock();
        let were_there = state.peers.begin(now);
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
        state.tell(Hint::Hello);
        state.tell_who_is_here();
        if is_first {
            state.doubt_all();
            self.doubted.notify_one();
        } else {
            state.send_away();
        }
    }

    /// The other servers are not heard any more.
    pub fn end_hearing(&self) {
        let mut state = self.lock();
        let were_there = state.peers.end();
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
    }

    /// What has to be done every [`TICK`].
    pub fn tick(&self, now: Instant) {
        let mut state = self.lock();
        let released = state.held.release_all();
        released.into_iter().for_each(|release| state.release(release));
        state.tell(Hint::Alive);
        if std::mem::take(&mut state.asked_who) {
            state.told_who = Some(now);
            state.tell_who_is_here();
        }
        let were_there = state.peers.forget_silent(now);
        were_there.into_iter().for_each(|user| state.tell_if_gone(user));
    }

    /// Whether other servers may be there, who must be told what moves.
    pub fn has_peers(&self, now: Instant) -> bool {
        self.lock().peers.may_be_there(now)
    }

    /// Tells the others that this person writes, if they are in the conversation.
    pub fn typing(&self, place: &Place, conversation_id: ConversationId) {
        let state = self.lock();
        let followers = state.followers.get(&StreamId::Conversation(conversation_id));
        if followers.is_some_and(|followers| followers.contains_key(&place.id)) {
            state.tell(Hint::Typing(conversation_id, place.outbound.user_id));
            state.push_typing(conversation_id, place.outbound.user_id);
        }
    }

    /// Tells this socket whether these people are here, now and whenever that changes.
    pub fn watch(&self, place: &Place, mut users: Vec<UserId>) {
        users.truncate(WATCHED);
        let mut state = self.lock();
        state.unwatch(place.id);
        for user in &users {
            state.watchers.entry(*user).or_default().insert(place.id);
            let online = state.is_online(*user);
            let frame = to_json(&Frame::Presence { user_id: *user, online });
            place.outbound.push_ephemeral(&frame);
        }
        if let Some(socket) = state.sockets.get_mut(&place.id) {
            socket.watches = users;
        }
    }

    /// Says goodbye to everyone, now and to those still to come.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.send_away();
    }
}

/// A frame as it goes over the wire; the sockets that send it share it.
pub type Json = axum::extract::ws::Utf8Bytes;

/// Writes a frame.
pub fn to_json(frame: &Frame) -> Json {
    serde_json::to_string(frame).expect("a frame is plain data").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{Head, Page};
    use uuid::Uuid;

    fn page(stream: StreamId, to: i64) -> Page {
        let from = to - 1;
        Page { epoch: "e".into(), stream, term: 0, from, to, head: to, rows: vec![] }
    }

    async fn next(place: &Place) -> Frame {
        let (Next::Send(json) | Next::Close(json)) = place.outbound.next().await;
        serde_json::from_str(&json).unwrap()
    }

    #[tokio::test]
    async fn a_slow_reader_gets_every_head_and_bounded_rows() {
        let hub = Arc::new(Hub::default());
        let user = UserId(Uuid::now_v7());
        let place = hub.enter(user, SessionId(Uuid::now_v7()));
        let stream = StreamId::Account(user);
        hub.publish((1..=1000).map(|to| Change::Rows(page(stream, to))).collect());
        for to in 1..=256 {
            assert_eq!(next(&place).await, Frame::Change(page(stream, to)));
        }
        let heads = vec![Head { stream, term: 0, head: 1000 }];
        assert_eq!(next(&place).await, Frame::Hint { heads });
    }

    #[tokio::test]
    async fn who_left_hears_no_more_even_while_their_socket_is_being_set_up() {
        let hub = Arc::new(Hub::default());
        let user = UserId(Uuid::now_v7());
        let stream = StreamId::Conversation(parlour_protocol::ConversationId(Uuid::now_v7()));
        let place = hub.enter(user, SessionId(Uuid::now_v7()));
        let before = hub.leavings(user);
        hub.publish(vec![Change::Left(user, stream)]);
        assert!(!hub.follow(&place, &[(stream, Seq(1))], before));
        hub.publish(vec![
            Change::Rows(page(stream, 1)),
            Change::Revoked(user, place.outbound.session_id, false),
        ]);
        let bye = Frame::Bye { code: ErrorCode::Revoked, retry_after_ms: None };
        assert_eq!(next(&place).await, bye);
    }

    #[tokio::test]
    async fn what_moved_before_somebody_was_known_to_follow_it_is_looked_up() {
        let (hub, now) = (Arc::new(Hub::default()), Instant::now());
        let wren = UserId(Uuid::now_v7());
        let room = StreamId::Conversation(ConversationId(Uuid::now_v7()));
        let _place = hub.enter(wren, SessionId(Uuid::now_v7()));
        // Another server says that it moved before this one knows that they joined it.
        hub.hear(7, vec![Hint::Access(wren), Hint::Moved(room)], now);
        assert_eq!(hub.take_doubts().people, [wren].into());
        assert!(hub.follow_only(wren, &[(room, Seq(1))], hub.leavings(wren)));
        assert_eq!(hub.take_doubts().streams, [room].into());
        // What they follow already is no news.
        assert!(hub.follow_only(wren, &[(room, Seq(1))], hub.leavings(wren)));
        assert!(hub.take_doubts().is_empty());
    }

    #[tokio::test]
    async fn who_came_before_the_others_were_heard_is_looked_up_and_stays() {
        let hub = Arc::new(Hub::default());
        let wren = UserId(Uuid::now_v7());
        let _place = hub.enter(wren, SessionId(Uuid::now_v7()));
        hub.begin_hearing(true, Instant::now());
        let doubts = hub.take_doubts();
        assert_eq!(doubts.people, [wren].into());
        assert_eq!(doubts.streams, [StreamId::Directory, StreamId::Account(wren)].into());
    }

    #[tokio::test]
    async fn presence_and_typing_cross_servers_and_end_with_a_server_that_falls_silent() {
        let (hub, now) = (Arc::new(Hub::default()), Instant::now());
        let (wren, oak) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
        let room = ConversationId(Uuid::now_v7());
        let place = hub.enter(wren, SessionId(Uuid::now_v7()));
        assert!(hub.follow(&place, &[(StreamId::Conversation(room), Seq(1))], 0));
        hub.watch(&place, vec![oak]);
        hub.hear(7, vec![Hint::Came(oak), Hint::Came(oak), Hint::Typing(room, oak)], now);
        assert_eq!(hub.take_doubts().typing.into_iter().collect::<Vec<_>>(), [(room, oak)]);
        hub.writes(room, oak);
        hub.tick(now + Duration::from_secs(60));
        for online in [false, true] {
            assert_eq!(next(&place).await, Frame::Presence { user_id: oak, online });
        }
        assert_eq!(next(&place).await, Frame::Typing { conversation_id: room, user_id: oak });
        assert_eq!(next(&place).await, Frame::Presence { user_id: oak, online: false });
    }
}
