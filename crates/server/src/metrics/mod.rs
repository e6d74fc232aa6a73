//! The metrics of a server in the text format of Prometheus, and who may read them.
//!
//! Labels have few values: a request is counted under the template of its route, never under its path. No
//! label identifies a user or a conversation.

mod access;
mod counters;
mod measurements;
mod request;
mod text;

pub use access::{Access, AccessDecision, MetricsMode, token_error};
pub use counters::Metrics;
pub use measurements::{Measurements, free_bytes};
pub use request::RequestOutcome;
pub use text::{CONTENT_TYPE, text};
