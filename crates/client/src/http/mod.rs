//! Requests to the server, and the one with which the socket begins.

mod account;
mod administration;
pub(crate) mod answer;
pub(crate) mod client;
mod edits;
mod sync;
#[cfg(test)]
mod tests;
mod upgrade;
