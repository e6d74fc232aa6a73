//! Restores a backup into an empty folder or database.

use super::error::BackupError;
use super::extras::put;
use super::header::{Header, OWN_KEY};
use super::key::Key;
use super::unpack::{Unpacked, unpack};
use crate::audit::{self, Action, Event};
use crate::caller::By;
use crate::config::Config;
use crate::data_folder::{self, restoring};
use crate::db::{self, DatabaseAddress, epochs};
use crate::no_follow::give_to_owner;
use parlour_protocol::Millis;
use parlour_sqlite::durable;
use serde::Serialize;
use std::fs::File;
use std::path::{Path, PathBuf};

/// What is in a folder that counts as empty: nobody's data.
const NOTHING: [&str; 5] = ["lock", "lost+found", "backups", "parlour.toml", "control.sock"];

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// What the backup says of itself.
    pub header: Header,
    /// The other files that were in it, where they are now, without those that were there already.
    pub with: Vec<PathBuf>,
    /// The names of those for which no data folder was named.
    pub left_out: Vec<String>,
}

/// Restores a backup into the folder or database of a server, which must be empty, and makes every client notice. Nothing
/// has its place before all of it is on the disk. If the process is killed meanwhile, no server starts there before
/// it is restored again.
///
/// # Errors
/// Fails if it is not empty, if a server runs there, if the disk is full, or if the backup is damaged, newer, or not
/// opened by `key`. Then the folder or database is as it was.
pub async fn restore(
    config: &Config,
    file: &Path,
    key: &Key,
    now: Millis,
    told: &mut dyn FnMut(u64, u64),
) -> Result<Restored, BackupError> {
    match &config.database {
        DatabaseAddress::Sqlite(path) => {
            let folder = config.database.folder().unwrap_or(Path::new("."));
            let _held = data_folder::hold_to_restore(folder, path).await?;
            require_empty(folder, path)?;
            let image = Image::begin(restoring(path));
            let unpacked = image.unpack(file, key, now, told).await?;
            let placed = Placed::put(&unpacked.extras, Some(folder))?;
            image.finish(path)?;
            Ok(placed.keep(unpacked.header))
        }
        DatabaseAddress::Postgres(_) => {
            let folder = config.folder();
            let _held = match folder {
                Some(folder) => {
                    let path = folder.join("parlour.db");
                    Some(data_folder::hold_to_restore(folder, &path).await?)
                }
                None => None,
            };
            if let Some(table) = db::table_with_rows(&config.database).await? {
                let (place, what) = ("the database".to_owned(), format!("something in {table}"));
                return Err(BackupError::NotEmpty { place, what });
            }
            let image = match folder {
                Some(folder) => restoring(&folder.join("parlour.db")),
                None => {
                    std::env::temp_dir().join(format!("parlour-{}.restoring", db::random_name()))
                }
            };
            let image = Image::begin(image);
            let unpacked = image.unpack(file, key, now, told).await?;
            folder.map_or(Ok(()), |folder| keep_own_key(folder, &unpacked.extras))?;
            let placed = Placed::put(&unpacked.extras, folder)?;
            let from = DatabaseAddress::Sqlite(image.0.clone());
            db::copy(&from, &config.database, |_| (), async |_| Ok(())).await?;
            Ok(placed.keep(unpacked.header))
        }
    }
}

/// Refuses a folder with somebody's data. What a restore that was killed has left is none.
fn require_empty(folder: &Path, database: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Read { path: folder.to_owned(), source };
    let was_killed = restoring(database).exists();
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let left = restoring(database).file_name().unwrap_or_default().to_string_lossy().into_owned();
    // A database that the settings put elsewhere may have others' files beside it.
    let is_its_own = database.file_name().is_some_and(|name| name == "parlour.db");
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        let is_nothing = NOTHING.contains(&&*name) || name.starts_with(&left);
        let is_left =
            was_killed && (name.starts_with("tls.pem") || name.starts_with("parlour.toml."));
        let is_anothers =
            !is_its_own && !name.starts_with(&format!("{stem}.")) && !name.starts_with("tls.pem");
        if !is_nothing && !is_left && !is_anothers {
            let place = format!("the folder {}", folder.display());
            return Err(BackupError::NotEmpty { place, what: name });
        }
    }
    Ok(())
}

/// Refuses to replace the key by which clients know a server.
fn keep_own_key(folder: &Path, extras: &[(&'static str, Vec<u8>)]) -> Result<(), BackupError> {
    let path = folder.join(OWN_KEY);
    let Some((_, bytes)) = extras.iter().find(|(name, _)| *name == OWN_KEY) else { return Ok(()) };
    let is_free = path.symlink_metadata().is_err();
    if is_free || std::fs::read(&path).is_ok_and(|there| there == *bytes) {
        return Ok(());
    }
    let place = format!("the folder {}", folder.display());
    Err(BackupError::NotEmpty { place, what: format!("another {OWN_KEY}") })
}

/// The other files of a backup, in their places. Unless they are kept, they are removed.
#[derive(Default)]
struct Placed {
    with: Vec<PathBuf>,
    left_out: Vec<String>,
}

impl Placed {
    fn put(extras: &[(&'static str, Vec<u8>)], folder: Option<&Path>) -> Result<Self, BackupError> {
        let mut placed = Self::default();
        for (name, bytes) in extras {
            match folder {
                Some(folder) => placed.with.extend(put(folder, name, bytes)?),
                None => placed.left_out.push((*name).to_owned()),
            }
        }
        Ok(placed)
    }

    fn keep(mut self, header: Header) -> Restored {
        let (with, left_out) = (std::mem::take(&mut self.with), std::mem::take(&mut self.left_out));
        Restored { header, with, left_out }
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.with {
            // The next restore replaces what cannot be removed.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// A database that has its place once it is whole. Unless it is finished, it is removed; while it is there no server
/// starts beside it.
struct Image(PathBuf);

impl Image {
    fn begin(path: PathBuf) -> Self {
        let image = Self(path);
        image.remove();
        image
    }

    /// Writes the database in a backup here, in the form of this version, in a new epoch.
    async fn unpack(
        &self,
        file: &Path,
        key: &Key,
        now: Millis,
        told: &mut dyn FnMut(u64, u64),
    ) -> Result<Unpacked, BackupError> {
        let unpacked = unpack(file, key, &self.0, told)?;
        db::offline(&DatabaseAddress::Sqlite(self.0.clone()), async |tx| {
            epochs::renew(tx).await?;
            audit::note(tx, Event::by(&By::Command, Action::DatabaseRestored), now).await
        })
        .await?;
        let synced = File::open(&self.0).and_then(|file| file.sync_all());
        synced.map_err(|source| BackupError::Write { path: self.0.clone(), source })?;
        Ok(unpacked)
    }

    fn finish(self, to: &Path) -> Result<(), BackupError> {
        let failed = |source| BackupError::Write { path: to.to_owned(), source };
        give_to_owner(&self.0).map_err(failed)?;
        durable::rename(&self.0, to).map_err(failed)
    }

    fn remove(&self) {
        for end in ["-wal", "-shm", "-journal", ""] {
            let mut path = self.0.clone().into_os_string();
            path.push(end);
            // What was never made is not there.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.remove();
    }
}
