//! The Parlour server.
//!
//! A request passes few layers: its route (`routes/`) checks the caller; `ops/` (what users do in conversations),
//! `reads/` (what clients read) or `admin/` (what administrators do) performs it; `queries/` contains the SQL. Every
//! write goes through `Db::write`, which combines many requests into one commit and passes their changes to the hub
//! once the commit is on the disk.
//!
//! A module uses only modules below it. ARCHITECTURE.md lists them from the top down.

pub mod admin;
mod app;
mod audit;
mod auth;
mod background;
pub mod backup;
mod bare_response;
mod bus;
mod caller;
mod clock;
mod config;
mod config_check;
mod connections;
pub mod control;
pub mod core;
mod data_folder;
pub mod data_names;
mod db;
pub mod doctor;
mod epoch;
mod error;
pub mod export;
mod failover;
mod file_store;
mod files;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod health;
pub mod hub;
pub mod import;
mod limits;
mod lock;
mod lookups;
mod lost_database;
mod maintenance;
mod metrics;
mod names;
mod no_follow;
mod offline;
mod ops;
mod precis;
mod proxies;
mod queries;
mod reads;
mod regular_file;
mod reload;
mod routes;
mod schedule;
mod serve;
pub mod settings;
mod start_error;
mod this_computer;
pub mod tls;
mod tokens;
mod watermark;

pub use app::App;
pub use auth::Lifetime;
pub use bus::BusAddress;
pub use caller::Actor;
pub use config::Config;
pub use config_check::{check_config, warnings};
pub use connections::ConnectionLimits;
pub use db::{Change, Copied, DatabaseAddress};
pub use error::ApiError;
pub use file_store::FileSettings;
pub use hub::{Hint, SocketLimits};
pub use metrics::MetricsMode;
pub use names::username_key;
pub use offline::{copy_database, new_epoch, reset_clock};
pub use proxies::{Proxies, ProxyHeader};
pub use reads::{Cursor, HistoryRange, PageLimits};
pub use serve::{RunningServer, serve};
pub use start_error::StartError;
