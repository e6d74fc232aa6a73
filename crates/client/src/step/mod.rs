//! A step of the sync, without network or clock: it takes an input, works with the account's files, and
//! returns what else is to be done. The running client takes these steps with HTTP and a socket
//! ([`Server`] is the interface to the server), a simulation with a simulated network.

mod audience;
mod compare;
mod history;
mod send;
pub(crate) mod server;
mod server_call;
mod state;
mod syncer;
mod task;
#[cfg(test)]
mod tests;

pub use server::{PartResult, Server, ServerResult};
pub use server_call::{CallKind, ServerCall};
pub use syncer::Syncer;
pub use task::{Request, Task, Write};
