//! Compares the mirror with what the server has, and repairs it where it differs.

pub(crate) mod messages;
pub(crate) mod repairs;
pub(crate) mod state;
