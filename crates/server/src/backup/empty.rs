//! Checks that a folder contains no data, so that a backup can be restored into it.

use super::error::BackupError;
use crate::data_folder::restoring_path;
use crate::data_names::{ALL, BACKUP_HISTORY, DATABASE, Kind, OWN_KEY, SETTINGS};
use crate::regular;
use crate::tls::pin_in;
use std::path::Path;

/// Made by file systems, not by the server.
const LOST_AND_FOUND: &str = "lost+found";

/// Returns whether what has this name may be in a folder that counts as empty. `init` creates some of these.
fn is_nothing(name: &str) -> bool {
    let kind = ALL.iter().find(|(own, _)| *own == name).map(|(_, kind)| *kind);
    let is_data = kind.is_none_or(|kind| kind == Kind::Data);
    !is_data || name == LOST_AND_FOUND || name.starts_with(BACKUP_HISTORY)
}

/// Refuses a folder that contains data. Files that a killed restore left do not count as data, nor does a key with
/// which no server has run yet.
pub fn require_empty(folder: &Path, database: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Read { path: folder.to_owned(), source };
    let was_killed = restoring_path(database).exists();
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let left =
        restoring_path(database).file_name().unwrap_or_default().to_string_lossy().into_owned();
    // The settings may put the database into a folder that also has files of other programs.
    let is_its_own = database.file_name().is_some_and(|name| name == DATABASE);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_nothing = is_nothing(&name) || name.starts_with(&left);
        let is_left =
            was_killed && (name.starts_with(OWN_KEY) || name.starts_with(&format!("{SETTINGS}.")));
        let is_anothers =
            !is_its_own && !name.starts_with(&format!("{stem}.")) && !name.starts_with(OWN_KEY);
        let is_key = || {
            name == OWN_KEY && regular::read(&entry.path()).is_ok_and(|pem| pin_in(&pem).is_some())
        };
        if !is_nothing && !is_left && !is_anothers && !is_key() {
            let place = format!("the folder {}", folder.display());
            return Err(BackupError::NotEmpty { place, what: name });
        }
    }
    Ok(())
}
