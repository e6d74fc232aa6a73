//! Threads: Mattermost writes the replies into the line of the post that they answer.

use super::super::error::ExportError;
use super::super::snapshot::Snapshot;
use parlour_protocol::{ConversationId, MessageId};
use std::collections::HashMap;

/// What becomes of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// It is a post, with the replies at these positions.
    Post(&'a [i64]),
    /// It is in the line of the first message of its thread.
    Reply,
}

/// The threads of one conversation: about a hundred bytes per reply. A reply to a reply belongs to the same thread,
/// because Mattermost's threads are flat.
#[derive(Default)]
pub struct Threads {
    /// The first message of the thread of each reply.
    roots: HashMap<MessageId, MessageId>,
    threads: HashMap<MessageId, Thread>,
}

#[derive(Default)]
struct Thread {
    /// The positions of the replies that were not deleted.
    replies: Vec<i64>,
    /// Whether the message that they answer is a post. Otherwise the first reply is.
    has_root: bool,
}

impl Threads {
    /// Reads the threads of a conversation.
    ///
    /// # Errors
    /// Fails if the database does.
    pub fn read(snapshot: &Snapshot, id: ConversationId) -> Result<Self, ExportError> {
        let (mut threads, mut after) = (Self::default(), 0);
        loop {
            let page = snapshot.thread_positions(id, after)?;
            let Some(last) = page.last() else { break };
            after = last.seq;
            for message in page {
                if let Some(reply_to) = message.reply_to {
                    threads.add(message.id, reply_to, (!message.is_deleted).then_some(message.seq));
                }
            }
        }
        for (root, thread) in &mut threads.threads {
            thread.has_root = snapshot.is_root(id, *root)?;
        }
        Ok(threads)
    }

    /// Adds a reply; deleted ones have no position, but may have replies.
    fn add(&mut self, id: MessageId, reply_to: MessageId, seq: Option<i64>) {
        let root = *self.roots.get(&reply_to).unwrap_or(&reply_to);
        self.roots.insert(id, root);
        self.threads.entry(root).or_default().replies.extend(seq);
    }

    /// Returns what becomes of a message that was not deleted.
    pub fn place(&self, id: MessageId, seq: i64) -> Place<'_> {
        let Some(root) = self.roots.get(&id) else {
            let thread = self.threads.get(&id).filter(|thread| thread.has_root);
            return Place::Post(thread.map_or(&[][..], |thread| thread.replies.as_slice()));
        };
        match self.threads.get(root) {
            Some(thread) if thread.has_root => Place::Reply,
            Some(Thread { replies, .. }) => match replies.split_first() {
                Some((first, rest)) if *first == seq => Place::Post(rest),
                _ => Place::Reply,
            },
            None => Place::Post(&[]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: u128) -> MessageId {
        MessageId(Uuid::from_u128(number))
    }

    #[test]
    fn replies_to_replies_are_in_the_same_thread_and_lead_it_if_its_first_message_is_gone() {
        let mut threads = Threads::default();
        threads.add(id(2), id(1), Some(2));
        threads.add(id(4), id(2), Some(4));
        threads.add(id(5), id(3), None);
        threads.add(id(6), id(5), Some(6));
        threads.add(id(7), id(3), Some(7));
        threads.threads.get_mut(&id(1)).unwrap().has_root = true;
        assert_eq!(threads.place(id(1), 1), Place::Post(&[2, 4]));
        assert_eq!(threads.place(id(2), 2), Place::Reply);
        assert_eq!(threads.place(id(4), 4), Place::Reply);
        assert_eq!(threads.place(id(6), 6), Place::Post(&[7]));
        assert_eq!(threads.place(id(7), 7), Place::Reply);
        assert_eq!(threads.place(id(9), 9), Place::Post(&[]));
    }
}
