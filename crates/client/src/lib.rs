//! The running client behind one type, [`Client`]: the account's files, the sync with its server,
//! and the token in the system's keychain. A window, a test or a bot is a thin layer over it.
//!
//! Reading, searching and writing use the files alone, so they work without a network and never wait for
//! one. [`Notice`] announces changes after they are on the disk.

mod about;
mod account_id;
mod accounts;
mod actions;
mod address;
mod administration;
mod app_link;
mod attachments;
mod blocking;
mod client;
mod clock;
mod context;
mod drafts;
mod driver;
mod effects;
mod error;
mod export;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod http;
mod identity;
mod index;
mod invitation;
mod keys;
mod notice;
mod notify;
mod outbox;
mod people_presence;
mod pictures;
mod pinned;
mod pins;
mod presence;
mod qr;
mod session;
mod settings;
mod socket;
mod status;
pub mod step;
mod stored_section;
#[cfg(test)]
mod test_server;
mod tls;
mod token;
mod unread;
mod waking;

pub use account_id::AccountId;
pub use accounts::closed::Closed;
pub use actions::messages::OutgoingMessage;
pub use administration::{NewLink, OpenInvitation};
pub use app_link::Destination;
pub use attachments::{
    FileState, NotStaged, OpenedFile, PASTED_BYTES, Pixels, StagedFile, Staging, Transfer,
};
pub use client::Client;
pub use client::options::{KeyStorageChoice, SignInMode};
pub use client::reach::LinkPreview;
pub use clock::{Clock, SystemClock};
pub use error::{Error, Result};
pub use export::ExportSummary;
pub use identity::{APP_ICON, APP_ID, APP_NAME};
pub use notice::{Notice, Notices};
pub use notify::{
    ActivityCause, ActivityEntry, ActivityPage, DesktopNotifications, DeviceState, Line,
    Notification, NotificationDetail, Notifier, Pause, ReceivedItem, Summary, Text,
};
pub use outbox::OutboxItem;
pub use parlour_export::{
    ExportFormat, ExportRequest, ExportSelection, ExportTexts, Progress as ExportProgress,
};
pub use parlour_store::{
    ActivityKind, ActivityPosition, Changes, ConversationSummary, Delivery, Draft, FilePage,
    FilePosition, FilesQuery, HistoryLimit, ItemReaction, ListedFile, Member, MessagePosition,
    Person, PersonCard, PersonState, Pictured, Position, Progress, Quote, SavedItem, Scope, Search,
    SearchHit, SearchOrder, SearchPage, SearchPlace, SettingKey, SnippetPart, TimelineItem,
    TimelinePage, release_free_memory, window_settings, zero_freed_memory,
};
pub use pinned::{PinnedKey, pinned_config};
pub use presence::PersonPresence;
pub use qr::QrCode;
pub use session::Session;
pub use status::{AccountInfo, ConnectionState, SyncStatus};
pub use stored_section::StoredSection;
pub use unread::Unread;
