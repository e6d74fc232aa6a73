//! The metrics of a server in the text format of Prometheus, and who may read them.
//!
//! Labels have few values: a request is counted under the template of its route, never under its path. No
//! label identifies a user or a conversation.

mod access;
mod counted;
mod measured;
mod request;
mod text;

pub use access::{Access, Admitted, METRICS_TOKEN, MetricsMode, fault};
pub use counted::Metrics;
pub use measured::{Measured, free_bytes};
pub use request::Answered;
pub use text::{CONTENT_TYPE, text};
