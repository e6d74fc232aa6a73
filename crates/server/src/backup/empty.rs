//! Checks that a folder contains no data, so that a backup can be restored into it.

use super::error::BackupError;
use crate::data_folder::restoring_path;
use crate::data_names::{ALL, BACKUP_HISTORY, DATABASE, FileRole, SERVER_KEY, SETTINGS};
use crate::regular_file;
use crate::tls::pin_of_file;
use std::path::Path;

/// Made by file systems, not by the server.
const LOST_AND_FOUND: &str = "lost+found";

/// Returns whether a file with this name may be in a folder that counts as empty, because it contains no data. `init`
/// creates some of these files.
fn is_ignored(name: &str) -> bool {
    let kind = ALL.iter().find(|(own_name, _)| *own_name == name).map(|(_, kind)| *kind);
    let is_data = kind.is_none_or(|kind| kind == FileRole::Data);
    !is_data || name == LOST_AND_FOUND || name.starts_with(BACKUP_HISTORY)
}

/// Refuses a folder that contains data. Files that an interrupted restore left do not count as data, nor does a key
/// that no server has used yet.
pub fn require_empty(folder: &Path, database: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Read { path: folder.to_owned(), source };
    let was_interrupted = restoring_path(database).exists();
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let restoring_name =
        restoring_path(database).file_name().unwrap_or_default().to_string_lossy().into_owned();
    // The settings may place the database in a folder that also contains files of other programs.
    let is_dedicated = database.file_name().is_some_and(|name| name == DATABASE);
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ignored = is_ignored(&name) || name.starts_with(&restoring_name);
        let is_leftover = was_interrupted
            && (name.starts_with(SERVER_KEY) || name.starts_with(&format!("{SETTINGS}.")));
        let is_foreign = !is_dedicated
            && !name.starts_with(&format!("{stem}."))
            && !name.starts_with(SERVER_KEY);
        let is_key = || {
            name == SERVER_KEY
                && regular_file::read(&entry.path()).is_ok_and(|pem| pin_of_file(&pem).is_some())
        };
        if !is_ignored && !is_leftover && !is_foreign && !is_key() {
            let target = format!("the folder {}", folder.display());
            return Err(BackupError::NotEmpty { target, what: name });
        }
    }
    Ok(())
}
