//! The schedule by which the mirror is compared with the server: a part at a time, while there is
//! nothing else to do.

use crate::now::Now;
use parlour_protocol::{ConversationId, StreamId, UserId};

/// Time from first being online to the first comparison.
const FIRST_MS: i64 = 60_000;
/// Pause between two stretches of messages.
const PAUSE_MS: i64 = 2_000;
/// Pause after a failed comparison.
const FAILED_MS: i64 = 60_000;
/// Time from the end of a pass over everything to the next pass.
const PASS_MS: i64 = 24 * 3600 * 1000;

/// A part of the mirror that is compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everything in a stream except messages.
    State(StreamId),
    /// A stretch of messages that ends below a position, or at the newest one.
    Messages(ConversationId, Option<i64>),
}

/// The progress of a pass over everything: the directory, the account, and for each conversation
/// first its own rows and then its messages, the newest first.
#[derive(Debug)]
pub struct Verify {
    user_id: UserId,
    due: Option<Now>,
    asked: Option<Now>,
    /// The next part to compare.
    place: Option<Place>,
    hurries: bool,
}

impl Verify {
    /// Creates the schedule for a user's mirror, of which nothing was compared yet.
    pub fn new(user_id: UserId) -> Self {
        Self { user_id, due: None, asked: None, place: None, hurries: false }
    }

    /// Returns when the next part is due.
    pub fn due_at(&mut self, now: Now) -> Now {
        *self.due.get_or_insert(now + FIRST_MS)
    }

    /// Begins a pass at once, without pauses.
    pub fn hurry(&mut self, now: Now) {
        (self.due, self.asked, self.place, self.hurries) = (Some(now), None, None, true);
    }

    /// Returns whether everything is being compared because the user requested it.
    pub fn hurries(&self) -> bool {
        self.hurries
    }

    /// Returns what to compare now, if it is due.
    pub fn take_due(&mut self, now: Now) -> Option<Place> {
        if self.due_at(now) > now {
            return None;
        }
        let place = self.place.unwrap_or(Place::State(StreamId::Directory));
        self.place = Some(place);
        // A comparison that takes longer counts as lost.
        (self.asked, self.due) = (Some(now), Some(now + FAILED_MS));
        Some(place)
    }

    /// Notes that a part was compared. `low` is the position down to which messages were compared;
    /// `None` if there are no more. `next` returns the conversation that follows another one.
    pub fn done(
        &mut self,
        place: Place,
        low: Option<i64>,
        now: Now,
        next: impl Fn(Option<ConversationId>) -> Option<ConversationId>,
    ) {
        if self.asked.take().is_none() || self.place != Some(place) {
            return;
        }
        let begin = |id| Place::State(StreamId::Conversation(id));
        self.place = match (place, low) {
            (Place::State(StreamId::Directory), _) => {
                Some(Place::State(StreamId::Account(self.user_id)))
            }
            (Place::State(StreamId::Account(_)), _) => next(None).map(begin),
            (Place::State(StreamId::Conversation(id)), _) => Some(Place::Messages(id, None)),
            (Place::Messages(id, _), Some(low)) if low > 1 => Some(Place::Messages(id, Some(low))),
            (Place::Messages(id, _), _) => next(Some(id)).map(begin),
        };
        let is_quick = self.hurries || matches!(place, Place::State(_));
        self.hurries &= self.place.is_some();
        let pause = match self.place {
            None => PASS_MS,
            Some(_) if is_quick => 0,
            Some(_) => PAUSE_MS,
        };
        self.due = Some(now + pause);
    }

    /// Notes that a part could not be compared: it is retried later, and soon if the user waits for
    /// it.
    pub fn failed(&mut self, now: Now) {
        self.asked = None;
        self.due = Some(now + if self.hurries { PAUSE_MS } else { FAILED_MS });
    }
}
