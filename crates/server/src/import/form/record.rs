//! The things of an export.

use parlour_protocol::Millis;

/// What tells a thing of an export from others, as the product has it.
pub type Key = String;

/// One thing of an export.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// Somebody. Comes before whatever names them.
    Person(Person),
    /// A conversation. Comes before its messages.
    Conversation(Conversation),
    /// A message.
    Message(Box<Message>),
    /// Something about a message that comes apart from it, perhaps before it.
    Amendment(Amendment),
    /// A join, a leave, a rename or another thing that nobody said.
    Notice {
        /// How many reacted to it.
        reactions: u64,
    },
    /// Something that cannot be carried, or is carried otherwise than it was.
    Left {
        /// What, and why.
        why: &'static str,
        /// Where, or what it is called.
        place: String,
        /// How many.
        many: u64,
    },
    /// Something that could not be understood.
    Broken(Broken),
    /// So many bytes more were read.
    Read(u64),
}

/// Somebody, as the product knows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// What tells them from others.
    pub key: Key,
    /// The name by which they signed in; empty if there is none.
    pub username: String,
    /// The name that was shown; may be empty, and that of several people.
    pub name: String,
    /// Their e-mail address, if it is told.
    pub email: String,
    /// Whether they are a program.
    pub is_bot: bool,
    /// Whether the export lists them, and not only what they said.
    pub is_listed: bool,
}

/// Who may read a conversation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Everybody, or whoever joins.
    #[default]
    Public,
    /// Those who were let in.
    Private,
    /// Two people, or one by themselves.
    Direct,
    /// Several people without a channel.
    Group,
}

/// A conversation, as the product knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// What tells it from others.
    pub key: Key,
    /// What it is called; may be empty.
    pub title: String,
    /// What it is about.
    pub topic: String,
    /// Who may read it.
    pub kind: Kind,
    /// The keys of those who were in it, as far as that is known.
    pub members: Vec<Key>,
    /// When it was begun, if that is known.
    pub created_at: Option<Millis>,
    /// Whether it was closed.
    pub is_archived: bool,
    /// Whether it is a thread of another one.
    pub is_thread: bool,
}

/// Something about a message that comes apart from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// The key of the message's conversation.
    pub conversation: Key,
    /// The key of the message.
    pub key: Key,
    /// What it is.
    pub what: Amended,
    /// When that was.
    pub at: Millis,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amended {
    /// It was pinned.
    Pinned,
    /// It said this before.
    Earlier(String),
    /// It was deleted.
    Deleted,
}

/// A message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Message {
    /// The key of its conversation.
    pub conversation: Key,
    /// What tells it from others in that.
    pub key: Key,
    /// The key of its sender.
    pub sender: Key,
    /// When it was sent.
    pub at: Millis,
    /// The text, as Markdown; people in it are marked: see [`super::body::person`].
    pub body: String,
    /// The key of the message that it answers, which in a thread is its first.
    pub reply_to: Option<Key>,
    /// The key of the first message of its thread, if it is in one.
    pub thread: Option<Key>,
    /// When it was edited last.
    pub edited_at: Option<Millis>,
    /// What it said before, oldest first, and when that was replaced.
    pub earlier: Vec<(String, Millis)>,
    /// Whether it was deleted.
    pub is_deleted: bool,
    /// Whether it was pinned.
    pub is_pinned: bool,
    /// Whether it calls everybody.
    pub calls_all: bool,
    /// What others thought of it.
    pub reactions: Vec<Reaction>,
    /// The names of its files.
    pub files: Vec<String>,
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reaction {
    /// An emoji, or the product's name for one.
    pub emoji: String,
    /// The keys of those who reacted, as far as the export names them.
    pub people: Vec<Key>,
    /// How many there were.
    pub count: u64,
}

/// Something that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file, and where in it.
    pub place: String,
    /// Why.
    pub why: String,
    /// What stands there, cut to [`Broken::RAW_BYTES`].
    pub raw: Vec<u8>,
}

impl Broken {
    /// Most bytes that are kept of one.
    pub const RAW_BYTES: usize = 256 * 1024;

    /// Returns what could not be understood, cut to what is kept of it.
    pub fn new(place: String, why: impl Into<String>, raw: &[u8]) -> Self {
        let raw = raw[..raw.len().min(Self::RAW_BYTES)].to_vec();
        Self { place, why: why.into(), raw }
    }
}
