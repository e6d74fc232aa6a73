//! What a device received for the first time, of which it would notify its user.

use parlour_client::Received;
use parlour_client::step::Write;
use parlour_protocol::{MessageId, Row};
use parlour_store::Store;
use parlour_sync::Effect;
use std::collections::{BTreeMap, BTreeSet};

/// What a device received for the first time.
#[derive(Debug, Default)]
pub struct ReceivedNews {
    /// The messages of others, each with how often it was unread when it came.
    pub told: BTreeMap<MessageId, u32>,
    /// The messages that came as older history.
    pub older: BTreeSet<MessageId>,
}

impl ReceivedNews {
    /// Notes what a write brings as older history.
    pub fn note_older(&mut self, write: &Write) {
        if let Write::Effects(effects) = write {
            for effect in effects {
                let Effect::ApplyHistory(history) = effect else { continue };
                self.older.extend(history.rows.iter().filter_map(message));
            }
        }
    }

    /// Notes what was received.
    pub fn note(&mut self, store: &Store, all: &[Received]) {
        for received in all {
            if received.news.reaction.is_some() {
                continue;
            }
            let id = received.news.message;
            let notable = store.message_details(id).expect("a message");
            let standing =
                store.conversation_state(received.news.conversation).expect("a conversation");
            // The server has not told yet how far it is read: the rule waits for that.
            let is_unread = notable.zip(standing).is_some_and(|(notable, standing)| {
                standing.is_in && notable.seq > standing.last_read
            });
            *self.told.entry(id).or_default() += u32::from(is_unread);
        }
    }
}

fn message(row: &Row) -> Option<MessageId> {
    if let Row::Message(row) = row { Some(row.id) } else { None }
}
