//! What a server counts, in the text format of Prometheus, and who may read it.
//!
//! Labels are of few values: a request counts under its route's template, never its address. Nothing in them is
//! about a person or a conversation.

mod access;
mod counted;
mod measured;
mod request;
mod text;

pub use access::{Access, Admitted, METRICS_TOKEN, MetricsMode};
pub use counted::Metrics;
pub use measured::{Measured, free_bytes};
pub use request::Answered;
pub use text::{CONTENT_TYPE, text};
