//! The open connections, and how long each may stay: the part of the server that does not look into requests.
//!
//! A connection is cut if it does not send a whole request head in time, stays idle too long, or takes
//! nothing of its response. If there are too many connections, one that has no complete request makes room
//! for a new one.

mod answer;
mod ending;
mod limits;
mod registry;
mod request;
mod serve;
mod state;
mod stream;
mod upload;

pub use ending::Ending;
pub use limits::ConnectionLimits;
pub use request::ActiveRequest;
pub use serve::serve;
