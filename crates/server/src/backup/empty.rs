//! Checks that a folder contains no data, so that a backup can be restored into it.

use super::error::BackupError;
use super::header::OWN_KEY;
use super::history::RECORD;
use crate::data_folder::restoring_path;
use crate::regular;
use crate::tls::pin_in;
use std::path::Path;

/// The files that may be in a folder that counts as empty: none of them holds data. `init` creates some of them.
const NOTHING: [&str; 9] = [
    "lock",
    "lost+found",
    "backups",
    // The bytes of files, which are put back beside a backup.
    "files",
    "parlour.toml",
    "control.sock",
    "control.pipe",
    "tls.pem.lock",
    "tls.pem.before",
];

/// Refuses a folder that contains data. Files that a killed restore left do not count as data, nor does a key with
/// which no server has run yet.
pub fn require_empty(folder: &Path, database: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Read { path: folder.to_owned(), source };
    let was_killed = restoring_path(database).exists();
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let left =
        restoring_path(database).file_name().unwrap_or_default().to_string_lossy().into_owned();
    // The settings may put the database into a folder that also has files of other programs.
    let is_its_own = database.file_name().is_some_and(|name| name == "parlour.db");
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_nothing =
            NOTHING.contains(&&*name) || name.starts_with(RECORD) || name.starts_with(&left);
        let is_left =
            was_killed && (name.starts_with("tls.pem") || name.starts_with("parlour.toml."));
        let is_anothers =
            !is_its_own && !name.starts_with(&format!("{stem}.")) && !name.starts_with("tls.pem");
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
