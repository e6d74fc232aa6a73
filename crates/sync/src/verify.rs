//! The schedule by which the mirror is compared with the server: a part at a time, while there is
//! nothing else to do.

use crate::now::Now;
use parlour_protocol::{ConversationId, StreamId, UserId};

/// Time from first being online to the first comparison.
const FIRST_MS: i64 = 60_000;
/// Pause between two ranges of messages.
const PAUSE_MS: i64 = 2_000;
/// Pause after a failed comparison.
const FAILED_MS: i64 = 60_000;
/// Time from the end of a pass over everything to the next pass.
const PASS_MS: i64 = 24 * 3600 * 1000;

/// A part of the mirror that is compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Everything in a stream except messages.
    State(StreamId),
    /// A range of messages that ends below a position, or at the newest one.
    Messages(ConversationId, Option<i64>),
}

/// The progress of a pass over everything: the directory, the account, and for each conversation
/// first its own rows and then its messages, the newest first.
#[derive(Debug)]
pub struct Verify {
    user_id: UserId,
    due: Option<Now>,
    requested_at: Option<Now>,
    /// The next part to compare.
    section: Option<Section>,
    is_requested: bool,
}

impl Verify {
    /// Creates the schedule for a user's mirror, before the first comparison.
    pub fn new(user_id: UserId) -> Self {
        Self { user_id, due: None, requested_at: None, section: None, is_requested: false }
    }

    /// Returns when the next part is due.
    pub fn due_at(&mut self, now: Now) -> Now {
        *self.due.get_or_insert(now + FIRST_MS)
    }

    /// Starts a pass at once, without pauses.
    pub fn start_now(&mut self, now: Now) {
        (self.due, self.requested_at, self.section, self.is_requested) =
            (Some(now), None, None, true);
    }

    /// Returns whether everything is being compared because the user requested it.
    pub fn is_requested(&self) -> bool {
        self.is_requested
    }

    /// Returns the part to compare now, if one is due.
    pub fn take_due(&mut self, now: Now) -> Option<Section> {
        if self.due_at(now) > now {
            return None;
        }
        let section = self.section.unwrap_or(Section::State(StreamId::Directory));
        self.section = Some(section);
        // A comparison that takes longer counts as lost.
        (self.requested_at, self.due) = (Some(now), Some(now + FAILED_MS));
        Some(section)
    }

    /// Records that a part was compared. `low` is the position down to which messages were compared;
    /// `None` if there are no more. `next` returns the conversation that follows another one.
    pub fn record_compared(
        &mut self,
        section: Section,
        low: Option<i64>,
        now: Now,
        next: impl Fn(Option<ConversationId>) -> Option<ConversationId>,
    ) {
        if self.requested_at.take().is_none() || self.section != Some(section) {
            return;
        }
        let first_section = |id| Section::State(StreamId::Conversation(id));
        self.section = match (section, low) {
            (Section::State(StreamId::Directory), _) => {
                Some(Section::State(StreamId::Account(self.user_id)))
            }
            (Section::State(StreamId::Account(_)), _) => next(None).map(first_section),
            (Section::State(StreamId::Conversation(id)), _) => Some(Section::Messages(id, None)),
            (Section::Messages(id, _), Some(low)) if low > 1 => {
                Some(Section::Messages(id, Some(low)))
            }
            (Section::Messages(id, _), _) => next(Some(id)).map(first_section),
        };
        let is_quick = self.is_requested || matches!(section, Section::State(_));
        self.is_requested &= self.section.is_some();
        let pause = match self.section {
            None => PASS_MS,
            Some(_) if is_quick => 0,
            Some(_) => PAUSE_MS,
        };
        self.due = Some(now + pause);
    }

    /// Records that a part could not be compared: it is retried later, and soon if the user waits for
    /// it.
    pub fn failed(&mut self, now: Now) {
        self.requested_at = None;
        self.due = Some(now + if self.is_requested { PAUSE_MS } else { FAILED_MS });
    }
}
