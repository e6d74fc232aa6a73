//! The common form in which every reader passes on an export, whatever product wrote it.
//!
//! A reader passes on [`Record`]s in the order of the export. It keeps no messages in memory: what has to be known
//! before messages can be understood (people, channels) is read first, in a separate pass. Keys are the product's
//! own; two records with the same key are the same object.

mod attached;
pub mod body;
mod details;
mod key;
mod location;
mod record;
mod sink;

pub use attached::{AttachedFile, FileContent, FoundFile};
pub use details::{ConversationDetails, ExportedMember, MessageDetails};
pub use key::Key;
pub use location::Location;
pub use record::{
    Amendment, Broken, Conversation, ConversationKind, Message, MessageChange, Person, Reaction,
    Record,
};
pub use sink::{Sink, StopReason};
