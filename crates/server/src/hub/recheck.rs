//! The subjects of other servers' hints, which are looked up in the database before anything is done about
//! them. Only those that concern the sockets on this server are kept, however many hints arrive.

use parlour_protocol::{ConversationId, StreamId, UserId};
use std::collections::BTreeSet;

/// The largest number of typing users that are looked up at once; further ones are dropped.
const TYPING: usize = 64;
/// The largest number of streams, and of users, that are looked up at once; further ones are looked up next.
const AT_ONCE: usize = 256;
/// The largest number of users who are kept because they went offline; the times of further ones are not told.
const SEEN: usize = 4096;

/// The subjects to look up in the database.
#[derive(Debug, Default)]
pub struct Recheck {
    /// The users whose memberships and sessions may have changed.
    pub people: BTreeSet<UserId>,
    /// The streams that may have moved.
    pub streams: BTreeSet<StreamId>,
    /// The users who are said to be typing, and the conversations.
    pub typing: BTreeSet<(ConversationId, UserId)>,
    /// The users who went offline, whose watchers may be told when they were last online.
    pub seen: BTreeSet<UserId>,
}

impl Recheck {
    /// Returns whether there is nothing to look up.
    pub fn is_empty(&self) -> bool {
        let users = self.people.is_empty() && self.typing.is_empty() && self.seen.is_empty();
        users && self.streams.is_empty()
    }

    /// Adds a user who is said to be typing, unless there are too many.
    pub(super) fn add_typing(&mut self, conversation: ConversationId, user: UserId) {
        if self.typing.len() < TYPING {
            self.typing.insert((conversation, user));
        }
    }

    /// Adds a user who went offline, unless there are too many.
    pub(super) fn add_seen(&mut self, user: UserId) {
        if self.seen.len() < SEEN {
            self.seen.insert(user);
        }
    }

    /// Takes as much as is looked up at once.
    pub(super) fn take_some(&mut self) -> Self {
        Self {
            people: take_at_most(&mut self.people),
            streams: take_at_most(&mut self.streams),
            typing: std::mem::take(&mut self.typing),
            seen: take_at_most(&mut self.seen),
        }
    }
}

fn take_at_most<T: Ord>(set: &mut BTreeSet<T>) -> BTreeSet<T> {
    (0..AT_ONCE).map_while(|_| set.pop_first()).collect()
}
