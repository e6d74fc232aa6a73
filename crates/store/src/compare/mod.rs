//! Whether the mirror is what the server has, and mending it where it is not.

pub(crate) mod messages;
pub(crate) mod repairs;
pub(crate) mod state;
