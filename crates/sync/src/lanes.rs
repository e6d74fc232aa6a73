//! The outbox's order: first in, first out within a lane, lanes beside each other.

use crate::Now;
use crate::backoff::{Backoff, Dice};
use parlour_protocol::{ConversationId, OpId};
use std::collections::{BTreeMap, VecDeque};

/// Most ops that are on their way at once.
const IN_FLIGHT: usize = 8;

/// Ops whose order matters among themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lane {
    /// Of which conversation.
    pub conversation: ConversationId,
    /// What kind of ops.
    pub kind: LaneKind,
}

/// A conversation has two lanes: a read position need not wait for a refused message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LaneKind {
    /// What others see.
    Deeds,
    /// How far one has read.
    Read,
}

/// An op of the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuedOp {
    /// Which.
    pub id: OpId,
    /// Where it stands in line.
    pub lane: Lane,
    /// Whether the server refused it.
    pub refused: bool,
}

#[derive(Debug, Default)]
struct Line {
    ops: VecDeque<(OpId, bool)>,
    in_flight: Option<OpId>,
    backoff: Backoff,
}

/// Every lane that holds something.
#[derive(Debug, Default)]
pub struct Lanes(BTreeMap<Lane, Line>);

impl Lanes {
    pub fn push(&mut self, op: QueuedOp) {
        self.0.entry(op.lane).or_default().ops.push_back((op.id, op.refused));
    }

    /// Drops what waits in a lane and puts these in, in this order. What is on its way stays so.
    pub fn reload(&mut self, lane: Lane, ops: impl Iterator<Item = QueuedOp>) {
        let line = self.0.entry(lane).or_default();
        line.ops = ops.filter(|op| op.lane == lane).map(|op| (op.id, op.refused)).collect();
        line.backoff.hurry();
        self.tidy(lane);
    }

    /// The ops that may go now; each is on its way from here on.
    pub fn take_due(&mut self, now: Now) -> Vec<OpId> {
        let mut room = IN_FLIGHT.saturating_sub(self.in_flight());
        let mut due = Vec::new();
        for line in self.0.values_mut() {
            if room == 0 {
                break;
            }
            let Some((id, refused)) = line.ops.front().copied() else { continue };
            if line.in_flight.is_none() && !refused && line.backoff.is_due(now) {
                line.in_flight = Some(id);
                due.push(id);
                room -= 1;
            }
        }
        due
    }

    fn in_flight(&self) -> usize {
        self.0.values().filter(|line| line.in_flight.is_some()).count()
    }

    /// Whether nothing waits to be sent but what was refused.
    pub fn is_idle(&self) -> bool {
        let stands = |line: &Line| line.ops.front().is_some_and(|(_, refused)| *refused);
        self.0
            .values()
            .all(|line| line.in_flight.is_none() && (stands(line) || line.ops.is_empty()))
    }

    /// The op is done, or gone.
    pub fn remove(&mut self, id: OpId) {
        let Some(lane) = self.lane_of(id) else { return };
        let line = self.0.entry(lane).or_default();
        line.ops.retain(|(other, _)| *other != id);
        if line.in_flight == Some(id) {
            line.in_flight = None;
            line.backoff = Backoff::default();
        }
        self.tidy(lane);
    }

    /// The op was refused: its lane stands until it is retried, edited or discarded.
    pub fn refuse(&mut self, id: OpId) {
        let Some(line) = self.lane_of(id).and_then(|lane| self.0.get_mut(&lane)) else { return };
        line.in_flight = None;
        for (other, refused) in &mut line.ops {
            *refused |= *other == id;
        }
    }

    /// The op did not get through: it is tried again later.
    pub fn fail(&mut self, id: OpId, now: Now, retry_after: Option<i64>, dice: &mut Dice) {
        let Some(lane) = self.lane_of(id) else { return };
        let line = self.0.entry(lane).or_default();
        line.in_flight = None;
        line.backoff.fail(now, retry_after, dice);
        self.tidy(lane);
    }

    /// Lets everything be tried at once.
    pub fn hurry(&mut self) {
        for line in self.0.values_mut() {
            line.backoff.hurry();
        }
    }

    /// When the next op is due that is not due yet.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let waiting = self.0.values().filter(|line| line.in_flight.is_none());
        let stands = |line: &&Line| line.ops.front().is_some_and(|(_, refused)| !refused);
        waiting.filter(stands).filter_map(|line| line.backoff.due_at(now)).min()
    }

    fn lane_of(&self, id: OpId) -> Option<Lane> {
        let holds = |line: &Line| {
            line.in_flight == Some(id) || line.ops.iter().any(|(other, _)| *other == id)
        };
        self.0.iter().find(|(_, line)| holds(line)).map(|(lane, _)| *lane)
    }

    fn tidy(&mut self, lane: Lane) {
        if self.0.get(&lane).is_some_and(|line| line.ops.is_empty() && line.in_flight.is_none()) {
            self.0.remove(&lane);
        }
    }
}
