//! Requests to the server, including the one that opens the socket.

mod account;
mod administration;
pub(crate) mod client;
mod edits;
mod files;
mod pictures;
pub(crate) mod response;
mod sync;
#[cfg(test)]
mod tests;
mod upgrade;
