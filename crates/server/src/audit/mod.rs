//! Who came in, and what was done to accounts: a record that administrators read.
//!
//! Each entry carries a hash over its content and the hash of the one before, so that nothing in it can
//! be changed, put in between or left out without every later hash being another one. Whoever may write to
//! the database can make the whole chain anew; who wants to notice that notes the newest hash elsewhere
//! from time to time (`parlour-server audit` prints it). It holds no names, but ids; no addresses, but
//! networks; never a password, a token or a text.

mod chain;
mod event;
mod failures;

pub use chain::{FIRST_HASH, PAGE, forget_old, hash, note};
pub use event::{Action, Event};
pub use failures::Failures;
