//! When the mirror is compared with the server: a part at a time, while there is nothing else to do.

use crate::now::Now;
use parlour_protocol::{ConversationId, StreamId, UserId};

/// Being online for so long comes before the first comparison.
const FIRST_MS: i64 = 60_000;
/// Between two stretches of messages.
const PAUSE_MS: i64 = 2_000;
/// After one that came to nothing.
const FAILED_MS: i64 = 60_000;
/// From the end of a pass over everything to the next.
const PASS_MS: i64 = 24 * 3600 * 1000;

/// A part of the mirror that is compared at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everything in a stream but messages.
    State(StreamId),
    /// A stretch of messages that ends below a position, or at the newest one.
    Messages(ConversationId, Option<i64>),
}

/// How far a pass over everything is: the directory, the account, and of each conversation first itself
/// and then its messages, the newest first.
#[derive(Debug)]
pub struct Verify {
    user_id: UserId,
    due: Option<Now>,
    asked: Option<Now>,
    /// What comes next.
    place: Option<Place>,
    hurries: bool,
}

impl Verify {
    /// Nothing is compared yet of this person's mirror.
    pub fn new(user_id: UserId) -> Self {
        Self { user_id, due: None, asked: None, place: None, hurries: false }
    }

    /// When the next part is due.
    pub fn due_at(&mut self, now: Now) -> Now {
        *self.due.get_or_insert(now + FIRST_MS)
    }

    /// Begins a pass at once, without pauses.
    pub fn hurry(&mut self, now: Now) {
        (self.due, self.asked, self.place, self.hurries) = (Some(now), None, None, true);
    }

    /// Whether everything is being compared because somebody asked for it.
    pub fn hurries(&self) -> bool {
        self.hurries
    }

    /// What to compare now, if it is due.
    pub fn take_due(&mut self, now: Now) -> Option<Place> {
        if self.due_at(now) > now {
            return None;
        }
        let place = self.place.unwrap_or(Place::State(StreamId::Directory));
        self.place = Some(place);
        // An answer that takes longer is taken for lost.
        (self.asked, self.due) = (Some(now), Some(now + FAILED_MS));
        Some(place)
    }

    /// A part was compared, messages down to a position; nothing if there are no more of them. `next`
    /// answers the conversation that comes after another.
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

    /// It could not be compared; again later, and soon if somebody waits for it.
    pub fn failed(&mut self, now: Now) {
        self.asked = None;
        self.due = Some(now + if self.hurries { PAUSE_MS } else { FAILED_MS });
    }
}
