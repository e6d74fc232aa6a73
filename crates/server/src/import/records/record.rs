//! The records of an export.

use super::{AttachedFile, ConversationDetails, Key, MessageDetails};
use parlour_protocol::Millis;
use std::collections::BTreeSet;

/// One record of an export.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// A person. Precedes the records that refer to them.
    Person(Person),
    /// A conversation. Precedes its messages.
    Conversation(Conversation),
    /// A message.
    Message(Box<Message>),
    /// A change of a message that is recorded apart from it, perhaps before it.
    Amendment(Amendment),
    /// A join, a leave, a rename or another notice that is not a message.
    Notice {
        /// Number of reactions to it.
        reactions: u64,
    },
    /// Content that cannot be imported, or only in another form.
    Warning {
        /// The content, and what was done with it.
        reason: &'static str,
        /// Its location in the export, or its name.
        location: String,
        /// The number of occurrences.
        count: u64,
    },
    /// A part of the export that could not be parsed.
    Broken(Broken),
    /// The number of bytes that were read since the last such record.
    Read(u64),
}

/// A person, as the product describes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// Their key.
    pub key: Key,
    /// Their username; empty if there is none.
    pub username: String,
    /// Their display name; may be empty, and the same for several people.
    pub name: String,
    /// Their email address; empty if it is unknown.
    pub email: String,
    /// Whether they are a bot.
    pub is_bot: bool,
    /// Whether the export lists them, instead of only containing messages by them.
    pub is_listed: bool,
    /// A text about them; may be empty.
    pub about: String,
    /// The name of their time zone in the IANA database; empty if it is unknown.
    pub time_zone: String,
}

/// The kind of a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ConversationKind {
    /// Open: everybody may read it or join.
    #[default]
    Public,
    /// Closed: for invited members only.
    Private,
    /// Direct: between two people, or one person's notes.
    Direct,
    /// A conversation of several people outside of channels.
    Group,
}

/// A conversation, as the product describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Its key.
    pub key: Key,
    /// Its title; may be empty.
    pub title: String,
    /// Its topic.
    pub topic: String,
    /// Its kind.
    pub kind: ConversationKind,
    /// The keys of its members, as far as they are known.
    pub members: Vec<Key>,
    /// The time at which it was created, if that is known.
    pub created_at: Option<Millis>,
    /// Whether it was archived.
    pub is_archived: bool,
    /// The time at which it was archived, if that is known.
    pub archived_at: Option<Millis>,
    /// Whether it is a thread of another conversation.
    pub is_thread: bool,
    /// What only Parlour's own export contains.
    pub details: Option<Box<ConversationDetails>>,
}

impl Conversation {
    /// Returns a direct chat whose members the export does not list, with the people who wrote in it. Two of them are
    /// its two people. Otherwise it is unknown whose it is, and it becomes a group of those who wrote.
    pub fn of_authors(self, authors: BTreeSet<Key>) -> Self {
        let is_pair = authors.len() == 2;
        let kind = if is_pair { ConversationKind::Direct } else { ConversationKind::Group };
        Self { kind, members: authors.into_iter().collect(), ..self }
    }
}

/// A change of a message that is recorded apart from it. Imports store a digest of its debug output, so the names of
/// its fields and of the variants of [`MessageChange`] must not change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The key of the message's conversation.
    pub conversation: Key,
    /// The key of the message.
    pub key: Key,
    /// The change.
    pub what: MessageChange,
    /// The time of the change.
    pub at: Millis,
}

/// A change of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageChange {
    /// It was pinned.
    Pinned,
    /// It had this text before.
    Earlier(String),
    /// It was deleted.
    Deleted,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message {
    /// The key of its conversation.
    pub conversation: Key,
    /// Its key within the conversation.
    pub key: Key,
    /// The key of its sender.
    pub sender: Key,
    /// The time at which it was sent.
    pub at: Millis,
    /// The text, as Markdown, with references to people: see [`super::body::person`].
    pub body: String,
    /// The key of the message to which it replies; in a thread, the first one.
    pub reply_to: Option<Key>,
    /// The key of the first message of its thread, if it is in one.
    pub thread: Option<Key>,
    /// The time of its last edit.
    pub edited_at: Option<Millis>,
    /// Its earlier texts, oldest first, and the times at which they were replaced.
    pub earlier: Vec<(String, Millis)>,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it was pinned.
    pub is_pinned: bool,
    /// Whether it mentions everybody.
    pub mentions_all: bool,
    /// The reactions to it.
    pub reactions: Vec<Reaction>,
    /// Its attached files.
    pub files: Vec<AttachedFile>,
    /// What only Parlour's own export contains.
    pub details: Option<Box<MessageDetails>>,
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaction {
    /// An emoji, or the product's name for one.
    pub emoji: String,
    /// The keys of the people who reacted, as far as the export contains them.
    pub people: Vec<Key>,
    /// The number of people who reacted.
    pub count: u64,
}

/// A part of an export that could not be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file, and the location in it.
    pub location: String,
    /// The reason.
    pub reason: String,
    /// The raw content, cut to [`Broken::RAW_BYTES`].
    pub raw: Vec<u8>,
}

impl Broken {
    /// Maximum number of bytes that are kept.
    pub const RAW_BYTES: usize = 256 * 1024;

    /// Creates the record, with the content cut to the maximum.
    pub fn new(location: String, reason: impl Into<String>, raw: &[u8]) -> Self {
        let raw = raw[..raw.len().min(Self::RAW_BYTES)].to_vec();
        Self { location, reason: reason.into(), raw }
    }
}
