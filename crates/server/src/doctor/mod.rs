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
mod exactly;
mod finding;
mod folder;
mod history;
mod metrics;
mod patient;
mod permissions;
mod postgres;
mod sqlite;
mod strange;
mod versions;
mod writable;

pub use clock::compare as compare_clock;
pub use finding::{Check, Finding, State};
pub use patient::Patient;

use crate::db::DatabaseAddress;

/// Runs the quick checks: of the disk, the certificate and the last backup.
pub fn glance(patient: &Patient) -> Vec<Finding> {
    let certificate = certificate::check(patient);
    disk::check(patient).into_iter().chain([certificate]).chain(backup::check(patient)).collect()
}

/// Does every check that can be done from where this runs.
pub async fn examine(patient: &Patient) -> Vec<Finding> {
    let mut found = folder::check(patient);
    found.extend(permissions::check(patient));
    match &patient.database {
        // Of what is in its place the folder's check tells.
        DatabaseAddress::Sqlite(_) if !strange::is_plain(patient) => {}
        DatabaseAddress::Sqlite(path) => {
            found.extend(sqlite::check(path.clone(), patient.is_running).await);
            found.extend(history::check(patient));
        }
        DatabaseAddress::Postgres(url) => found.extend(postgres::check(url).await),
    }
    found.extend(disk::check(patient));
    found.push(certificate::check(patient));
    found.extend(backup::check(patient));
    found.extend(metrics::check(patient));
    found.extend(address::check(patient).await);
    found
}
