//! Applies the results of a [`Lookups`] to the hub.

use super::lookups::Lookups;
use super::registry::Hub;
use crate::lock::lock;
use parlour_protocol::{ConversationId, Head, Seq, SessionId, StreamId, UserId};
use std::collections::{BTreeSet, HashSet};

impl Hub {
    /// Requests a look-up of the memberships and sessions of these users, if they have sockets on this server.
    pub fn request_lookups(&self, people: impl IntoIterator<Item = UserId>) {
        let mut state = lock(&self.state);
        people.into_iter().for_each(|user| state.request_lookup(user));
        if !state.lookups.is_empty() {
            self.lookups_due.notify_one();
        }
    }

    /// Waits until there is something to look up, and takes some of it.
    pub async fn next_lookups(&self) -> Lookups {
        loop {
            let lookups = self.take_lookups();
            if !lookups.is_empty() {
                return lookups;
            }
            self.lookups_due.notified().await;
        }
    }

    /// Takes some of what is to be looked up; the result may be empty.
    pub fn take_lookups(&self) -> Lookups {
        lock(&self.state).lookups.take_batch()
    }

    /// Returns the sessions of a user that have sockets on this server.
    pub fn sessions_of(&self, user: UserId) -> BTreeSet<SessionId> {
        let state = lock(&self.state);
        let ids = state.sockets_of(user);
        ids.iter().map(|id| state.sockets[id].outbound.session_id).collect()
    }

    /// Makes a user's sockets follow exactly these conversations. Does nothing and returns false if the user joined
    /// or left a conversation since `version` was read.
    pub fn set_followed(
        &self,
        user: UserId,
        conversations: &[(StreamId, Seq)],
        version: u64,
    ) -> bool {
        let mut state = lock(&self.state);
        if state.membership_versions.get(&user).copied().unwrap_or(0) != version {
            return false;
        }
        let allowed: HashSet<StreamId> = conversations.iter().map(|(stream, _)| *stream).collect();
        for id in state.sockets_of(user) {
            let followed = state.sockets[&id].follows.iter().copied();
            let removed = followed.filter(|stream| {
                matches!(stream, StreamId::Conversation(_)) && !allowed.contains(stream)
            });
            for stream in removed.collect::<Vec<_>>() {
                state.unfollow(id, stream);
            }
            for (stream, first) in conversations {
                // The hint that the stream moved may have arrived before the socket followed it.
                if state.follow(id, *stream, *first) {
                    state.lookups.streams.insert(*stream);
                }
            }
        }
        // A socket that is being set up reads the memberships again.
        if state.sockets_by_user.contains_key(&user) {
            *state.membership_versions.entry(user).or_default() += 1;
        }
        true
    }

    /// Closes the sockets of a revoked session.
    pub fn end_session(&self, user: UserId, session: SessionId, wipe: bool) {
        lock(&self.state).revoked(user, session, wipe);
    }

    /// Sends a stream's head to its followers, unless they have been sent it already.
    pub fn push_head_if_newer(&self, head: Head) {
        let mut state = lock(&self.state);
        if state.pushed_heads.get(&head.stream).is_none_or(|pushed| *pushed < head.head) {
            state.push_head(head);
        }
    }

    /// Notifies a conversation's followers that one of its members is typing.
    pub fn show_typing(&self, conversation: ConversationId, user: UserId) {
        lock(&self.state).push_typing(conversation, user);
    }
}
