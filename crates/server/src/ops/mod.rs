//! The implementation of ops. Each changes the database in one transaction, whose changes are announced after the
//! commit.
//!
//! A message goes from its route to [`OpQueue::submit`], where it waits for the writer together with others, and then
//! to `send.rs`, which checks and stores all of them together. Every other op is performed by [`apply()`].

mod account;
mod apply;
mod context;
mod conversations;
mod draft;
mod erasure;
pub mod files;
mod members;
mod membership;
mod mentions;
mod messages;
mod picture;
mod profile;
mod replay;
mod send;
mod submission;
mod submit;

pub use apply::apply;
#[cfg(any(test, fuzzing))]
pub use draft::merge;
pub use erasure::erase;
pub use membership::{ensure_owner, join, leave, make_owner, require_active};
pub use picture::{Picture, set_picture};
pub use submission::Submission;
pub use submit::{OpQueue, QueuedMessage, batch};
