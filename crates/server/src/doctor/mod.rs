//! Diagnoses a server before a problem becomes serious. The checks examine its folder, database, certificate, computer
//! and address; each is a function that returns its findings.
//!
//! A running server is asked to run the checks itself (`control`). If none runs, or it does not answer, its files are
//! examined, without changing them.

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

/// Runs every check that is possible from this process.
pub async fn examine(server: &ExaminedServer) -> Vec<Finding> {
    let mut found = folder::check(server);
    found.extend(permissions::check(server));
    match &server.database {
        // The check of the folder reports what is in its place.
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
