//! The destination of a reader's records.

use super::{Amendment, Broken, Conversation, Message, MessageChange, Person, Record};
use parlour_protocol::Millis;
use std::collections::HashSet;
use std::io;
use std::path::PathBuf;

/// The reason why a reader stopped. A part that could not be parsed is not a reason, but a record.
#[derive(Debug, thiserror::Error)]
pub enum StopReason {
    /// The receiver of the records was dropped.
    #[error("the import was stopped")]
    Cancelled,
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
    WrongFormat(String),
}

/// Receives a reader's records.
pub struct Sink<'a> {
    emit: &'a mut dyn FnMut(Record) -> Result<(), StopReason>,
    people: HashSet<String>,
}

impl<'a> Sink<'a> {
    /// Creates a sink that passes every record to `emit`.
    pub fn new(emit: &'a mut dyn FnMut(Record) -> Result<(), StopReason>) -> Self {
        Self { emit, people: HashSet::new() }
    }

    /// Passes on a person, unless one with the same key was passed on before.
    pub fn person(&mut self, person: Person) -> Result<(), StopReason> {
        if self.people.contains(&person.key) {
            return Ok(());
        }
        self.people.insert(person.key.clone());
        (self.emit)(Record::Person(person))
    }

    /// Returns whether a person with this key was passed on.
    pub fn has_person(&self, key: &str) -> bool {
        self.people.contains(key)
    }

    /// Passes on a person of whom only the key and a name are known.
    pub fn unlisted_person(&mut self, key: &str, name: &str) -> Result<(), StopReason> {
        if self.people.contains(key) {
            return Ok(());
        }
        self.person(Person { key: key.into(), name: name.into(), ..Person::default() })
    }

    /// Passes on a conversation.
    pub fn conversation(&mut self, conversation: Conversation) -> Result<(), StopReason> {
        (self.emit)(Record::Conversation(conversation))
    }

    /// Passes on a message.
    pub fn message(&mut self, message: Message) -> Result<(), StopReason> {
        (self.emit)(Record::Message(Box::new(message)))
    }

    /// Passes on a change of a message.
    pub fn amend(
        &mut self,
        (conversation, key): (&str, &str),
        change: MessageChange,
        at: Millis,
    ) -> Result<(), StopReason> {
        let (conversation, key) = (conversation.into(), key.into());
        (self.emit)(Record::Amendment(Amendment { conversation, key, what: change, at }))
    }

    /// Counts a notice that is not a message.
    pub fn notice(&mut self) -> Result<(), StopReason> {
        self.notice_with(0)
    }

    /// Counts such a notice, with the number of reactions to it.
    pub fn notice_with(&mut self, reactions: u64) -> Result<(), StopReason> {
        (self.emit)(Record::Notice { reactions })
    }

    /// Reports content that cannot be imported, or only in another form.
    pub fn warn(
        &mut self,
        reason: &'static str,
        location: impl Into<String>,
    ) -> Result<(), StopReason> {
        (self.emit)(Record::Warning { reason, location: location.into(), count: 1 })
    }

    /// The same for several occurrences.
    pub fn warn_many(
        &mut self,
        reason: &'static str,
        location: impl Into<String>,
        count: u64,
    ) -> Result<(), StopReason> {
        (self.emit)(Record::Warning { reason, location: location.into(), count })
    }

    /// Reports a part that could not be parsed; its raw content is kept.
    pub fn broken(
        &mut self,
        location: impl Into<String>,
        reason: impl Into<String>,
        raw: &[u8],
    ) -> Result<(), StopReason> {
        (self.emit)(Record::Broken(Broken::new(location.into(), reason, raw)))
    }

    /// Reports that more bytes were read.
    pub fn read(&mut self, bytes: u64) -> Result<(), StopReason> {
        (self.emit)(Record::Read(bytes))
    }
}
