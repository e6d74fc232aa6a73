//! Time, which the driver provides.

/// Milliseconds of a clock that never goes back; only differences are meaningful.
pub type Now = i64;
