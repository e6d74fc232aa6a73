//! What other servers hinted at: it is looked up in the database before anything comes of it. No more is
//! kept than concerns the sockets that are here, whatever is said and however often.

use super::{Hub, State};
use parlour_protocol::{ConversationId, Head, Seq, SessionId, StreamId, UserId};
use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

/// People who are said to write that are looked up at once; the others are dropped.
const TYPING: usize = 64;
/// Streams, and people, that are looked up at once; the others come next.
const AT_ONCE: usize = 256;
/// How often the others are told who is here, whoever asks.
const WHO: Duration = Duration::from_secs(2);

/// What the database is to be asked about.
#[derive(Debug, Default)]
pub struct Doubts {
    /// Whose memberships and sessions may have changed.
    pub people: BTreeSet<UserId>,
    /// Which streams may have moved.
    pub streams: BTreeSet<StreamId>,
    /// Who is said to write where.
    pub typing: BTreeSet<(ConversationId, UserId)>,
}

impl Doubts {
    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty() && self.streams.is_empty() && self.typing.is_empty()
    }

    pub(super) fn doubt_typing(&mut self, conversation: ConversationId, user: UserId) {
        if self.typing.len() < TYPING {
            self.typing.insert((conversation, user));
        }
    }
}

fn some<T: Ord>(of: &mut BTreeSet<T>) -> BTreeSet<T> {
    (0..AT_ONCE).map_while(|_| of.pop_first()).collect()
}

impl Hub {
    /// Doubts what these people may see here.
    pub fn doubt(&self, people: impl IntoIterator<Item = UserId>) {
        let mut state = self.lock();
        people.into_iter().for_each(|user| state.doubt(user));
        if !state.doubts.is_empty() {
            self.doubted.notify_one();
        }
    }

    /// Waits for doubts, and takes some.
    pub async fn doubts(&self) -> Doubts {
        loop {
            let doubts = self.take_doubts();
            if !doubts.is_empty() {
                return doubts;
            }
            self.doubted.notified().await;
        }
    }

    /// Takes some of the doubts there are.
    pub fn take_doubts(&self) -> Doubts {
        let doubts = &mut self.lock().doubts;
        Doubts {
            people: some(&mut doubts.people),
            streams: some(&mut doubts.streams),
            typing: std::mem::take(&mut doubts.typing),
        }
    }

    /// The sessions of a person whose sockets are here.
    pub fn sessions_of(&self, user: UserId) -> BTreeSet<SessionId> {
        let state = self.lock();
        let ids = state.sockets_of(user);
        ids.iter().map(|id| state.sockets[id].outbound.session_id).collect()
    }

    /// Makes a person's sockets follow these conversations, and no others, unless they joined or left one
    /// since `leavings` was read: then nothing is done.
    pub fn follow_only(&self, user: UserId, own: &[(StreamId, Seq)], leavings: u64) -> bool {
        let mut state = self.lock();
        if state.leavings.get(&user).copied().unwrap_or(0) != leavings {
            return false;
        }
        let theirs: HashSet<StreamId> = own.iter().map(|(stream, _)| *stream).collect();
        for id in state.sockets_of(user) {
            let followed = state.sockets[&id].follows.iter().copied();
            let lost = followed.filter(|stream| {
                matches!(stream, StreamId::Conversation(_)) && !theirs.contains(stream)
            });
            for stream in lost.collect::<Vec<_>>() {
                state.unfollow(id, stream);
            }
            for (stream, first) in own {
                // That it moved may have been said before it was followed.
                if state.follow(id, *stream, *first) {
                    state.doubts.streams.insert(*stream);
                }
            }
        }
        // A socket that is being set up reads them again.
        if state.of_user.contains_key(&user) {
            *state.leavings.entry(user).or_default() += 1;
        }
        true
    }

    /// Closes the sockets of a session that has ended.
    pub fn end(&self, user: UserId, session: SessionId, wipe: bool) {
        self.lock().revoked(user, session, wipe);
    }

    /// Tells a stream's followers how far it goes, if that is news.
    pub fn tell_head(&self, head: Head) {
        let mut state = self.lock();
        if state.told.get(&head.stream).is_none_or(|told| *told < head.head) {
            state.push_head(head);
        }
    }

    /// Tells a conversation's followers that one of its members writes.
    pub fn writes(&self, conversation: ConversationId, user: UserId) {
        self.lock().push_typing(conversation, user);
    }
}

impl State {
    /// Has a person looked up, if they are here.
    pub(super) fn doubt(&mut self, user: UserId) {
        if self.of_user.contains_key(&user) {
            self.doubts.people.insert(user);
        }
    }

    /// Has everybody who is here looked up, and all that they follow.
    pub(super) fn doubt_all(&mut self) {
        self.doubts.people.extend(self.of_user.keys());
        self.doubts.streams.extend(self.followers.keys());
    }

    /// Tells another server who is here: at once, or a little later where one was told just now.
    pub(super) fn ask_who(&mut self, now: Instant) {
        if self.told_who.is_none_or(|at| now.saturating_duration_since(at) >= WHO) {
            self.told_who = Some(now);
            self.tell_who_is_here();
        } else {
            self.asked_who = true;
        }
    }

    /// Notes which head the followers of a stream were given.
    pub(super) fn note_told(&mut self, stream: StreamId, head: i64) {
        if self.followers.contains_key(&stream) {
            let told = self.told.entry(stream).or_insert(head);
            *told = (*told).max(head);
        }
    }
}
