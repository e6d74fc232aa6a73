//! The files of a data folder, besides the database, that a backup contains.

use super::encryption::BackupEncryption;
use super::error::BackupError;
use super::own_key::is_newer;
use crate::data_names::{SERVER_KEY, SERVER_KEY_BEFORE, SETTINGS};
use crate::no_follow::{chown_to_folder_owner, read_through_link};
use crate::regular_file;
use parlour_sqlite::durable;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Returns the files of a data folder that go into a backup: the settings, which may contain passwords, and the
/// server's own key. Both are secrets, so an unencrypted backup contains neither.
///
/// # Errors
/// Fails if one of these files exists and cannot be read, or is a link by which the folder's owner would make root read
/// the file of somebody else.
pub fn extras(
    folder: Option<&Path>,
    encryption: &BackupEncryption,
) -> Result<Vec<(&'static str, Vec<u8>)>, BackupError> {
    let Some(folder) = folder.filter(|_| encryption.is_encrypted()) else { return Ok(Vec::new()) };
    let mut extras = Vec::new();
    for name in [SETTINGS, SERVER_KEY] {
        let path = folder.join(name);
        match read_through_link(&path) {
            Ok(bytes) => extras.push((name, bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(BackupError::Read { path, source }),
        }
    }
    Ok(extras)
}

/// A file that was restored into the folder.
#[derive(Debug, PartialEq, Eq)]
pub struct RestoredFile {
    /// Its path.
    pub path: PathBuf,
    /// The path of the file that it replaced, if there was one.
    pub replaced: Option<PathBuf>,
}

/// Restores such a file into the folder. Does nothing if the same file already exists.
///
/// Existing settings are kept. The backup's settings are then written next to them for comparison, and also if they
/// specify a database. An existing key (`init` creates one) is moved aside and replaced by the backup's, by which
/// clients recognize the server, unless the existing key is a later one of the same server.
///
/// # Errors
/// Fails on an I/O error.
pub fn restore_file(
    folder: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<Option<RestoredFile>, BackupError> {
    let (mut path, mut replaced) = (folder.join(name), None);
    let existing = regular_file::read(&path).ok();
    if existing.as_ref().is_some_and(|existing| existing == bytes) {
        return Ok(None);
    }
    if name == SETTINGS && (path.exists() || has_database_setting(bytes)) {
        path = path.with_added_extension("restored");
    }
    if let (SERVER_KEY, Some(existing)) = (name, &existing) {
        if is_newer(existing, bytes) {
            return Ok(None);
        }
        replaced = rename_to_before(&path)?;
    }
    let written = durable::write(&path, bytes).and_then(|()| chown_to_folder_owner(&path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(path.with_added_extension("new"));
        if let Some(replaced) = &replaced {
            // If it cannot be moved back, it stays next to the original.
            let _ = std::fs::rename(replaced, &path);
        }
        BackupError::unwritable(&path, source, bytes.len() as u64)
    })?;
    Ok(Some(RestoredFile { path, replaced }))
}

/// Renames a key to [`SERVER_KEY_BEFORE`]; returns its new path. If such a file exists, an interrupted restore renamed
/// it; the current key is then the backup's own.
fn rename_to_before(path: &Path) -> Result<Option<PathBuf>, BackupError> {
    let renamed = path.with_file_name(SERVER_KEY_BEFORE);
    if renamed.symlink_metadata().is_ok() {
        return Ok(None);
    }
    match durable::rename(path, &renamed) {
        Ok(()) => Ok(Some(renamed)),
        Err(source) => Err(BackupError::Write { path: renamed, source }),
    }
}

/// Returns whether these settings specify the database, or cannot be parsed.
fn has_database_setting(settings: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(settings) else { return true };
    DeTable::parse(text).map_or(true, |table| table.get_ref().contains_key("database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn existing_settings_are_kept_and_a_backup_does_not_change_the_database() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        let not_applied = folder.join("parlour.toml.restored");
        let elsewhere = b"database = \"postgres://u:p@h/n\"\n";
        let restore_file = |bytes: &[u8]| {
            restore_file(folder, SETTINGS, bytes).unwrap().map(|restore_file| restore_file.path)
        };
        assert_eq!(restore_file(elsewhere), Some(not_applied.clone()));
        let settings = b"name = \"Wren\"\n";
        assert_eq!(restore_file(settings), Some(folder.join(SETTINGS)));
        assert_eq!(restore_file(settings), None);
        assert_eq!(restore_file(b"not = toml = at all"), Some(not_applied));
        assert_eq!(std::fs::read(folder.join(SETTINGS)).unwrap(), settings);
        let sealed = BackupEncryption::Passphrase("p".into());
        assert_eq!(extras(Some(folder), &sealed).unwrap(), [(SETTINGS, settings.to_vec())]);
        assert!(
            extras(Some(folder), &BackupEncryption::None).unwrap().is_empty(),
            "they are secrets"
        );
        assert!(extras(None, &sealed).unwrap().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn linked_settings_are_read_unless_another_user_linked_the_file_of_somebody_else() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let target = elsewhere.path().join("settings");
        std::fs::write(&target, "name = \"Wren\"\n").unwrap();
        std::os::unix::fs::symlink(&target, dir.path().join(SETTINGS)).unwrap();
        let sealed = BackupEncryption::Passphrase("p".into());
        assert_eq!(extras(Some(dir.path()), &sealed).unwrap().len(), 1);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(dir.path(), Some(65534), None).unwrap();
            extras(Some(dir.path()), &sealed).unwrap_err();
        }
    }

    #[test]
    fn the_backups_key_replaces_a_new_key_but_not_a_later_one() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |dir: &tempfile::TempDir| dir.path().join(SERVER_KEY);
        crate::tls::create_if_missing(&key(&old)).unwrap();
        crate::tls::create_if_missing(&key(&new)).unwrap();
        let (first, created) =
            (std::fs::read(key(&old)).unwrap(), std::fs::read(key(&new)).unwrap());
        let RestoredFile { path, replaced } =
            restore_file(new.path(), SERVER_KEY, &first).unwrap().unwrap();
        assert_eq!(path, key(&new));
        assert!(std::fs::read(&path).unwrap() == first);
        assert!(std::fs::read(replaced.unwrap()).unwrap() == created, "nothing is lost");
        assert_eq!(restore_file(new.path(), SERVER_KEY, &first).unwrap(), None);
        crate::tls::new_key(&path).unwrap();
        let later = std::fs::read(&path).unwrap();
        assert_eq!(restore_file(new.path(), SERVER_KEY, &first).unwrap(), None);
        assert!(std::fs::read(&path).unwrap() == later);
    }
}
