//! The open connections and their limits: the part of the server that does not interpret requests.
//!
//! A connection is closed if it does not send a complete request head in time, stays idle too long, or does not
//! receive its response. If there are too many connections, one without a complete request is closed for a new one.

mod limits;
mod registry;
mod request;
mod response;
mod serve;
mod shutdown;
mod state;
mod stream;
mod upload;

pub use limits::ConnectionLimits;
pub use request::ActiveRequest;
pub use serve::serve;
pub use shutdown::ShutdownSignals;
