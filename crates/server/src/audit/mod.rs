//! The audit log: a record for administrators of sign-ins and of changes to accounts.
//!
//! Each entry contains a hash over its content and the hash of the previous entry, so that nothing can be
//! changed, inserted or removed without changing every later hash. Somebody with write access to the database
//! can still recompute the whole chain; to detect that, note the newest hash elsewhere from time to time
//! (`parlour-server audit` prints it). Entries contain ids instead of names and networks instead of
//! addresses; they never contain a password, a token or a text.

mod chain;
mod event;
mod failures;
mod pending;

pub use chain::{FIRST_HASH, PAGE_SIZE, forget_old, hash, record};
pub use event::{Action, Event};
pub use failures::Failures;
pub use pending::Pending;
