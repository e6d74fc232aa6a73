//! The scheduler: one queue of events in virtual time, and chance, which decides what comes when,
//! what is lost, and who fails.

mod devices;
mod network;
mod play;
mod state;
mod trouble;

pub use play::run;
pub use state::{Report, Stage, World};
