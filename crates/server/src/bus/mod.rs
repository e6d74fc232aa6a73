//! Tells the other servers on the same database what moved here, so that their sockets hear of it;
//! and who is here, and who writes.
//!
//! It carries hints only, which name what to look at and are not believed: whoever can write to the carrier
//! could say anything. Where a stream goes, who may follow it and whose session has ended is read from the
//! database when a hint comes ([`crate::recheck`]); that somebody is online gives nobody a right, and is
//! taken as it is said. They go out after the commit and never inside it, and what came meanwhile goes into
//! one note. A hint that is lost is made up for by the heartbeat's
//! watermark; who may have missed that a session ended is told to come again, and is then checked.
//!
//! What carries the notes is a [`carrier::Carrier`]: PostgreSQL itself, or NATS. A server on SQLite is alone,
//! and its hub needs none.

mod address;
mod carrier;
mod nats;
mod note;
mod postgres;
mod run;

pub use address::BusAddress;
#[cfg(any(test, fuzzing))]
pub use note::fuzz;

use crate::hub::{Hint, Hub};
use nats::Nats;
use postgres::Postgres;
use run::run;
use std::sync::Weak;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

/// Begins to tell the servers on a PostgreSQL database in this epoch, and to hear them.
pub fn start(
    database: &str,
    address: Option<&BusAddress>,
    epoch: &str,
    hub: Weak<Hub>,
    hints: UnboundedReceiver<Hint>,
) -> oneshot::Receiver<()> {
    match address {
        Some(BusAddress(url)) => {
            let subject = format!("parlour.{epoch}");
            run(Nats { url: url.clone(), subject }, hub, hints)
        }
        None => run(Postgres { url: database.into() }, hub, hints),
    }
}
