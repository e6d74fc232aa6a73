//! The senders of messages with files. A file belongs to its sender, so they must exist before it is stored.

use super::super::records::Record;
use super::state::State;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::messages;
use parlour_protocol::{Millis, UserId};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

/// The senders of the messages of a batch whose files were found.
#[derive(Debug, Default)]
pub struct Senders {
    /// Their users, by their keys.
    pub users: HashMap<String, UserId>,
    /// The messages that were deleted here, whose files are not needed: conversation and key.
    pub deleted: HashSet<(String, String)>,
}

/// What [`add_senders`] needs of a batch.
#[derive(Debug, Default)]
pub struct Needed {
    records: Vec<Record>,
    messages: Vec<(String, String, String, Millis)>,
}

impl Needed {
    /// Returns what is needed for these records; `None` if no message has a file that was found.
    pub fn of(batch: &[Record]) -> Option<Self> {
        let mut needed = Self::default();
        for record in batch {
            match record {
                Record::Person(_) => needed.records.push(record.clone()),
                Record::Message(message)
                    if message.files.iter().any(|file| file.found().is_some()) =>
                {
                    let (conversation, key) = (message.conversation.clone(), message.key.clone());
                    needed.messages.push((conversation, key, message.sender.clone(), message.at));
                }
                _ => {}
            }
        }
        (!needed.messages.is_empty()).then_some(needed)
    }
}

/// Returns the senders of messages with files. Creates their users if there are none yet.
pub async fn add_senders(tx: &Tx, state: &mut State, needed: Needed) -> Result<Senders, ApiError> {
    for record in needed.records {
        if let Record::Person(person) = record {
            state.people.add(person);
        }
    }
    let mut senders = Senders::default();
    for (conversation, key, sender, at) in needed.messages {
        let id = state.source.message(&conversation, &key);
        let existing = messages::find(tx, id).await?;
        if existing.is_some_and(|existing| existing.row.deleted_at.is_some()) {
            senders.deleted.insert((conversation, key));
            continue;
        }
        if let Entry::Vacant(unknown) = senders.users.entry(sender) {
            let (user, _) = state.people.find_or_create(tx, unknown.key(), at).await?;
            unknown.insert(user);
        }
    }
    Ok(senders)
}
