//! Checks whether the contents of the messages' files are in the file store.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use super::writable::why_not_writable;
use super::{postgres, sqlite};
use crate::backup::{FileTotals, StoredObject, file_totals, missing_files, stored_objects};
use crate::db::{DatabaseAddress, read_objects};
use crate::file_store::Store;
use std::path::Path;

const PUT_BACK: &str = "if the store was moved, set `files`; otherwise restore a backup elsewhere, and copy its files \
                        into the store";
const REACH: &str = "check `files`, `s3_endpoint` and the credentials in the server's environment, and whether the service responds";

/// Examines the file store: whether it can be read, and contains every part of the files that messages refer to, in its
/// right size. `verify` also reads the contents. Returns nothing if nothing is wrong and the server never received a
/// file, or if its database cannot be read, which the check of the database reports.
pub async fn check(server: &ExaminedServer) -> Vec<Finding> {
    let store = match Store::open(&server.files) {
        Ok(Some(store)) => store,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::error(Check::Files, error.to_string(), REACH)],
    };
    let shown = store.to_string();
    let stored = match objects(server).await {
        Some(objects) => examine(objects, store).await.and_then(|(all, missing)| {
            (all.count > 0 || missing.is_err()).then(|| stored(&shown, missing))
        }),
        None => None,
    };
    let folder = server.files.folder.as_deref();
    let unwritable = folder.and_then(|folder| unwritable(folder, server.folder.as_deref()));
    stored.into_iter().chain(unwritable).collect()
}

/// Returns the objects that the database refers to; `None` if it cannot be read.
async fn objects(server: &ExaminedServer) -> Option<Vec<StoredObject>> {
    let rows = match &server.database {
        DatabaseAddress::Sqlite(path) => {
            let (path, is_running) = (path.clone(), server.is_running);
            let read = move || read_objects(&sqlite::open(&path, is_running).ok()?).ok();
            tokio::task::spawn_blocking(read).await.ok()?
        }
        DatabaseAddress::Postgres(url) => postgres::objects(url).await,
    };
    rows.map(stored_objects)
}

/// Returns the number of all files, and of those that messages refer to and that the store lacks.
async fn examine(
    objects: Vec<StoredObject>,
    store: Store,
) -> Option<(FileTotals, std::io::Result<FileTotals>)> {
    let count = move || (file_totals(objects.iter()), missing_files(&objects, &store));
    tokio::task::spawn_blocking(count).await.ok()
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
