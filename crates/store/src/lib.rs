//! One account's files: the mirror, which contains everything that its user may see, and the outbox, which
//! contains everything that exists nowhere else. Callers write rows, read rows, and receive [`Changes`].
//!
//! The window shows the mirror plus the outbox, read only from these files. A reader reads the outbox first
//! and the mirror second, and drops what both contain: a message that moves from one to the other meanwhile
//! is then shown once, never twice and never not at all.

#[macro_use]
mod columns;

mod activity;
mod apply;
mod attached;
mod blobs;
mod changes;
mod cleanup;
mod compare;
mod direct;
mod disk;
mod draft;
mod drafts;
mod error;
mod file_names;
mod folder;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod gate;
mod index;
mod keywords;
mod list;
mod lock;
mod lost_messages;
mod members;
mod mentions;
mod message_details;
mod mirror;
mod new_items;
mod op_results;
mod origin;
mod outbox;
mod packed;
mod people;
mod pictures;
mod progress;
mod queue;
mod received;
mod registry;
mod schema;
mod search;
mod settings;
mod shared_files;
mod store;
mod stored_history;
mod sync_state;
mod synced_settings;
#[cfg(test)]
mod tests;
mod timeline;
mod unread;
mod unused_files;
mod wipe;

pub use activity::kind::ActivityKind;
pub use activity::page::{ActivityCandidate, ActivityPosition};
pub use apply::ServerUpdate;
pub use attached::NewBlob;
pub use blobs::{BlobReader, BlobWriter, Secret};
pub use changes::{Changes, NewItem, NewReaction};
pub use compare::messages::MessageRange;
pub use compare::state::StreamCursor;
pub use direct::DirectState;
pub use draft::Draft;
pub use error::{Error, Result};
pub use file_names::{KEYS, OUTBOX};
pub use folder::{Folder, delete_mirror, has_account};
pub use index::terms::register as register_search;
pub use keywords::Keywords;
pub use list::summary::ConversationSummary;
pub use members::Member;
pub use message_details::{ConversationState, MessageDetails};
pub use mirror::Mirror;
pub use mirror::users::{Person, PersonState};
pub use origin::mark_origin;
pub use outbox::account::Account;
pub use outbox::files::Staged;
pub use outbox::ops::{OpState, PendingOp};
pub use outbox::salvage::Salvage;
pub use parlour_sqlite::private;
pub use parlour_sqlite::{Key, is_plain, open_unchecked, release_free_memory, zero_freed_memory};
pub use people::PersonCard;
pub use pictures::Pictured;
pub use progress::Progress;
pub use received::{PartialFile, ReceiveResult};
pub use registry::{Setting, SettingKey, SettingKind, SettingScope, window_settings};
pub use search::page::{
    Scope, Search, SearchHit, SearchOrder, SearchPage, SearchPlace, SnippetPart,
};
pub use search::query::SearchContext;
pub use settings::HistoryLimit;
pub use shared_files::{FilePage, FilePosition, FileToFetch, FilesQuery, ListedFile};
pub use store::{Images, Store};
pub use stored_history::{StoredConversation, StoredPerson};
pub use sync_state::{StreamState, SyncState};
pub use timeline::item::{Delivery, ItemReaction, Quote, TimelineItem};
pub use timeline::page::{MessagePosition, Position, SavedItem, TimelinePage};
pub use wipe::opens;
