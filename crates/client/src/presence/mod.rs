//! Presence: that of the user, which this device sends, and that of the people who are shown. None of it is stored.

mod known;
mod own;

pub(crate) use known::KnownPresence;
pub use known::PersonPresence;
pub(crate) use own::OwnPresence;
