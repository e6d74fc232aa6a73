//! The user's actions. Each is in the outbox, on the disk, before its function returns; it is sent
//! to the server once that is available.

mod activity;
mod conversations;
mod marks;
pub(crate) mod messages;
mod pending;
mod submit;
#[cfg(test)]
mod tests;
