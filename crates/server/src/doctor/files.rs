//! Checks whether the contents of the messages' files are in the file store.

use super::finding::{Check, Finding};
use super::server::ExaminedServer;
use super::writable::why_not_writable;
use super::{postgres, sqlite};
use crate::backup::{FileTotals, StoredObject, file_totals, missing_files, stored_objects};
use crate::db::{DatabaseAddress, ServerId, read_objects, read_server_id};
use crate::file_store::{MARK, Owner, Store};
use std::path::Path;

/// What to do about missing or damaged contents of files.
pub const PUT_FILES_BACK: &str = "if the store was moved, set `files`; otherwise restore a backup elsewhere, and copy its files \
                        into the store";
const OWN: &str = "set `files` to the folder or bucket of this server; if this is it, remove its object `server-id`";
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
    let examined = match objects(server).await {
        Some((objects, id)) => examine(objects, id, store).await,
        None => None,
    };
    let foreign = examined.as_ref().filter(|examined| examined.is_foreign);
    let foreign = foreign.map(|_| {
        let found = format!("{shown} belongs to another server: its object {MARK} names that one");
        Finding::error(Check::Files, found, OWN)
    });
    let stored = examined.and_then(|Examined { all, missing, .. }| {
        (all.count > 0 || missing.is_err()).then(|| stored(&shown, missing))
    });
    let folder = server.files.folder.as_deref();
    let unwritable = folder.and_then(|folder| unwritable(folder, server.folder.as_deref()));
    foreign.into_iter().chain(stored).chain(unwritable).collect()
}

/// Returns the objects that the database refers to, and the identity of its server; `None` if it cannot be read.
async fn objects(server: &ExaminedServer) -> Option<(Vec<StoredObject>, Option<ServerId>)> {
    let (rows, id) = match &server.database {
        DatabaseAddress::Sqlite(path) => {
            let (path, is_running) = (path.clone(), server.is_running);
            let read = move || {
                let conn = sqlite::open(&path, is_running).ok()?;
                Some((read_objects(&conn).ok()?, read_server_id(&conn)))
            };
            tokio::task::spawn_blocking(read).await.ok()??
        }
        DatabaseAddress::Postgres(url) => postgres::objects(url).await?,
    };
    Some((stored_objects(rows), id))
}

/// What was found in a store.
struct Examined {
    /// All files of the database.
    all: FileTotals,
    /// The files that messages refer to and that the store lacks.
    missing: std::io::Result<FileTotals>,
    /// Whether the store belongs to another server.
    is_foreign: bool,
}

/// Compares a store with the objects to which a database refers.
async fn examine(
    objects: Vec<StoredObject>,
    id: Option<ServerId>,
    store: Store,
) -> Option<Examined> {
    let examine = move || {
        let missing = missing_files(&objects, &store);
        let id = id.filter(|_| missing.is_ok());
        let owner = id.and_then(|id| store.owner(&id).ok());
        let is_foreign = owner == Some(Owner::Another);
        Examined { all: file_totals(objects.iter()), missing, is_foreign }
    };
    tokio::task::spawn_blocking(examine).await.ok()
}

fn stored(store: &str, missing: std::io::Result<FileTotals>) -> Finding {
    match missing {
        Ok(FileTotals { count: 0, .. }) => {
            Finding::ok(Check::Files, format!("the files of all messages are in {store}"))
        }
        Ok(FileTotals { count, .. }) => {
            let files_are =
                if count == 1 { "file of a message is" } else { "files of messages are" };
            let found = format!("{count} {files_are} missing in {store}, or not of their size");
            Finding::error(Check::Files, found, PUT_FILES_BACK)
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
