//! The engine for large servers: a pool reads, one connection writes.
//!
//! Several servers may share a database. One transaction writes at a time, over all of them: each
//! begins by taking one lock. So the watermark is in commit order, no two can
//! deadlock, nothing has to be tried again, and the SQL above can think as it does on SQLite. What
//! it costs is one lock handed over per commit, and a commit holds up to 256 requests and all messages
//! that wait.

mod connect;
mod handle;
mod migrate;
mod origin;
mod values;

pub use connect::{Messages, READERS, connect, connect_to_listen, readers, settle};
pub use handle::Handle;
#[cfg(test)]
pub use migrate::MIGRATIONS;
pub use origin::is_promoted;
