//! The accounts on this computer. Each has its own folder, files, key, token and tasks: what
//! happens to one, or to its server, does not affect the others.

pub(crate) mod closed;
pub(crate) mod disk;
pub(crate) mod exclusive;
pub(crate) mod registry;
