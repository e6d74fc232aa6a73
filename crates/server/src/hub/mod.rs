//! Delivery of changes to sockets. The hub holds every open socket and the streams that it follows, and
//! passes each committed change on to the users who may see it.
//!
//! A push is a hint: a client that reads too slowly for its queue gets heads instead of rows, and pulls. Typing and
//! presence are never stored. If a client reads too slowly, typing is dropped first, and only the newest presence of
//! each user is sent.

mod coalesce;
mod delivery;
mod frame;
mod hint;
mod limits;
mod lookups;
mod outbound;
mod peers;
mod presence;
mod presence_changes;
mod registry;
mod resync;
mod servers;
mod state;
#[cfg(test)]
mod tests;
mod watching;

pub use frame::to_json;
pub use hint::Hint;
pub use limits::SocketLimits;
pub use lookups::Lookups;
pub use outbound::{Next, Outbound};
pub use registry::{Hub, Subscriber};
pub use state::TICK;
