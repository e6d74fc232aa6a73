//! The Parlour server.
//!
//! A request takes two hops: a route (`routes/`) checks who asks and tells the story, a query
//! (`queries/`) holds the SQL. Everything that writes goes through [`db::Db::write`], which puts
//! many requests into one commit and announces their changes to the [`hub`] once it is on the disk.

pub mod accounts;
mod app;
pub mod auth;
pub mod db;
mod error;
mod hub;
pub mod import;
mod ops;
mod queries;
mod routes;

pub use app::{App, Config, Running, StartError, new_epoch, serve};
pub use error::ApiError;
