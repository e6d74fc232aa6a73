//! The proof of the sync: real clients (session, files, and the steps of the sync that the app's
//! driver takes) and a real server (core and hubs) under one seeded scheduler, in virtual time,
//! with faults of the network, the disks, the clocks and the processes.
//!
//! A run has two parts. First people use the app while faults occur: [`world`] has the faults, [`actors`]
//! and [`private_state`] the actions, and [`hostile`] the attacks. Then all faults are healed, and
//! [`check`] verifies that each accepted message exists exactly once, in its author's order, and did not
//! reach people who joined since it was written without its author's confirmation; that every mirror equals
//! what its user may see; that no deletion was undone; that positions have no gaps; that queues are empty;
//! and that no requests are made any more.
//!
//! A history is about the sync, or about notifications ([`Scenario`]): then each person has three devices,
//! and every message notifies as a table says that is written down a second time, once, and nothing else
//! does.
//!
//! [`Bug`] disables one rule at a time. Each bug must make some seed fail, which tests the checks.
//!
//! `cargo xtask sim --seed N` replays one run.

mod actors;
mod bugs;
mod check;
mod client;
mod hostile;
mod ids;
mod ledger;
mod lying_server;
mod notification_actors;
#[cfg(test)]
mod presence;
mod private_state;
mod rng;
mod scenario;
mod server;
#[cfg(test)]
mod tests;
mod wire;
mod world;

pub use bugs::Bug;
pub use scenario::Scenario;
pub use world::{Report, run};
