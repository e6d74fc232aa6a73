//! The order of the outbox: first in, first out within a lane; lanes are independent of each other.

use crate::backoff::{Backoff, Jitter};
use crate::now::Now;
use parlour_protocol::{ConversationId, OpId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Maximum number of ops that are being sent at once.
const IN_FLIGHT: usize = 8;

/// Maximum number of these whose files are uploaded, which may take hours: other ops must not wait for
/// them.
const UPLOADS: usize = 3;

/// A group of ops that must be sent in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    /// The conversation.
    pub conversation: ConversationId,
    /// The kind of ops.
    pub kind: LaneKind,
}

/// The two lanes of a conversation: a read position need not wait for a refused message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// Actions that others see. A refused one stops those after it.
    Blocking,
    /// Actions that only concern the user: read, mute, draft. A refused one stops nothing. They
    /// only wait if the conversation does not exist on the server yet.
    NonBlocking,
}

/// An op of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuedOp {
    /// The op's id.
    pub id: OpId,
    /// The lane in which it waits.
    pub lane: Lane,
    /// Whether it creates the conversation.
    pub creates_conversation: bool,
    /// Whether its files are uploaded before it is sent.
    pub uploads: bool,
    /// Whether the server refused it.
    pub refused: bool,
}

#[derive(Debug, Default)]
struct Queue {
    ops: VecDeque<QueuedOp>,
    in_flight: Option<OpId>,
    /// Whether the op that is being sent has files.
    is_uploading: bool,
    backoff: Backoff,
}

/// The lanes that contain ops.
#[derive(Debug, Default)]
pub struct Lanes(BTreeMap<Lane, Queue>);

impl Lanes {
    pub fn push(&mut self, op: QueuedOp) {
        if !(op.refused && op.lane.kind == LaneKind::NonBlocking) {
            self.0.entry(op.lane).or_default().ops.push_back(op);
        }
    }

    /// Replaces the waiting ops of a lane by `ops`, in this order. An op that is being sent is
    /// not affected.
    pub fn reload(&mut self, lane: Lane, ops: impl Iterator<Item = QueuedOp>) {
        let queue = self.0.entry(lane).or_default();
        queue.ops.clear();
        queue.backoff.retry_now();
        ops.filter(|op| op.lane == lane).for_each(|op| self.push(op));
        self.remove_if_empty(lane);
    }

    /// Returns the ops that may be sent now, and marks them as being sent.
    pub fn take_due(&mut self, now: Now) -> Vec<OpId> {
        let mut capacity = IN_FLIGHT.saturating_sub(self.in_flight());
        let mut uploads = UPLOADS.saturating_sub(self.uploading());
        let mut due = Vec::new();
        let to_create: BTreeSet<ConversationId> = self.conversations_to_create().collect();
        for (lane, queue) in &mut self.0 {
            if capacity == 0 {
                break;
            }
            let Some(first) = queue.ops.front().copied() else { continue };
            let QueuedOp { id, refused, .. } = first;
            let must_wait = (lane.kind == LaneKind::NonBlocking
                && to_create.contains(&lane.conversation))
                || (first.uploads && uploads == 0);
            if queue.in_flight.is_none() && !refused && !must_wait && queue.backoff.is_due(now) {
                queue.in_flight = Some(id);
                queue.is_uploading = first.uploads;
                uploads -= usize::from(first.uploads);
                due.push(id);
                capacity -= 1;
            }
        }
        due
    }

    /// Returns the conversations that the server does not have yet.
    fn conversations_to_create(&self) -> impl Iterator<Item = ConversationId> {
        // Only the first op of a lane counts: after a refused one, the creation may wait forever,
        // and somebody else may have created the conversation.
        let creates_conversation =
            |queue: &Queue| queue.ops.front().is_some_and(|op| op.creates_conversation);
        self.0
            .iter()
            .filter(move |(_, queue)| creates_conversation(queue))
            .map(|(lane, _)| lane.conversation)
    }

    fn in_flight(&self) -> usize {
        self.0.values().filter(|queue| queue.in_flight.is_some()).count()
    }

    fn uploading(&self) -> usize {
        self.0.values().filter(|queue| queue.in_flight.is_some() && queue.is_uploading).count()
    }

    /// Returns whether no op waits to be sent, except refused ones and those that wait for their
    /// conversation.
    pub fn is_idle(&self) -> bool {
        let to_create: BTreeSet<ConversationId> = self.conversations_to_create().collect();
        let is_idle = |(lane, queue): (&Lane, &Queue)| {
            queue.in_flight.is_none()
                && (queue.ops.front().is_none_or(|op| op.refused)
                    || (lane.kind == LaneKind::NonBlocking
                        && to_create.contains(&lane.conversation)))
        };
        self.0.iter().all(is_idle)
    }

    /// Removes an op that is done or no longer exists.
    pub fn remove(&mut self, id: OpId) {
        let Some(lane) = self.lane_of(id) else { return };
        let queue = self.0.entry(lane).or_default();
        queue.ops.retain(|op| op.id != id);
        if queue.in_flight == Some(id) {
            queue.in_flight = None;
            queue.backoff = Backoff::default();
        }
        self.remove_if_empty(lane);
    }

    /// Marks an op as refused: its lane is stopped until the op is retried, edited or discarded.
    pub fn refuse(&mut self, id: OpId) {
        let Some(lane) = self.lane_of(id) else { return };
        if lane.kind == LaneKind::NonBlocking {
            return self.remove(id);
        }
        let queue = self.0.entry(lane).or_default();
        queue.in_flight = None;
        for op in &mut queue.ops {
            op.refused |= op.id == id;
        }
    }

    /// Records that an op did not reach the server: it is retried later.
    pub fn record_failure(
        &mut self,
        id: OpId,
        now: Now,
        retry_after: Option<i64>,
        jitter: &mut Jitter,
    ) {
        let Some(lane) = self.lane_of(id) else { return };
        let queue = self.0.entry(lane).or_default();
        queue.in_flight = None;
        queue.backoff.record_failure(now, retry_after, jitter);
        self.remove_if_empty(lane);
    }

    /// Makes every retry due at once.
    pub fn retry_now(&mut self) {
        for queue in self.0.values_mut() {
            queue.backoff.retry_now();
        }
    }

    /// Returns when the next retry becomes due, or `None` if none is pending.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let waiting = self.0.values().filter(|queue| queue.in_flight.is_none());
        let has_next = |queue: &&Queue| queue.ops.front().is_some_and(|op| !op.refused);
        waiting.filter(has_next).filter_map(|queue| queue.backoff.due_at(now)).min()
    }

    fn lane_of(&self, id: OpId) -> Option<Lane> {
        let contains =
            |queue: &Queue| queue.in_flight == Some(id) || queue.ops.iter().any(|op| op.id == id);
        self.0.iter().find(|(_, queue)| contains(queue)).map(|(lane, _)| *lane)
    }

    fn remove_if_empty(&mut self, lane: Lane) {
        if self.0.get(&lane).is_some_and(|queue| queue.ops.is_empty() && queue.in_flight.is_none())
        {
            self.0.remove(&lane);
        }
    }
}
