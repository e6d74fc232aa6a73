//! How changes reach the sockets: as rows, as heads, or not at all.

use super::coalesce::{Outgoing, Release};
use super::frame::to_json;
use super::hint::Hint;
use super::state::State;
use parlour_protocol::{ConversationId, Frame, Head, Row, Seq, StreamId, UserId};

/// The largest number of followers of a conversation at which typing is still announced.
const MAX_TYPING_FOLLOWERS: usize = 200;

impl State {
    /// Sends rows now, or later with the next ones if they can wait.
    pub(super) fn publish(&mut self, outgoing: Outgoing, can_wait: bool) {
        let released = if can_wait {
            vec![self.coalescer.hold(outgoing)]
        } else {
            self.coalescer.release_with(outgoing).into()
        };
        released.into_iter().flatten().for_each(|release| self.release(release));
    }

    pub(super) fn release(&mut self, release: Release) {
        match release {
            Release::Rows(outgoing) => {
                self.send_hint(Hint::Moved(outgoing.page.stream));
                self.push(&outgoing);
            }
            Release::Moved(head) => {
                self.send_hint(Hint::Moved(head.stream));
                self.push_head(head);
            }
        }
    }

    /// Returns whether typing in a conversation is announced to its followers.
    pub(super) fn is_typing_pushed(&self, conversation_id: ConversationId) -> bool {
        let followers = self.followers.get(&StreamId::Conversation(conversation_id));
        followers.is_some_and(|followers| followers.len() <= MAX_TYPING_FOLLOWERS)
    }

    pub(super) fn push_typing(&self, conversation_id: ConversationId, user_id: UserId) {
        if !self.is_typing_pushed(conversation_id) {
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

    pub(super) fn push(&mut self, Outgoing { page, head_only }: &Outgoing) {
        self.record_pushed(page.stream, page.head);
        let Some(followers) = self.followers.get(&page.stream) else { return };
        let head = Head { stream: page.stream, term: page.term, head: page.head };
        let lowest = page.rows.iter().filter_map(seq).min();
        let frame = to_json(&Frame::Change(page.clone()));
        for (id, first) in followers {
            let Some(socket) = self.sockets.get(id) else { continue };
            self.delivered += 1;
            if head_only.contains(&socket.outbound.user_id) {
                socket.outbound.push_head(head);
            } else if lowest.is_some_and(|lowest| lowest < *first) {
                // This follower may not see an older message that was changed: it gets the page without that message.
                let mut page = page.clone();
                page.rows.retain(|row| seq(row).is_none_or(|seq| seq >= *first));
                socket.outbound.push(&to_json(&Frame::Change(page)), head);
            } else {
                socket.outbound.push(&frame, head);
            }
        }
    }

    pub(super) fn push_head(&mut self, head: Head) {
        self.record_pushed(head.stream, head.head);
        let Some(followers) = self.followers.get(&head.stream) else { return };
        for socket in followers.keys().filter_map(|id| self.sockets.get(id)) {
            self.delivered += 1;
            socket.outbound.push_head(head);
        }
    }

    /// Records the head that was sent to the followers of a stream.
    pub(super) fn record_pushed(&mut self, stream: StreamId, head: i64) {
        if self.followers.contains_key(&stream) {
            let pushed = self.pushed_heads.entry(stream).or_insert(head);
            *pushed = (*pushed).max(head);
        }
    }
}

fn seq(row: &Row) -> Option<Seq> {
    if let Row::Message(row) = row { Some(row.seq) } else { None }
}
