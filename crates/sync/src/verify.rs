//! When the mirror is compared with the server: a stretch at a time, while there is nothing else to do.

use crate::Now;
use parlour_protocol::ConversationId;

/// Being online for so long comes before the first comparison.
const FIRST_MS: i64 = 60_000;
/// Between two stretches.
const PAUSE_MS: i64 = 2_000;
/// After one that came to nothing.
const FAILED_MS: i64 = 60_000;
/// From the end of a pass over everything to the next.
const PASS_MS: i64 = 24 * 3600 * 1000;

/// How far a pass over everything is.
#[derive(Debug, Default)]
pub struct Verify {
    due: Option<Now>,
    asked: Option<Now>,
    /// What comes next: a conversation, and below which position.
    place: Option<(ConversationId, Option<i64>)>,
    hurries: bool,
}

impl Verify {
    /// When the next stretch is due.
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

    /// What to compare now, if it is due. `next` answers the conversation that comes after another.
    pub fn take_due(
        &mut self,
        now: Now,
        next: impl Fn(Option<ConversationId>) -> Option<ConversationId>,
    ) -> Option<(ConversationId, Option<i64>)> {
        if self.due_at(now) > now {
            return None;
        }
        let place = self.place.or_else(|| next(None).map(|first| (first, None)));
        self.place = place;
        // An answer that takes longer is taken for lost.
        (self.asked, self.due) = (Some(now), Some(now + FAILED_MS));
        place
    }

    /// A stretch of this conversation down to a position was compared; nothing if it has no more.
    pub fn done(
        &mut self,
        id: ConversationId,
        low: Option<i64>,
        now: Now,
        next: impl Fn(Option<ConversationId>) -> Option<ConversationId>,
    ) {
        if self.asked.take().is_none() || self.place.is_none_or(|(asked, _)| asked != id) {
            return;
        }
        self.place = match low.filter(|low| *low > 1) {
            Some(low) => Some((id, Some(low))),
            None => next(Some(id)).map(|id| (id, None)),
        };
        let pause = if self.hurries { 0 } else { PAUSE_MS };
        self.hurries &= self.place.is_some();
        self.due = Some(now + if self.place.is_some() { pause } else { PASS_MS });
    }

    /// It could not be compared; again later.
    pub fn failed(&mut self, now: Now) {
        self.asked = None;
        self.due = Some(now + FAILED_MS);
    }
}
