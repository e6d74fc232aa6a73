//! The scheduler: one queue of events in virtual time, and random numbers, which decide what
//! happens when, what is lost, and what fails.

mod delays;
mod devices;
mod faults;
mod network;
mod play;
mod state;

pub use play::run;
pub use state::{Report, Stage, World};
