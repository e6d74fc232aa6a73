//! Time, which the driver tells.

/// Milliseconds of a clock that never goes back; only differences mean anything.
pub type Now = i64;
