//! What the hub holds, and how it changes: sockets, who follows what, who looks at whom.

use super::held::{News, Release};
use super::{MADE_ROOM, State, TYPING_FOLLOWERS, to_json};
use crate::bus::Hint;
use crate::error::revoked_code;
use parlour_protocol::{
    ConversationId, ErrorCode, Frame, Head, Row, Seq, SessionId, StreamId, UserId,
};
use std::collections::{HashMap, HashSet};

impl State {
    pub(super) fn tell(&self, hint: Hint) {
        if let Some(bus) = &self.bus {
            // The bus ends with the runtime, and nobody listens then.
            let _ = bus.send(hint);
        }
    }

    /// The others begin with nobody, and take one who came twice for one.
    pub(super) fn tell_who_is_here(&self) {
        self.tell(Hint::Alive);
        self.of_user.keys().for_each(|user| self.tell(Hint::Came(*user)));
    }

    pub(super) fn is_online(&self, user: UserId) -> bool {
        self.of_user.contains_key(&user) || self.peers.has(user)
    }

    pub(super) fn joined(&mut self, user: UserId, stream: StreamId, first: Seq) {
        if self.of_user.contains_key(&user) {
            *self.leavings.entry(user).or_default() += 1;
        }
        for id in self.sockets_of(user) {
            self.follow(id, stream, first);
        }
    }

    pub(super) fn left(&mut self, user: UserId, stream: StreamId) {
        if !self.of_user.contains_key(&user) {
            return;
        }
        *self.leavings.entry(user).or_default() += 1;
        for id in self.sockets_of(user) {
            self.unfollow(id, stream);
        }
    }

    pub(super) fn revoked(&self, user: UserId, session: SessionId, wipe: bool) {
        for id in self.sockets_of(user) {
            let outbound = &self.sockets[&id].outbound;
            if outbound.session_id == session {
                outbound.bye(revoked_code(wipe));
            }
        }
    }

    /// Tells the oldest of a person's sockets to go, or of one session's, where there are more than so many.
    pub(super) fn make_room(&self, user: UserId, session: Option<SessionId>, most: usize) {
        if most == 0 || self.of_user.get(&user).is_none_or(|theirs| theirs.len() <= most) {
            return;
        }
        let stays = |id: &u64| {
            let outbound = &self.sockets[id].outbound;
            session.is_none_or(|session| outbound.session_id == session) && !outbound.is_leaving()
        };
        let mut theirs: Vec<u64> = self.sockets_of(user).into_iter().filter(stays).collect();
        theirs.sort_unstable();
        let too_many = theirs.len().saturating_sub(most);
        for id in &theirs[..too_many] {
            self.sockets[id].outbound.bye_for(MADE_ROOM);
        }
    }

    pub(super) fn send_away(&self) {
        for socket in self.sockets.values() {
            socket.outbound.bye(ErrorCode::Retry);
        }
    }

    /// Hands rows on, now or with what comes next.
    pub(super) fn publish(&mut self, news: News, can_wait: bool) {
        let released =
            if can_wait { vec![self.held.hold(news)] } else { self.held.release_with(news).into() };
        released.into_iter().flatten().for_each(|release| self.release(release));
    }

    pub(super) fn release(&mut self, release: Release) {
        match release {
            Release::Rows(news) => {
                self.tell(Hint::Moved(news.page.stream));
                self.push(&news);
            }
            Release::Moved(head) => {
                self.tell(Hint::Moved(head.stream));
                self.push_head(head);
            }
        }
    }

    pub(super) fn sockets_of(&self, user: UserId) -> Vec<u64> {
        self.of_user.get(&user).into_iter().flatten().copied().collect()
    }

    /// Whether the socket did not follow it before.
    pub(super) fn follow(&mut self, id: u64, stream: StreamId, first: Seq) -> bool {
        let Some(socket) = self.sockets.get_mut(&id) else { return false };
        self.followers.entry(stream).or_default().insert(id, first);
        socket.follows.insert(stream)
    }

