//! What the hub does with what the database says of a [`Recheck`].

use super::recheck::Recheck;
use super::registry::Hub;
use crate::lock::lock;
use parlour_protocol::{ConversationId, Head, Seq, SessionId, StreamId, UserId};
use std::collections::{BTreeSet, HashSet};

impl Hub {
    /// Has the memberships and sessions of these people looked up, if they are here.
    pub fn recheck(&self, people: impl IntoIterator<Item = UserId>) {
        let mut state = lock(&self.state);
        people.into_iter().for_each(|user| state.recheck_person(user));
        if !state.recheck.is_empty() {
            self.recheck_due.notify_one();
        }
    }

    /// Waits until something is to be looked up, and takes some of it.
    pub async fn next_recheck(&self) -> Recheck {
        loop {
            let recheck = self.take_recheck();
            if !recheck.is_empty() {
                return recheck;
            }
            self.recheck_due.notified().await;
        }
    }

    /// Takes some of what is to be looked up; nothing if there is nothing.
    pub fn take_recheck(&self) -> Recheck {
        lock(&self.state).recheck.take_some()
    }

    /// The sessions of a person whose sockets are here.
    pub fn sessions_of(&self, user: UserId) -> BTreeSet<SessionId> {
        let state = lock(&self.state);
        let ids = state.sockets_of(user);
        ids.iter().map(|id| state.sockets[id].outbound.session_id).collect()
    }

    /// Makes a person's sockets follow these conversations, and no others, unless they joined or left one
    /// since `version` was read: then nothing is done.
    pub fn follow_only(&self, user: UserId, own: &[(StreamId, Seq)], version: u64) -> bool {
        let mut state = lock(&self.state);
        if state.membership_versions.get(&user).copied().unwrap_or(0) != version {
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
                    state.recheck.streams.insert(*stream);
                }
            }
        }
        // A socket that is being set up reads them again.
        if state.of_user.contains_key(&user) {
            *state.membership_versions.entry(user).or_default() += 1;
        }
        true
    }

    /// Closes the sockets of a session that was revoked.
    pub fn end_session(&self, user: UserId, session: SessionId, wipe: bool) {
        lock(&self.state).revoked(user, session, wipe);
    }

    /// Tells a stream's followers its head, unless they were told of it already.
    pub fn tell_head(&self, head: Head) {
        let mut state = lock(&self.state);
        if state.told_heads.get(&head.stream).is_none_or(|told| *told < head.head) {
            state.push_head(head);
        }
    }

    /// Tells a conversation's followers that one of its members writes.
    pub fn show_typing(&self, conversation: ConversationId, user: UserId) {
        lock(&self.state).push_typing(conversation, user);
    }
}
