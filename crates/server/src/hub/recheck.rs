//! What other servers hinted at, to be looked up in the database before anything comes of it. No more is
//! kept than concerns the sockets that are here, whatever is said and however often.

use parlour_protocol::{ConversationId, StreamId, UserId};
use std::collections::BTreeSet;

/// People who are said to write that are looked up at once; the others are dropped.
const TYPING: usize = 64;
/// Streams, and people, that are looked up at once; the others come next.
const AT_ONCE: usize = 256;

/// What the database is to be asked about.
#[derive(Debug, Default)]
pub struct Recheck {
    /// Whose memberships and sessions may have changed.
    pub people: BTreeSet<UserId>,
    /// Which streams may have moved.
    pub streams: BTreeSet<StreamId>,
    /// Who is said to write where.
    pub typing: BTreeSet<(ConversationId, UserId)>,
}

impl Recheck {
    /// Whether there is nothing to look up.
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.streams.is_empty() && self.typing.is_empty()
    }

    /// Adds that somebody is said to write, unless too many are.
    pub(super) fn add_typing(&mut self, conversation: ConversationId, user: UserId) {
        if self.typing.len() < TYPING {
            self.typing.insert((conversation, user));
        }
    }

    /// Takes some of it out: as much as is looked up at once.
    pub(super) fn take_some(&mut self) -> Self {
        Self {
            people: some(&mut self.people),
            streams: some(&mut self.streams),
            typing: std::mem::take(&mut self.typing),
        }
    }
}

fn some<T: Ord>(of: &mut BTreeSet<T>) -> BTreeSet<T> {
    (0..AT_ONCE).map_while(|_| of.pop_first()).collect()
}
