//! The queue of one socket: bounded, and reduced to heads if the client reads too slowly.

use super::frame::{Json, to_json};
use crate::lock::lock;
use parlour_protocol::{ErrorCode, Frame, Head, Presence, SessionId, StreamId, UserId, limits};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The largest number of queued frames; further changes are sent as heads.
const QUEUE_FRAMES: usize = 256;
/// The largest number of queued bytes; further changes are sent as heads.
const QUEUE_BYTES: usize = 1024 * 1024;
/// The number of queued frames from which on typing is dropped.
const QUEUE_EPHEMERAL: usize = 32;

/// The queue of one socket.
pub struct Outbound {
    pub(super) user_id: UserId,
    pub(super) session_id: SessionId,
    queue: Mutex<Queue>,
    /// Whether the device sent something since the last call of `take_received`.
    has_received: AtomicBool,
    waiting: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Json>,
    bytes: usize,
    heads: BTreeMap<StreamId, Head>,
    /// The newest state of each watched user, to be sent.
    presence: BTreeMap<UserId, Presence>,
    closing: Option<(ErrorCode, Option<i64>)>,
}

/// The next thing that a socket sends.
pub enum Next {
    /// A frame, as JSON.
    Send(Json),
    /// The last frame, after which the socket closes.
    Close(Json),
}

impl Outbound {
    pub(super) fn new(user_id: UserId, session_id: SessionId) -> Self {
        Self {
            user_id,
            session_id,
            queue: Mutex::default(),
            has_received: AtomicBool::new(false),
            waiting: Notify::new(),
        }
    }

    pub(super) fn push(&self, frame: &Json, head: Head) {
        let mut queue = lock(&self.queue);
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

    pub(super) fn push_head(&self, head: Head) {
        lock(&self.queue).heads.insert(head.stream, head);
        self.waiting.notify_one();
    }

    /// Queues the states of users, each replacing an older one of the same user.
    pub(super) fn push_presence(&self, people: impl IntoIterator<Item = Presence>) {
        let people = people.into_iter().map(|presence| (presence.user_id, presence));
        lock(&self.queue).presence.extend(people);
        self.waiting.notify_one();
    }

    /// Removes the states of all other users from the queue.
    pub(super) fn retain_presence(&self, people: &BTreeSet<UserId>) {
        lock(&self.queue).presence.retain(|user, _| people.contains(user));
    }

    /// Records that the device sent something.
    pub fn record_received(&self) {
        self.has_received.store(true, Ordering::Relaxed);
    }

    /// Returns whether the device sent something since the last call.
    pub(super) fn take_received(&self) -> bool {
        self.has_received.swap(false, Ordering::Relaxed)
    }

    /// Closes a socket whose device sends nothing any more, unless it is closing already.
    pub(super) fn close_unresponsive(&self) {
        lock(&self.queue).closing.get_or_insert((ErrorCode::Retry, None));
        self.waiting.notify_one();
    }

    pub(super) fn push_ephemeral(&self, frame: &Json) {
        let mut queue = lock(&self.queue);
        if queue.frames.len() < QUEUE_EPHEMERAL {
            queue.bytes += frame.len();
            queue.frames.push_back(frame.clone());
            drop(queue);
            self.waiting.notify_one();
        }
    }

    pub(super) fn close(&self, code: ErrorCode) {
        lock(&self.queue).closing = Some((code, None));
        self.waiting.notify_one();
    }

    /// Closes a socket whose client requests too much, and requests that it reconnects after `delay`. Does nothing if
    /// the socket is closing already.
    pub fn close_with_delay(&self, delay: Duration) {
        let ms = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        lock(&self.queue).closing.get_or_insert((ErrorCode::RateLimited, Some(ms)));
        self.waiting.notify_one();
    }

    pub(super) fn is_closing(&self) -> bool {
        lock(&self.queue).closing.is_some()
    }

    /// Returns the next thing to send, if there is one.
    pub fn take(&self) -> Option<Next> {
        lock(&self.queue).take()
    }

    /// Waits for the next thing to send.
    pub async fn next(&self) -> Next {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.waiting.notified().await;
        }
    }
}

impl Queue {
    fn take(&mut self) -> Option<Next> {
        if let Some((code, retry_after_ms)) = self.closing {
            let bye = Frame::Bye { code, retry_after_ms };
            return Some(Next::Close(to_json(&bye)));
        }
        if let Some(frame) = self.frames.pop_front() {
            self.bytes -= frame.len();
            return Some(Next::Send(frame));
        }
        if self.heads.is_empty() {
            let people: Vec<Presence> = std::mem::take(&mut self.presence).into_values().collect();
            return (!people.is_empty()).then(|| Next::Send(to_json(&Frame::Presence { people })));
        }
        let mut heads: Vec<Head> = Vec::new();
        while heads.len() < limits::HINT_HEADS
            && let Some((_, head)) = self.heads.pop_first()
        {
            heads.push(head);
        }
        Some(Next::Send(to_json(&Frame::Hint { heads })))
    }
}
