//! Who hears of what. The hub holds every open socket and the streams that it follows, and hands
//! each committed change to those who may see it.
//!
//! A push is a hint: a reader too slow for its queue gets heads instead of rows, and pulls. Typing
//! and presence are never stored and the first to be dropped.

use crate::db::Change;
use parlour_protocol::{ConversationId, ErrorCode, Frame, Head, Page, SessionId, StreamId, UserId};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Most frames that wait for one reader; past it, heads.
const QUEUE_FRAMES: usize = 256;
/// Most bytes that wait for one reader; past it, heads.
const QUEUE_BYTES: usize = 1024 * 1024;
/// Frames that wait for a reader who hears no more of typing and presence.
const QUEUE_EPHEMERAL: usize = 32;
/// Readers past which nobody is told who writes.
const TYPING_FOLLOWERS: usize = 200;
/// Most people whose presence one device looks at.
const WATCHED: usize = 200;

/// Every open socket.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    sockets: HashMap<u64, Socket>,
    of_user: HashMap<UserId, HashSet<u64>>,
    followers: HashMap<StreamId, HashSet<u64>>,
    watchers: HashMap<UserId, HashSet<u64>>,
    /// Counts each person's leavings, so that one who leaves while their socket is being set up
    /// does not end up following what they left.
    leavings: HashMap<UserId, u64>,
    closed: bool,
}

struct Socket {
    outbound: Arc<Outbound>,
    follows: HashSet<StreamId>,
    watches: Vec<UserId>,
}

/// One socket's queue.
pub struct Outbound {
    user_id: UserId,
    session_id: SessionId,
    queue: Mutex<Queue>,
    waiting: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Arc<str>>,
    bytes: usize,
    heads: BTreeMap<StreamId, Head>,
    bye: Option<ErrorCode>,
}

/// What a socket sends next.
pub enum Next {
    /// A frame, as JSON.
    Send(Arc<str>),
    /// The last one; then it closes.
    Close(Arc<str>),
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
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a socket that follows its own account and the directory.
    pub fn enter(self: &Arc<Self>, user_id: UserId, session_id: SessionId) -> Place {
        let (queue, waiting) = (Mutex::default(), Notify::new());
        let outbound = Arc::new(Outbound { user_id, session_id, queue, waiting });
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
            state.tell_presence(user_id, true);
        }
        for stream in [StreamId::Directory, StreamId::Account(user_id)] {
            state.follow(id, stream);
        }
        drop(state);
        Place { hub: self.clone(), id, outbound }
    }

    /// A number that changes when the person leaves a conversation.
    pub fn leavings(&self, user_id: UserId) -> u64 {
        self.lock().leavings.get(&user_id).copied().unwrap_or(0)
    }

    /// Lets a socket follow these conversations, unless its owner left one since `leavings` was
    /// read; then nothing is done and the caller reads the memberships again.
    pub fn follow(&self, place: &Place, streams: &[StreamId], leavings: u64) -> bool {
        let mut state = self.lock();
        let now = state.leavings.get(&place.outbound.user_id).copied().unwrap_or(0);
        if now != leavings {
            return false;
        }
        streams.iter().for_each(|stream| state.follow(place.id, *stream));
        true
    }

    /// Hands committed changes on, in their order.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut state = self.lock();
        for change in changes {
            match change {
                Change::Rows(page) => state.push(page),
                Change::Moved(head) => state.push_head(head),
                Change::Joined(user, stream) => {
                    for id in state.sockets_of(user) {
                        state.follow(id, stream);
                    }
                }
                Change::Left(user, stream) => {
                    *state.leavings.entry(user).or_default() += 1;
                    for id in state.sockets_of(user) {
                        state.unfollow(id, stream);
                    }
                }
                Change::Revoked(user, session) => {
                    for id in state.sockets_of(user) {
                        let outbound = &state.sockets[&id].outbound;
                        if outbound.session_id == session {
                            outbound.bye(ErrorCode::Token);
                        }
                    }
                }
            }
        }
    }

    /// Tells the others that this person writes, if they are in the conversation.
    pub fn typing(&self, place: &Place, conversation_id: ConversationId) {
        let state = self.lock();
        let Some(followers) = state.followers.get(&StreamId::Conversation(conversation_id)) else {
            return;
        };
        if followers.len() > TYPING_FOLLOWERS || !followers.contains(&place.id) {
            return;
        }
        let user_id = place.outbound.user_id;
        let frame: Arc<str> = to_json(&Frame::Typing { conversation_id, user_id }).into();
        for socket in followers.iter().filter_map(|id| state.sockets.get(id)) {
            if socket.outbound.user_id != user_id {
                socket.outbound.push_ephemeral(&frame);
            }
        }
    }

    /// Tells this socket whether these people are here, now and whenever that changes.
    pub fn watch(&self, place: &Place, mut users: Vec<UserId>) {
        users.truncate(WATCHED);
        let mut state = self.lock();
        state.unwatch(place.id);
        for user in &users {
            state.watchers.entry(*user).or_default().insert(place.id);
            let online = state.of_user.contains_key(user);
            let frame: Arc<str> = to_json(&Frame::Presence { user_id: *user, online }).into();
            place.outbound.push_ephemeral(&frame);
        }
        if let Some(socket) = state.sockets.get_mut(&place.id) {
            socket.watches = users;
        }
    }

    /// Says goodbye to everyone who is here; they come again, and are checked.
    pub fn send_away(&self) {
        for socket in self.lock().sockets.values() {
            socket.outbound.bye(ErrorCode::Retry);
        }
    }

    /// Says goodbye to everyone, now and to those still to come.
    pub fn close(&self) {
        self.lock().closed = true;
        self.send_away();
    }
}

