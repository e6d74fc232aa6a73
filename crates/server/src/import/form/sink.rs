//! Where a reader's records go.

use super::{Amended, Amendment, Broken, Conversation, Message, Person, Record};
use parlour_protocol::Millis;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

/// Why a reader does not go on. What it could not understand is no reason: that is a record.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// Nobody takes the records any more.
    #[error("the import was stopped")]
    Unwanted,
    /// A file could not be read.
    #[error("reading {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// This is not what was said to be here.
    #[error("{0}")]
    Wrong(String),
}

/// Takes a reader's records.
pub struct Sink<'a> {
    give: &'a mut dyn FnMut(Record) -> Result<(), Stop>,
    met: HashSet<String>,
}

impl<'a> Sink<'a> {
    /// Returns one that hands every record to `give`.
    pub fn new(give: &'a mut dyn FnMut(Record) -> Result<(), Stop>) -> Self {
        Self { give, met: HashSet::new() }
    }

    /// Hands over a person; one of a key that came before is not told again.
    pub fn person(&mut self, person: Person) -> Result<(), Stop> {
        if self.met.contains(&person.key) {
            return Ok(());
        }
        self.met.insert(person.key.clone());
        (self.give)(Record::Person(person))
    }

    /// Returns whether a person of this key was handed over.
    pub fn has_met(&self, key: &str) -> bool {
        self.met.contains(key)
    }

    /// Hands over somebody of whom the export tells nothing but a key and a name.
    pub fn stranger(&mut self, key: &str, name: &str) -> Result<(), Stop> {
        if self.met.contains(key) {
            return Ok(());
        }
        self.person(Person { key: key.into(), name: name.into(), ..Person::default() })
    }

    /// Hands over a conversation.
    pub fn conversation(&mut self, conversation: Conversation) -> Result<(), Stop> {
        (self.give)(Record::Conversation(conversation))
    }

    /// Hands over a message.
    pub fn message(&mut self, message: Message) -> Result<(), Stop> {
        (self.give)(Record::Message(Box::new(message)))
    }

    /// Hands over what became of a message.
    pub fn amend(
        &mut self,
        (conversation, key): (&str, &str),
        what: Amended,
        at: Millis,
    ) -> Result<(), Stop> {
        let (conversation, key) = (conversation.into(), key.into());
        (self.give)(Record::Amendment(Amendment { conversation, key, what, at }))
    }

    /// Counts something that nobody said.
    pub fn notice(&mut self) -> Result<(), Stop> {
        self.notice_with(0)
    }

    /// Counts the same, to which so many reacted.
    pub fn notice_with(&mut self, reactions: u64) -> Result<(), Stop> {
        (self.give)(Record::Notice { reactions })
    }

    /// Notes what cannot be carried, or is carried otherwise.
    pub fn left(&mut self, why: &'static str, place: impl Into<String>) -> Result<(), Stop> {
        (self.give)(Record::Left { why, place: place.into(), many: 1 })
    }

    /// Notes the same of so many.
    pub fn left_many(
        &mut self,
        why: &'static str,
        place: impl Into<String>,
        many: u64,
    ) -> Result<(), Stop> {
        (self.give)(Record::Left { why, place: place.into(), many })
    }

    /// Notes what could not be understood, which is kept as it is.
    pub fn broken(
        &mut self,
        place: impl Into<String>,
        why: impl Into<String>,
        raw: &[u8],
    ) -> Result<(), Stop> {
        (self.give)(Record::Broken(Broken::new(place.into(), why, raw)))
    }

    /// Notes that so many bytes more were read.
    pub fn read(&mut self, bytes: u64) -> Result<(), Stop> {
        (self.give)(Record::Read(bytes))
    }
}
