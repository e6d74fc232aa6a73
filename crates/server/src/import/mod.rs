//! Imports years of channel logs into users and group conversations.
//!
//! A folder holds `CHANNEL/YYYY/YYYY-MM-DD`. Each file is remembered by its digest, and each message's
//! id is made from its file and its number there, so a second run adds nothing and a day that grew adds
//! what is new. Files are read one at a time: memory does not grow with the history.

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
