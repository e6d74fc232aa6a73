//! Whether anything is wrong with a server, told before it matters: checks of its folder, its database, its
//! certificate, its computer and its address, each a function that answers with what it found.
//!
//! A server that runs is asked to look itself (`control`); where none runs, or it does not answer, the files are
//! looked at, and left as they are.

mod address;
mod backup;
mod certificate;
mod clock;
mod disk;
mod exact_verifier;
mod finding;
mod folder;
mod history;
mod metrics;
mod permissions;
mod postgres;
mod server;
mod sqlite;
mod strange;
mod versions;
mod writable;

pub use clock::compare as compare_clock;
pub use finding::{Check, Finding, State};
pub use server::ExaminedServer;

use crate::db::DatabaseAddress;

/// Runs the quick checks: of the disk, the certificate and the last backup.
pub fn glance(server: &ExaminedServer) -> Vec<Finding> {
    let certificate = certificate::check(server);
    disk::check(server).into_iter().chain([certificate]).chain(backup::check(server)).collect()
}

/// Does every check that can be done from where this runs.
pub async fn examine(server: &ExaminedServer) -> Vec<Finding> {
    let mut found = folder::check(server);
    found.extend(permissions::check(server));
    match &server.database {
        // Of what is in its place the folder's check tells.
        DatabaseAddress::Sqlite(_) if !strange::is_plain(server) => {}
        DatabaseAddress::Sqlite(path) => {
            found.extend(sqlite::check(path.clone(), server.is_running).await);
            found.extend(history::check(server));
        }
        DatabaseAddress::Postgres(url) => found.extend(postgres::check(url).await),
    }
    found.extend(disk::check(server));
    found.push(certificate::check(server));
    found.extend(backup::check(server));
    found.extend(metrics::check(server));
    found.extend(address::check(server).await);
    found
}
