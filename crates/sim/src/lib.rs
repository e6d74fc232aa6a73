//! The proof of the sync: real clients (session, files, and the steps of the sync that the app's driver takes) and a
//! real server (core and hubs) under one seeded scheduler, in virtual time, with everything that a network, a disk, a
//! clock and a process can do to them.
//!
//! A run has two parts. First people talk while things break ([`world`] has the faults, [`actors`] and
//! [`private_state`] what is done, [`hostile`] what somebody tries who means no good). Then it heals, and [`check`]
//! holds what must be: each accepted message exactly once, in its author's order, and to nobody who joined since it was
//! written without its author's word; every mirror equal to what its member may see; nothing deleted back; positions
//! dense; queues empty; and silence.
//!
//! [`Bug`] takes one rule away at a time. Each must make some seed fail: else this proves nothing.
//!
//! `cargo xtask sim --seed N` plays one history again.

mod actors;
mod bugs;
mod check;
mod client;
mod dice;
mod hostile;
mod ids;
mod ledger;
mod liar;
mod private_state;
mod server;
mod wire;
mod world;

pub use bugs::Bug;
pub use world::{Report, run};
