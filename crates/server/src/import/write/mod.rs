//! Writes the records of an export into the database.

mod amend;
mod batch;
mod places;
mod prepare;
mod settle;
mod state;

pub use amend::amend;
pub use batch::write;
pub use places::own_all;
pub use settle::settle;
pub use state::{Counts, State};
