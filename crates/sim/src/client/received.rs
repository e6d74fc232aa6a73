//! The messages that a device received for the first time, of which it may notify its user.

use parlour_client::ReceivedItem;
use parlour_client::step::Write;
use parlour_protocol::{MessageId, Row};
use parlour_store::Store;
use parlour_sync::Effect;
use std::collections::{BTreeMap, BTreeSet};

/// The messages that a device received for the first time.
#[derive(Debug, Default)]
pub struct ReceivedMessages {
    /// The messages of others, with the number of times each was received while unread.
    pub reported: BTreeMap<MessageId, u32>,
    /// The messages that were received as older history.
    pub from_history: BTreeSet<MessageId>,
}

impl ReceivedMessages {
    /// Records the messages of older history in a write.
    pub fn record_history(&mut self, write: &Write) {
        if let Write::Effects(effects) = write {
            for effect in effects {
                let Effect::ApplyHistory(history) = effect else { continue };
                self.from_history.extend(history.rows.iter().filter_map(message));
            }
        }
    }

    /// Records new messages.
    pub fn record(&mut self, store: &Store, items: &[ReceivedItem]) {
        for received in items {
            if received.item.reaction.is_some() {
                continue;
            }
            let id = received.item.message;
            let details = store.message_details(id).expect("a message");
            let state =
                store.conversation_state(received.item.conversation).expect("a conversation");
            // The read position is not known yet: the rule waits for it.
            let is_unread = details
                .zip(state)
                .is_some_and(|(details, state)| state.is_in && details.seq > state.last_read);
            *self.reported.entry(id).or_default() += u32::from(is_unread);
        }
    }
}

fn message(row: &Row) -> Option<MessageId> {
    if let Row::Message(row) = row { Some(row.id) } else { None }
}
