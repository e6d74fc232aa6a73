//! The users and streams of other servers' hints, which are looked up in the database before they have an effect.
//! Only those that concern the sockets on this server are stored, so their number is bounded.

use parlour_protocol::{ConversationId, StreamId, UserId};
use std::collections::BTreeSet;

/// The largest number of typing users that are looked up at once; further ones are dropped.
const MAX_TYPING: usize = 64;
/// The largest number of streams, and of users, that are looked up at once; further ones are looked up next.
const BATCH_SIZE: usize = 256;
/// The largest number of users who went offline and whose times are to be looked up; those of further ones are not
/// sent.
const MAX_LAST_SEEN: usize = 4096;

/// What to look up in the database.
#[derive(Debug, Default)]
pub struct Lookups {
    /// The users whose memberships and sessions may have changed.
    pub people: BTreeSet<UserId>,
    /// The streams that may have moved.
    pub streams: BTreeSet<StreamId>,
    /// The users who are reported as typing, and the conversations.
    pub typing: BTreeSet<(ConversationId, UserId)>,
    /// The users who went offline, of whom their watchers may get the time.
    pub last_seen: BTreeSet<UserId>,
}

impl Lookups {
    /// Returns whether there is nothing to look up.
    pub fn is_empty(&self) -> bool {
        let users = self.people.is_empty() && self.typing.is_empty() && self.last_seen.is_empty();
        users && self.streams.is_empty()
    }

    /// Adds a user who is reported as typing, unless there are too many.
    pub(super) fn add_typing(&mut self, conversation: ConversationId, user: UserId) {
        if self.typing.len() < MAX_TYPING {
            self.typing.insert((conversation, user));
        }
    }

    /// Adds a user who went offline, unless there are too many.
    pub(super) fn add_last_seen(&mut self, user: UserId) {
        if self.last_seen.len() < MAX_LAST_SEEN {
            self.last_seen.insert(user);
        }
    }

    /// Takes as much as one look-up handles.
    pub(super) fn take_batch(&mut self) -> Self {
        Self {
            people: take_at_most(&mut self.people),
            streams: take_at_most(&mut self.streams),
            typing: std::mem::take(&mut self.typing),
            last_seen: take_at_most(&mut self.last_seen),
        }
    }
}

fn take_at_most<T: Ord>(set: &mut BTreeSet<T>) -> BTreeSet<T> {
    (0..BATCH_SIZE).map_while(|_| set.pop_first()).collect()
}
