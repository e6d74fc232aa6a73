//! The reads of clients: heads, changes, a conversation's bootstrap, its history. Each response comes from one
//! snapshot. Reads of a conversation require the caller's membership.

mod access;
mod bootstrap;
mod changes;
mod cursor;
mod heads;
mod history;
mod page;
mod pull;
mod state;

pub use bootstrap::bootstrap;
pub use changes::changes;
pub use cursor::Cursor;
pub use heads::heads;
pub use history::{HistoryRange, digest, history};
pub use page::PageLimits;
pub use pull::pull;
pub use state::{state, state_after, state_digest};