impl State {
    fn sockets_of(&self, user: UserId) -> Vec<u64> {
        self.of_user.get(&user).into_iter().flatten().copied().collect()
    }

    fn follow(&mut self, id: u64, stream: StreamId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.follows.insert(stream);
            self.followers.entry(stream).or_default().insert(id);
        }
    }

    fn unfollow(&mut self, id: u64, stream: StreamId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.follows.remove(&stream);
        }
        forget(&mut self.followers, &stream, id);
    }

    fn unwatch(&mut self, id: u64) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        for user in std::mem::take(&mut socket.watches) {
            forget(&mut self.watchers, &user, id);
        }
    }

    fn leave(&mut self, id: u64) {
        self.unwatch(id);
        let Some(socket) = self.sockets.remove(&id) else { return };
        for stream in &socket.follows {
            forget(&mut self.followers, stream, id);
        }
        let user = socket.outbound.user_id;
        forget(&mut self.of_user, &user, id);
        if !self.of_user.contains_key(&user) {
            self.tell_presence(user, false);
        }
    }

    fn tell_presence(&self, user_id: UserId, online: bool) {
        let Some(watchers) = self.watchers.get(&user_id) else { return };
        let frame: Arc<str> = to_json(&Frame::Presence { user_id, online }).into();
        for socket in watchers.iter().filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_ephemeral(&frame);
        }
    }

    fn push(&self, page: Page) {
        let Some(followers) = self.followers.get(&page.stream) else { return };
        let head = Head { stream: page.stream, term: page.term, head: page.head };
        let frame: Arc<str> = to_json(&Frame::Change(page)).into();
        for socket in followers.iter().filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push(&frame, head);
        }
    }

    fn push_head(&self, head: Head) {
        let Some(followers) = self.followers.get(&head.stream) else { return };
        for socket in followers.iter().filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_head(head);
        }
    }
}

/// Takes a socket out of a set, and an empty set out of its map.
fn forget<K: std::hash::Hash + Eq>(map: &mut HashMap<K, HashSet<u64>>, key: &K, id: u64) {
    if let Some(ids) = map.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}

/// A frame as it goes over the wire.
pub fn to_json(frame: &Frame) -> String {
    serde_json::to_string(frame).expect("a frame is plain data")
}

impl Outbound {
    fn queue(&self) -> std::sync::MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, frame: &Arc<str>, head: Head) {
        let mut queue = self.queue();
        let full = queue.frames.len() >= QUEUE_FRAMES || queue.bytes + frame.len() > QUEUE_BYTES;
        if full || queue.heads.contains_key(&head.stream) {
            queue.heads.insert(head.stream, head);
        } else {
            queue.bytes += frame.len();
            queue.frames.push_back(frame.clone());
        }
        drop(queue);
        self.waiting.notify_one();
    }

    fn push_head(&self, head: Head) {
        self.queue().heads.insert(head.stream, head);
        self.waiting.notify_one();
    }

    fn push_ephemeral(&self, frame: &Arc<str>) {
        let mut queue = self.queue();
        if queue.frames.len() < QUEUE_EPHEMERAL {
            queue.bytes += frame.len();
            queue.frames.push_back(frame.clone());
            drop(queue);
            self.waiting.notify_one();
        }
    }

    fn bye(&self, code: ErrorCode) {
        self.queue().bye = Some(code);
        self.waiting.notify_one();
    }

    /// The next thing to send, once there is one.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.queue().take() {
                return next;
            }
            self.waiting.notified().await;
        }
    }
}

impl Queue {
    fn take(&mut self) -> Option<Next> {
        if let Some(code) = self.bye {
            let bye = Frame::Bye { code, retry_after_ms: None };
            return Some(Next::Close(to_json(&bye).into()));
        }
        if let Some(frame) = self.frames.pop_front() {
            self.bytes -= frame.len();
            return Some(Next::Send(frame));
        }
        if self.heads.is_empty() {
            return None;
        }
        let heads = std::mem::take(&mut self.heads).into_values().collect();
        Some(Next::Send(to_json(&Frame::Hint { heads }).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        assert!(!hub.follow(&place, &[stream], before));
        hub.publish(vec![
            Change::Rows(page(stream, 1)),
            Change::Revoked(user, place.outbound.session_id),
        ]);
        let bye = Frame::Bye { code: ErrorCode::Token, retry_after_ms: None };
        assert_eq!(next(&place).await, bye);
    }
}
