//! A step of the sync, without a network and a clock: what happened goes in, what is to be done comes out, and
//! everything that is about the account's files is done on the way. The running client takes these steps with HTTP
//! and a socket ([`Server`] is what they ask), a simulation with a network that it plays.

mod ask;
mod audience;
mod compare;
mod history;
mod send;
pub(crate) mod server;
mod state;
mod syncer;
mod task;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Question};
pub use server::{Answer, Server};
pub use syncer::Syncer;
pub use task::{Request, Task, Write};
