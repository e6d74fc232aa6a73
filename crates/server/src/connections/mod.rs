//! Who is connected, and for how long: the part of the server that reads no request.
//!
//! A connection is cut that sends no whole head, waits without a request, or takes nothing of its
//! answer; where there are too many, one whose request is still to come, or that has none, makes room for the new one.

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
