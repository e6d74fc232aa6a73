//! The engine for large servers: a pool of connections reads, one connection writes.
//!
//! Several servers may share a database. Only one transaction writes at a time, among all of them, because
//! each begins by taking the same lock. Therefore the watermark is in commit order, deadlocks are impossible,
//! nothing has to be retried, and the SQL above can rely on the same guarantees as on SQLite. The price is
//! that the lock changes hands once per commit; a commit holds up to 256 requests and all messages that wait.

mod connect;
mod handle;
mod migrate;
mod origin;
mod values;

pub use connect::{Messages, READERS, connect, connect_to_listen, readers, settle};
pub use handle::Handle;
pub use migrate::{MIGRATIONS, VERSION};
pub use origin::is_promoted;
