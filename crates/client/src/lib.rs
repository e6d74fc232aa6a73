//! The running client behind one type, [`Client`]: the account's files, the sync with its server,
//! and the token in the system's keychain. A window, a test or a bot is a thin layer over it.
//!
//! Reading, searching and writing use the files alone, so they work with no network and never wait
//! for one. What changes is told by [`Notice`], after it is on the disk.

pub mod accounts;
mod address;
mod audience;
mod client;
mod clock;
mod credentials;
mod deeds;
mod driver;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod http;
mod items;
mod leaving;
mod locks;
mod notice;
pub mod perform;
mod proof;
mod revoked;
mod session;
mod socket;
mod status;
mod tls;
mod turns;
mod vault;
pub mod verify;
mod waiting;
mod waking;

pub use accounts::{AccountId, Closed};
pub use client::{Client, Keep, Starting};
pub use clock::{Clock, SystemClock};
pub use deeds::Saying;
pub use error::Error;
pub use notice::{Notice, Notices};
pub use parlour_store::{
    Changes, ConversationSummary, Delivery, Draft, HistoryLimit, ItemReaction, Member,
    MessagePlace, Person, PersonState, Position, Progress, Quote, SavedItem, Scope, Search,
    SearchHit, SearchOrder, SearchPage, SearchPlace, SnippetPart, TimelineItem, TimelinePage,
    give_back_free_memory, wipe_what_libraries_free,
};
pub use session::Session;
pub use status::{AccountInfo, ConnectionState, SyncStatus};
pub use waiting::OutboxItem;

/// What goes wrong in a client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod deeds_tests;
