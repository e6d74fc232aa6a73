//! What a user does. Everything is in the outbox, on the disk, before it returns; the server hears of
//! it when there is one.

mod conversations;
mod marks;
pub(crate) mod messages;
mod pending;
mod submit;
#[cfg(test)]
mod tests;
