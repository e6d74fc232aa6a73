//! The form in which every reader hands over an export, whatever product wrote it.
//!
//! A reader hands over [`Record`]s in the order in which the export has them. It keeps no message: what has to be
//! known before a message can be understood (people, channels) is read first, in a pass of its own. Keys are the
//! product's; two records with the same key are the same thing.

pub mod body;
mod record;
mod sink;

pub use record::{
    Amended, Amendment, Broken, Conversation, Kind, Message, Person, Reaction, Record,
};
pub use sink::{Sink, Stop};
