//! Restores a backup into an empty folder or database.

use super::empty::require_empty;
use super::error::BackupError;
use super::header::Header;
use super::key::Key;
use super::own_key::OwnKey;
use super::restored_files::RestoredFiles;
use super::temporary_database::TemporaryDatabase;
use super::unpack::{Unpacked, unpack};
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::config::Config;
use crate::data_folder::{self, restoring_path};
use crate::data_names::DATABASE;
use crate::db::{self, DatabaseAddress, epochs};
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
    /// The names of the files that were not restored because no data folder was given.
    pub left_out: Vec<String>,
    /// Whether clients that know the server by its key will accept it.
    pub own_key: OwnKey,
}

/// Restores a backup into the folder or database of a server, which must be empty, and begins a new epoch, so that
/// every client notices. Files are renamed to their final paths only after all of them are on the disk. If the
/// process is killed before that, no server starts there until a restore succeeds.
///
/// # Errors
/// Fails if the target is not empty, if a server runs there, if the disk is full, or if the backup is damaged, newer
/// than this program, or not opened by `key`. The folder or database is then unchanged.
pub async fn restore(
    config: &Config,
    file: &Path,
    key: &Key,
    now: Millis,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BackupError> {
    match &config.database {
        DatabaseAddress::Sqlite(path) => {
            let folder = config.database.folder().unwrap_or(Path::new("."));
            let _lock = data_folder::lock_folder_to_restore(folder, path).await?;
            require_empty(folder, path)?;
            let image = TemporaryDatabase::begin(restoring_path(path));
            let unpacked = unpack_to(&image, file, key, now, on_progress).await?;
            let restored_files = RestoredFiles::put(&unpacked.extras, Some(folder))?;
            image.finish(path)?;
            Ok(build_result(restored_files, unpacked.header, Some(folder)))
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
            let unpacked = unpack_to(&image, file, key, now, on_progress).await?;
            let restored_files = RestoredFiles::put(&unpacked.extras, folder)?;
            // The temporary file, which marks an unfinished restore, is removed before the commit: afterwards the
            // restore could not be repeated.
            db::restore(image.path(), &config.database, || image.remove()).await?;
            Ok(build_result(restored_files, unpacked.header, folder))
        }
    }
}

fn build_result(restored_files: RestoredFiles, header: Header, folder: Option<&Path>) -> Restored {
    let (extra_files, left_out) = restored_files.commit();
    let own_key = OwnKey::of(&header, folder);
    Restored { header, extra_files, left_out, own_key }
}

/// Writes the database of a backup to the target, migrated to the current schema and in a new epoch.
async fn unpack_to(
    image: &TemporaryDatabase,
    file: &Path,
    key: &Key,
    now: Millis,
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Unpacked, BackupError> {
    let path = image.path();
    let unpacked = unpack(file, key, path, on_progress)?;
    db::offline(&DatabaseAddress::Sqlite(path.to_owned()), async |tx| {
        epochs::replace_epoch(tx).await?;
        audit::record(tx, Event::by_actor(&Actor::CommandLine, Action::DatabaseRestored), now).await
    })
    .await?;
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|source| BackupError::Write { path: path.to_owned(), source })?;
    Ok(unpacked)
}