    pub(super) fn unfollow(&mut self, id: u64, stream: StreamId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.follows.remove(&stream);
        }
        self.forget_follower(stream, id);
    }

    pub(super) fn forget_follower(&mut self, stream: StreamId, id: u64) {
        if let Some(followers) = self.followers.get_mut(&stream) {
            followers.remove(&id);
            if followers.is_empty() {
                self.followers.remove(&stream);
                self.told.remove(&stream);
                self.doubts.streams.remove(&stream);
            }
        }
    }

    pub(super) fn unwatch(&mut self, id: u64) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        for user in std::mem::take(&mut socket.watches) {
            forget(&mut self.watchers, &user, id);
        }
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.unwatch(id);
        let Some(socket) = self.sockets.remove(&id) else { return };
        for stream in &socket.follows {
            self.forget_follower(*stream, id);
        }
        let user = socket.outbound.user_id;
        if let Some(theirs) = self.of_user.get_mut(&user) {
            theirs.remove(&id);
            if theirs.is_empty() {
                self.of_user.remove(&user);
                self.leavings.remove(&user);
                self.doubts.people.remove(&user);
            }
        }
        if !self.of_user.contains_key(&user) {
            self.tell(Hint::Went(user));
            self.tell_if_gone(user);
        }
    }

    pub(super) fn tell_if_gone(&self, user: UserId) {
        if !self.is_online(user) {
            self.tell_presence(user, false);
        }
    }

    pub(super) fn tell_presence(&self, user_id: UserId, online: bool) {
        let Some(watchers) = self.watchers.get(&user_id) else { return };
        let frame = to_json(&Frame::Presence { user_id, online });
        for socket in watchers.iter().filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_ephemeral(&frame);
        }
    }

    /// Whether anybody is told who writes in a conversation.
    pub(super) fn is_typing_told(&self, conversation_id: ConversationId) -> bool {
        let followers = self.followers.get(&StreamId::Conversation(conversation_id));
        followers.is_some_and(|followers| followers.len() <= TYPING_FOLLOWERS)
    }

    pub(super) fn push_typing(&self, conversation_id: ConversationId, user_id: UserId) {
        if !self.is_typing_told(conversation_id) {
            return;
        }
        let stream = StreamId::Conversation(conversation_id);
        let Some(followers) = self.followers.get(&stream) else { return };
        let frame = to_json(&Frame::Typing { conversation_id, user_id });
        for socket in followers.keys().filter_map(|id| self.sockets.get(id)) {
            if socket.outbound.user_id != user_id {
                socket.outbound.push_ephemeral(&frame);
            }
        }
    }

    pub(super) fn push(&mut self, News { page, apart }: &News) {
        self.note_told(page.stream, page.head);
        let Some(followers) = self.followers.get(&page.stream) else { return };
        let head = Head { stream: page.stream, term: page.term, head: page.head };
        let lowest = page.rows.iter().filter_map(seq).min();
        let frame = to_json(&Frame::Change(page.clone()));
        for (id, first) in followers {
            let Some(socket) = self.sockets.get(id) else { continue };
            if apart.contains(&socket.outbound.user_id) {
                socket.outbound.push_head(head);
            } else if lowest.is_some_and(|lowest| lowest < *first) {
                // An old message was changed that this one may not see: the interval, without it.
                let mut page = page.clone();
                page.rows.retain(|row| seq(row).is_none_or(|seq| seq >= *first));
                socket.outbound.push(&to_json(&Frame::Change(page)), head);
            } else {
                socket.outbound.push(&frame, head);
            }
        }
    }

    pub(super) fn push_head(&mut self, head: Head) {
        self.note_told(head.stream, head.head);
        let Some(followers) = self.followers.get(&head.stream) else { return };
        for socket in followers.keys().filter_map(|id| self.sockets.get(id)) {
            socket.outbound.push_head(head);
        }
    }
}

fn seq(row: &Row) -> Option<Seq> {
    if let Row::Message(row) = row { Some(row.seq) } else { None }
}

/// Takes a socket out of a set, and an empty set out of its map.
pub(super) fn forget<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, HashSet<u64>>,
    key: &K,
    id: u64,
) {
    if let Some(ids) = map.get_mut(key) {
        ids.remove(&id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}
