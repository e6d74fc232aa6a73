//! The destination of a reader's records.

use super::{Amended, Amendment, Broken, Conversation, Message, Person, Record};
use parlour_protocol::Millis;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

/// The reason why a reader stopped. A part that could not be parsed is not a reason, but a record.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The receiver of the records is gone.
    #[error("the import was stopped")]
    Unwanted,
    /// A file could not be read.
    #[error("reading {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The files are not an export of this format.
    #[error("{0}")]
    Wrong(String),
}

/// Receives a reader's records.
pub struct Sink<'a> {
    give: &'a mut dyn FnMut(Record) -> Result<(), Stop>,
    met: HashSet<String>,
}

impl<'a> Sink<'a> {
    /// Creates a sink that passes every record to `give`.
    pub fn new(give: &'a mut dyn FnMut(Record) -> Result<(), Stop>) -> Self {
        Self { give, met: HashSet::new() }
    }

    /// Passes on a person, unless one with the same key was passed on before.
    pub fn person(&mut self, person: Person) -> Result<(), Stop> {
        if self.met.contains(&person.key) {
            return Ok(());
        }
        self.met.insert(person.key.clone());
        (self.give)(Record::Person(person))
    }

    /// Returns whether a person with this key was passed on.
    pub fn has_met(&self, key: &str) -> bool {
        self.met.contains(key)
    }

    /// Passes on a person of whom only the key and a name are known.
    pub fn stranger(&mut self, key: &str, name: &str) -> Result<(), Stop> {
        if self.met.contains(key) {
            return Ok(());
        }
        self.person(Person { key: key.into(), name: name.into(), ..Person::default() })
    }

    /// Passes on a conversation.
    pub fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        (self.give)(Record::Conversation(conversation))
    }

    /// Passes on a message.
    pub fn message(&mut self, message: Message) -> Result<(), Stop> {
        (self.give)(Record::Message(Box::new(message)))
    }

    /// Passes on a change of a message.
    pub fn amend(
        &mut self,
        (conversation, key): (&str, &str),
        what: Amended,
        at: Millis,
    ) -> Result<(), Stop> {
        let (conversation, key) = (conversation.into(), key.into());
        (self.give)(Record::Amendment(Amendment { conversation, key, what, at }))
    }

    /// Counts a notice that is not a message.
    pub fn notice(&mut self) -> Result<(), Stop> {
        self.notice_with(0)
    }

    /// Counts such a notice, with the number of reactions to it.
    pub fn notice_with(&mut self, reactions: u64) -> Result<(), Stop> {
        (self.give)(Record::Notice { reactions })
    }

    /// Reports content that cannot be imported, or only in another form.
    pub fn left(&mut self, why: &'static str, place: impl Into<String>) -> Result<(), Stop> {
        (self.give)(Record::Left { why, place: place.into(), many: 1 })
    }

    /// The same for several occurrences.
    pub fn left_many(
        &mut self,
        why: &'static str,
        place: impl Into<String>,
        many: u64,
    ) -> Result<(), Stop> {
        (self.give)(Record::Left { why, place: place.into(), many })
    }

    /// Reports a part that could not be parsed; its raw content is kept.
    pub fn broken(
        &mut self,
        place: impl Into<String>,
        why: impl Into<String>,
        raw: &[u8],
    ) -> Result<(), Stop> {
        (self.give)(Record::Broken(Broken::new(place.into(), why, raw)))
    }

    /// Reports that more bytes were read.
    pub fn read(&mut self, bytes: u64) -> Result<(), Stop> {
        (self.give)(Record::Read(bytes))
    }
}
