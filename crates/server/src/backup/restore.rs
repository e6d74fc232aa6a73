//! Restores a backup into an empty folder or database.

use super::empty::require_empty;
use super::error::BackupError;
use super::header::Header;
use super::key::Key;
use super::objects::FileTotals;
use super::own_key::OwnKey;
use super::restored_files::RestoredFiles;
use super::restored_objects::RestoredObjects;
use super::temporary_database::TemporaryDatabase;
use super::unpack::{Unpacked, unpack};
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::config::Config;
use crate::data_folder::{self, restoring_path};
use crate::data_names::{DATABASE, FILES};
use crate::db::{self, DatabaseAddress, epochs};
use crate::file_store::Store;
use parlour_protocol::Millis;
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The result of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The header of the backup.
    pub header: Header,
    /// The paths of the other restored files, without those that were there already.
    #[serde(rename = "with")]
    pub extra_files: Vec<PathBuf>,
    /// The names of what was not restored because no data folder was given.
    pub left_out: Vec<String>,
    /// The files that messages refer to and whose contents the store lacks now; `None` if that is unknown, because there
    /// is no store or it cannot be read.
    pub missing_files: Option<FileTotals>,
    /// Whether clients that know the server by its key will accept it.
    pub own_key: OwnKey,
}

/// Restores a backup into the folder or database of a server, which must be empty, and begins a new epoch, so that
/// every client notices. The database and the settings get their final paths only after everything is on the disk. If
/// the process is killed before that, no server starts there until a restore succeeds.
///
/// # Errors
/// Fails if the target is not empty, if a server runs there, if the store of files belongs to another server, if the
/// disk is full, or if the backup is damaged, newer than this program, or not opened by `key`. The folder or database
/// is then unchanged.
pub async fn restore(
    config: &Config,
    file: &Path,
    key: &Key,
    now: Millis,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BackupError> {
    let files = config.file_settings();
    let store = Store::open(&files).map_err(|source| {
        let path = files.bucket.map(|bucket| bucket.to_string()).unwrap_or_default().into();
        BackupError::Write { path, source }
    })?;
    let store_exists = store.is_some();
    match &config.database {
        DatabaseAddress::Sqlite(path) => {
            let folder = config.database.folder().unwrap_or(Path::new("."));
            let _lock = data_folder::lock_folder_to_restore(folder, path).await?;
            require_empty(folder, path)?;
            let image = TemporaryDatabase::begin(restoring_path(path));
            let unpacked = unpack_to((&image, store), file, key, now, on_progress).await?;
            let restored_files = RestoredFiles::put(&unpacked.extras, Some(folder))?;
            let Unpacked { header, objects, .. } = unpacked;
            let missing_files = missing_files(objects.as_ref(), &image)?;
            // From here on, the database may be in place even if an error is returned.
            if let Some(objects) = objects {
                objects.commit();
            }
            image.finish(path)?;
            Ok(build_result(restored_files, header, (store_exists, missing_files), Some(folder)))
        }
        DatabaseAddress::Postgres(_) => {
            let folder = config.folder();
            let _lock = match folder {
                Some(folder) => {
                    let path = folder.join(DATABASE);
                    Some(data_folder::lock_folder_to_restore(folder, &path).await?)
                }
                None => None,
            };
            if let Some(table) = db::table_with_rows(&config.database).await? {
                let (target, what) = ("the database".to_owned(), format!("something in {table}"));
                return Err(BackupError::NotEmpty { target, what });
            }
            let image = match folder {
                Some(folder) => restoring_path(&folder.join(DATABASE)),
                None => {
                    std::env::temp_dir().join(format!("parlour-{}.restoring", db::random_name()))
                }
            };
            let image = TemporaryDatabase::begin(image);
            let unpacked = unpack_to((&image, store), file, key, now, on_progress).await?;
            let restored_files = RestoredFiles::put(&unpacked.extras, folder)?;
            let Unpacked { header, objects, .. } = unpacked;
            let missing_files = missing_files(objects.as_ref(), &image)?;
            // The temporary file, which marks an unfinished restore, is removed before the commit: afterwards the
            // restore could not be repeated.
            let before_commit = || {
                image.remove();
                if let Some(objects) = objects {
                    objects.commit();
                }
            };
            db::restore(image.path(), &config.database, before_commit).await?;
            Ok(build_result(restored_files, header, (store_exists, missing_files), folder))
        }
    }
}

fn build_result(
    restored_files: RestoredFiles,
    header: Header,
    (store_exists, missing_files): (bool, Option<FileTotals>),
    folder: Option<&Path>,
) -> Restored {
    let (extra_files, mut left_out) = restored_files.commit();
    if !store_exists && header.files.is_some_and(|files| files.count > 0) {
        left_out.push(FILES.into());
    }
    let own_key = OwnKey::of(&header, folder);
    Restored { header, extra_files, left_out, missing_files, own_key }
}

/// Returns the files that messages refer to and that the store lacks, if that is known.
fn missing_files(
    objects: Option<&RestoredObjects>,
    image: &TemporaryDatabase,
) -> Result<Option<FileTotals>, BackupError> {
    objects.map_or(Ok(None), |objects| objects.missing(image.path()))
}

/// Writes the database of a backup to the target, migrated to the current schema and in a new epoch, and the contents
/// of files to the store.
async fn unpack_to(
    (image, store): (&TemporaryDatabase, Option<Store>),
    file: &Path,
    key: &Key,
    now: Millis,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Unpacked, BackupError> {
    let path = image.path();
    let unpacked = unpack(file, key, (path, store), on_progress)?;
    db::offline(&DatabaseAddress::Sqlite(path.to_owned()), async |tx| {
        epochs::replace_epoch(tx).await?;
        audit::record(tx, Event::by_actor(&Actor::CommandLine, Action::DatabaseRestored), now).await
    })
    .await?;
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|source| BackupError::Write { path: path.to_owned(), source })?;
    Ok(unpacked)
}
