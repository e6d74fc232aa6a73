//! Compares the mirror with the server's data, and repairs it where it differs.

pub(crate) mod messages;
pub(crate) mod repairs;
pub(crate) mod state;
