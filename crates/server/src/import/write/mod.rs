//! Writes the records of an export into the database.

mod amend;
mod attachments;
mod batch;
mod conversations;
mod direct;
mod earlier;
mod given;
mod memberships;
mod merge;
mod order;
mod origin;
mod place;
mod prepare;
mod senders;
mod state;

pub use amend::amend;
pub use batch::write;
pub use conversations::add_requested_members;
pub use memberships::hide_from_newcomers;
pub use order::{order_by_time, renumber_member};
pub use origin::Origin;
pub use senders::{Needed, Senders, add_senders};
pub use state::{Counts, State};
