//! The Parlour server.
//!
//! A request takes two hops: a route (`routes/`) checks who asks and tells the story, a query
//! (`queries/`) holds the SQL. Everything that writes goes through `Db::write`, which puts
//! many requests into one commit and announces their changes to the hub once it is on the disk.

pub mod accounts;
mod answers;
mod app;
pub mod audit;
mod auth;
mod bus;
mod clock;
mod connections;
pub mod core;
mod db;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
pub mod groups;
pub mod hub;
pub mod import;
mod limits;
mod lookups;
mod names;
mod ops;
mod proxies;
mod queries;
mod quota;
mod reserved;
mod routes;
mod sends;
mod under_way;

pub use answers::{Cursor, Most, Stretch};
pub use app::{App, Config, Running, StartError, copy_database, new_epoch, reset_clock, serve};
pub use auth::Lifetime;
pub use bus::{BusAddress, Hint};
pub use connections::ConnectionLimits;
pub use db::{Change, Copied, DatabaseAddress};
pub use error::ApiError;
pub use hub::SocketLimits;
pub use names::username_key;
pub use proxies::{Proxies, ProxyHeader};
