//! Imports years of channel logs into users and group conversations.
//!
//! The folder contains `CHANNEL/YYYY/YYYY-MM-DD`. Each file is remembered by its digest, and each message's
//! id is derived from its file and its number in it. A second run therefore adds nothing, and a file that has
//! grown adds what is new. Files are read one at a time, so memory does not grow with the history.

mod ids;
pub mod irc;
mod people;
mod report;
mod run;
mod sources;
mod store;

pub use people::Names;
pub use report::{ImportError, Report};
pub use run::import;
