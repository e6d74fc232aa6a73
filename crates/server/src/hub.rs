//! Who hears of what. The hub holds every open socket and the streams that it follows, and hands
//! each committed change to those who may see it.
//!
//! A push is a hint: a reader too slow for its queue gets heads instead of rows, and pulls.

use crate::db::Change;
use parlour_protocol::{ErrorCode, Frame, Head, Page, SessionId, StreamId, UserId};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// Most frames that wait for one reader; past it, heads.
const QUEUE_FRAMES: usize = 256;
/// Most bytes that wait for one reader; past it, heads.
const QUEUE_BYTES: usize = 1024 * 1024;

/// Every open socket.
#[derive(Default)]
pub struct Hub {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    sockets: HashMap<u64, Arc<Outbound>>,
    followers: HashMap<StreamId, HashSet<u64>>,
    /// Counts each person's leavings, so that one who leaves while their socket is being set up
    /// does not end up following what they left.
    leavings: HashMap<UserId, u64>,
    closed: bool,
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
        let mut state = self.hub.lock();
        state.sockets.remove(&self.id);
        for followers in state.followers.values_mut() {
            followers.remove(&self.id);
        }
        state.followers.retain(|_, followers| !followers.is_empty());
    }
}

impl Hub {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a socket that follows its own account and the directory.
    pub fn enter(self: &Arc<Self>, user_id: UserId, session_id: SessionId) -> Place {
        let outbound = Arc::new(Outbound {
            user_id,
            session_id,
            queue: Mutex::default(),
            waiting: Notify::new(),
        });
        let mut state = self.lock();
        if state.closed {
            outbound.bye(ErrorCode::Retry);
        }
        state.next += 1;
        let id = state.next;
        state.sockets.insert(id, outbound.clone());
        for stream in [StreamId::Directory, StreamId::Account(user_id)] {
            state.followers.entry(stream).or_default().insert(id);
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
        for stream in streams {
            state.followers.entry(*stream).or_default().insert(place.id);
        }
        true
    }

    /// Hands committed changes on, in their order.
    pub fn publish(&self, changes: Vec<Change>) {
        let mut state = self.lock();
        for change in changes {
            match change {
                Change::Rows(page) => state.push(page),
                Change::Joined(user, stream) => {
                    let theirs = state.sockets_of(|socket| socket.user_id == user);
                    state.followers.entry(stream).or_default().extend(theirs);
                }
                Change::Left(user, stream) => {
                    *state.leavings.entry(user).or_default() += 1;
                    let theirs = state.sockets_of(|socket| socket.user_id == user);
                    if let Some(followers) = state.followers.get_mut(&stream) {
                        followers.retain(|id| !theirs.contains(id));
                    }
                }
                Change::Revoked(session) => {
                    for id in state.sockets_of(|socket| socket.session_id == session) {
                        state.sockets[&id].bye(ErrorCode::Token);
                    }
                }
            }
        }
    }

    /// Says goodbye to everyone, now and to those still to come.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        for socket in state.sockets.values() {
            socket.bye(ErrorCode::Retry);
        }
    }
}

impl State {
    fn sockets_of(&self, is_theirs: impl Fn(&Outbound) -> bool) -> Vec<u64> {
        self.sockets.iter().filter(|(_, socket)| is_theirs(socket)).map(|(id, _)| *id).collect()
    }

    fn push(&self, page: Page) {
        let Some(followers) = self.followers.get(&page.stream) else { return };
        let head = Head { stream: page.stream, term: page.term, head: page.head };
        let frame: Arc<str> = to_json(&Frame::Change(page)).into();
        for id in followers {
            if let Some(socket) = self.sockets.get(id) {
                socket.push(&frame, head);
            }
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
            Change::Revoked(place.outbound.session_id),
        ]);
        let bye = Frame::Bye { code: ErrorCode::Token, retry_after_ms: None };
        assert_eq!(next(&place).await, bye);
    }
}
