//! Which accounts are on this computer. Each has a folder, files, a key, a token and tasks of its own:
//! what happens to one, or to its server, does not touch the others.

pub(crate) mod closed;
pub(crate) mod disk;
pub(crate) mod exclusive;
pub(crate) mod registry;
