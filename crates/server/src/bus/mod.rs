//! Notifies the other servers on the same database of the streams that moved here, so that they can notify their
//! sockets, and of the users who are online and typing here.
//!
//! The bus carries hints only. They contain what to look up and are not trusted, because anyone with write
//! access to the transport can send anything. The state of a stream, who may follow it and whose session has
//! ended are read from the database when a hint arrives ([`crate::lookups`]). No permission depends on
//! whether a user is online, so this is read from the hint itself. Hints are sent after the commit and
//! never inside it; hints in quick succession share one batch. The heartbeat's watermark compensates for a
//! lost hint. A server that may have missed the end of a session closes its sockets, so that the clients
//! reconnect and are checked.
//!
//! Hint batches are sent over a [`transport::Transport`]: PostgreSQL itself, or NATS. A server on SQLite is
//! the only one on its database and needs no bus.

mod address;
mod hint_batch;
mod nats;
mod postgres;
mod run;
mod transport;

pub use address::BusAddress;
#[cfg(any(test, fuzzing))]
pub use hint_batch::fuzz;

use crate::hub::{Hint, Hub};
use nats::Nats;
use postgres::Postgres;
use run::run;
use std::sync::Weak;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;

/// Starts to notify the other servers on a PostgreSQL database in this epoch, and to listen to them. The returned
/// receiver closes once every hint has been sent.
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
