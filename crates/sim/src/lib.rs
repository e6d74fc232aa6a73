//! The proof of the sync: real clients (session, files, and the steps of the sync that the app's
//! driver takes) and a real server (core and hubs) under one seeded scheduler, in virtual time,
//! with everything that a network, a disk, a clock and a process can do to them.
//!
//! A run has two parts. First people use the app while things break: [`world`] has the faults,
//! [`actors`] and [`private_state`] the actions, and [`hostile`] the attacks. Then everything
//! heals, and [`check`] verifies that each accepted message exists exactly once, in its author's
//! order, and without its author's agreement reached nobody who joined since it was written; that
//! every mirror equals what its user may see; that no deletion was undone; that positions have no
//! gaps; that queues are empty; and that nothing is sent any more.
//!
//! A history is about the sync, or about notifications ([`About`]): then each person has three devices, and every
//! message notifies as a table says that is written down a second time, once, and nothing else does.
//!
//! [`Bug`] takes one rule away at a time. Each bug must make some seed fail; otherwise this proves
//! nothing.
//!
//! `cargo xtask sim --seed N` replays one history.

mod about;
mod actors;
mod bugs;
mod check;
mod client;
mod dice;
mod hostile;
mod ids;
mod ledger;
mod liar;
mod notified;
#[cfg(test)]
mod presence;
mod private_state;
mod server;
#[cfg(test)]
mod tests;
mod wire;
mod world;

pub use about::About;
pub use bugs::Bug;
pub use world::{Report, run};
