//! The engine for large servers: a pool of connections reads, one connection writes.
//!
//! Several servers may share a database. Only one transaction writes at a time, among all of them, because each
//! begins by taking the same lock. Therefore the watermark is in commit order, deadlocks are impossible, nothing has
//! to be retried, and all SQL can rely on the same guarantees as on SQLite. The cost is that each commit acquires the
//! lock; a commit contains up to 256 requests and all waiting messages.

mod connect;
mod handle;
mod migrate;
mod objects;
mod origin;
mod values;

pub use connect::{
    Messages, READERS, apply_settings, check_address, connect, connect_to_listen, readers,
};
pub use handle::Handle;
pub use migrate::{MIGRATIONS, VERSION};
pub use objects::{objects, server_id};
pub use origin::is_promoted;
