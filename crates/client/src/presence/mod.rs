//! Presence: what this device says of its user, and what the server says of the people who are shown. None of it is
//! stored.

mod book;
mod say;

pub use book::PersonNow;
pub(crate) use book::PresenceBook;
pub(crate) use say::Saying;
