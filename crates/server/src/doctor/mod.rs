//! Diagnoses a server before a problem becomes serious. The checks examine its folder, database, certificate,
//! computer and address.
//!
//! A running server runs the checks itself (`control`). If none is running, or it does not respond, its files are
//! examined without changing them.

mod address;
mod backup;
mod certificate;
mod clock;
mod disk;
mod exact_verifier;
mod files;
mod finding;
mod folder;
mod history;
mod irregular;
mod metrics;
mod permissions;
mod postgres;
mod server;
mod sqlite;
mod versions;
mod writable;

pub use clock::compare as compare_clock;
pub use files::PUT_FILES_BACK;
pub use finding::{Check, Finding, State};
pub use server::ExaminedServer;

use crate::db::DatabaseAddress;

/// Runs the quick checks: of the disk, the certificate and the last backup.
pub fn quick_checks(server: &ExaminedServer) -> Vec<Finding> {
    let certificate = certificate::check(server);
    disk::check(server).into_iter().chain([certificate]).chain(backup::check(server)).collect()
}

/// Runs every check that is possible from this process.
pub async fn examine(server: &ExaminedServer) -> Vec<Finding> {
    let mut findings = folder::check(server);
    findings.extend(permissions::check(server));
    match &server.database {
        // The checks of the folder and of the permissions report what is there instead.
        DatabaseAddress::Sqlite(_) if !irregular::is_database_regular(server) => {}
        DatabaseAddress::Sqlite(path) => {
            findings.extend(sqlite::check(path.clone(), server.is_running).await);
            findings.extend(history::check(server));
            findings.extend(files::check(server).await);
        }
        DatabaseAddress::Postgres(url) => {
            findings.extend(postgres::check(url).await);
            findings.extend(files::check(server).await);
        }
    }
    findings.extend(disk::check(server));
    findings.push(certificate::check(server));
    findings.extend(backup::check(server));
    findings.extend(metrics::check(server));
    findings.extend(address::check(server).await);
    findings
}
