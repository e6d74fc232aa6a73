//! Checks whether the contents of the messages' files are in the file store.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use super::sqlite;
use super::writable::why_not_writable;
use crate::backup::{FileTotals, file_totals, missing_files, stored_objects};
use crate::db::{DatabaseAddress, read_objects};
use crate::file_store::Store;
use std::path::Path;

const PUT_BACK: &str = "if the store was moved, set `files`; otherwise restore a backup elsewhere, and copy its files \
                        into the store";
const REACH: &str = "check `files`, `s3_endpoint` and the credentials in the server's environment, and whether the service responds";

/// Examines the file store of a server on SQLite: whether it can be read, and contains every part of the files that
/// messages refer to, in its right size. `verify` also reads the contents. Returns nothing if nothing is wrong and the
/// server never received a file, or if its database cannot be read, which the check of the database reports.
pub async fn check(server: &ExaminedServer) -> Vec<Finding> {
    let DatabaseAddress::Sqlite(database) = server.database.clone() else { return Vec::new() };
    let store = match Store::open(&server.files) {
        Ok(Some(store)) => store,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::error(Check::Files, error.to_string(), REACH)],
    };
    let (shown, is_running) = (store.to_string(), server.is_running);
    let examine = move || {
        let conn = sqlite::open(&database, is_running).ok()?;
        let objects = stored_objects(read_objects(&conn).ok()?);
        Some((file_totals(objects.iter()), missing_files(&objects, &store)))
    };
    let stored = match tokio::task::spawn_blocking(examine).await {
        Ok(Some((all, missing))) if all.count > 0 || missing.is_err() => {
            Some(stored(&shown, missing))
        }
        _ => None,
    };
    let folder = server.files.folder.as_deref();
    let unwritable = folder.and_then(|folder| unwritable(folder, server.folder.as_deref()));
    stored.into_iter().chain(unwritable).collect()
}

fn stored(store: &str, missing: std::io::Result<FileTotals>) -> Finding {
    match missing {
        Ok(FileTotals { count: 0, .. }) => {
            Finding::ok(Check::Files, format!("the files of all messages are in {store}"))
        }
        Ok(FileTotals { count, .. }) => {
            let found = format!("{count} files of messages are missing or incomplete in {store}");
            Finding::error(Check::Files, found, PUT_BACK)
        }
        Err(error) => {
            Finding::error(Check::Files, format!("{store} cannot be read: {error}"), REACH)
        }
    }
}

fn unwritable(folder: &Path, data: Option<&Path>) -> Option<Finding> {
    let reason = folder.is_dir().then(|| why_not_writable(folder, data)).flatten()?;
    let found = format!("no file can be added to {}: {reason}", folder.display());
    let to_do = "give the server's user write access; a service needs ReadWritePaths= for it \
                 (docs/operations.md)";
    Some(Finding::error(Check::Files, found, to_do))
}
