//! Checks that a folder contains no data, so that a backup can be restored into it.

use super::error::BackupError;
use super::header::OWN_KEY;
use super::history::FILE_NAME as HISTORY_FILE;
use crate::data_folder::restoring_path;
use crate::regular;
use crate::tls::pin_of_file;
use std::path::Path;

/// The files that may be in a folder that counts as empty, because none of them contains data. `init` creates some of
/// them.
const IGNORED: [&str; 9] = [
    "lock",
    "lost+found",
    "backups",
    // The bytes of files, which are restored separately.
    "files",
    "parlour.toml",
    "control.sock",
    "control.pipe",
    "tls.pem.lock",
    "tls.pem.before",
];

/// Refuses a folder that contains data. Files that an interrupted restore left do not count as data, nor does a key
/// that no server has used yet.
pub fn require_empty(folder: &Path, database: &Path) -> Result<(), BackupError> {
    let failed = |source| BackupError::Read { path: folder.to_owned(), source };
    let was_interrupted = restoring_path(database).exists();
    let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let restoring_name =
        restoring_path(database).file_name().unwrap_or_default().to_string_lossy().into_owned();
    // The settings may place the database in a folder that also contains files of other programs.
    let is_dedicated = database.file_name().is_some_and(|name| name == "parlour.db");
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ignored = IGNORED.contains(&&*name)
            || name.starts_with(HISTORY_FILE)
            || name.starts_with(&restoring_name);
        let is_leftover =
            was_interrupted && (name.starts_with("tls.pem") || name.starts_with("parlour.toml."));
        let is_foreign =
            !is_dedicated && !name.starts_with(&format!("{stem}.")) && !name.starts_with("tls.pem");
        let is_key = || {
            name == OWN_KEY
                && regular::read(&entry.path()).is_ok_and(|pem| pin_of_file(&pem).is_some())
        };
        if !is_ignored && !is_leftover && !is_foreign && !is_key() {
            let target = format!("the folder {}", folder.display());
            return Err(BackupError::NotEmpty { target, what: name });
        }
    }
    Ok(())
}
