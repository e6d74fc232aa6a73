//! One account's files: the mirror, which is everything that its owner may see, and the outbox,
//! which is everything that exists nowhere else. Rows in, rows out, [`Changes`] out.
//!
//! What the window shows is the mirror plus the outbox, read from these files only. A reader takes
//! the outbox first and the mirror second, and drops what both hold: a message on its way from one
//! to the other is then seen once, never twice and never not at all.

mod account;
mod apply;
mod changes;
mod conversations;
mod drafts;
mod error;
mod files;
mod folder;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod item;
mod members;
mod mentions;
mod messages;
mod offers;
mod outbox;
mod packed;
mod pairs;
mod salvage;
mod search;
mod sent;
mod sessions;
mod settings;
mod state;
mod streams;
mod summary;
mod timeline;
mod unread;
mod users;
mod verify;
mod wipe;

pub use apply::Arrival;
pub use changes::Changes;
pub use conversations::Progress;
pub use drafts::Draft;
pub use error::Error;
pub use files::{Images, Mirror, Store};
pub use folder::{Folder, delete_mirror, has_account};
pub use item::{Delivery, ItemReaction, Quote, TimelineItem};
pub use members::Member;
pub use outbox::{Account, OpState, OpenOp};
pub use pairs::Pair;
pub use parlour_sqlite::private;
pub use parlour_sqlite::{
    Key, give_back_free_memory, is_plain, open_unchecked, wipe_what_libraries_free,
};
pub use salvage::Salvage;
pub use search::{
    Here, Scope, Search, SearchHit, SearchOrder, SearchPage, SearchPlace, SnippetPart,
    register as register_search,
};
pub use settings::HistoryLimit;
pub use state::Standing;
pub use streams::{StreamState, SyncState};
pub use summary::ConversationSummary;
pub use timeline::{MessagePlace, Position, SavedItem, TimelinePage};
pub use users::{Person, PersonState};
pub use verify::Stretch;
pub use wipe::opens;

/// What goes wrong in a store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod earlier_tests;
#[cfg(all(test, unix))]
mod private_tests;
#[cfg(test)]
mod purged_tests;
#[cfg(test)]
mod search_tests;
#[cfg(test)]
mod shown_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod wipe_tests;
