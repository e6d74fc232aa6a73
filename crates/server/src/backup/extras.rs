//! The files of a data folder, besides the database, that a backup contains.

use super::error::BackupError;
use super::own_key::is_newer;
use super::seal::Seal;
use crate::data_names::{OWN_KEY, OWN_KEY_BEFORE, SETTINGS};
use crate::no_follow::give_to_owner;
use crate::regular;
use parlour_sqlite::durable;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// Returns the files of a data folder that go into a backup: the settings, which may contain passwords, and the
/// server's own key. Both are secrets, so an unencrypted backup contains neither.
///
/// # Errors
/// Fails if one of these files exists and cannot be read.
pub fn extras(
    folder: Option<&Path>,
    seal: &Seal,
) -> Result<Vec<(&'static str, Vec<u8>)>, BackupError> {
    let Some(folder) = folder.filter(|_| seal.is_sealed()) else { return Ok(Vec::new()) };
    let mut extras = Vec::new();
    for name in [SETTINGS, OWN_KEY] {
        let path = folder.join(name);
        match regular::read(&path) {
            Ok(bytes) => extras.push((name, bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(BackupError::Read { path, source }),
        }
    }
    Ok(extras)
}

/// A file that was restored into the folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Put {
    /// Its path.
    pub path: PathBuf,
    /// The path of the file that it replaced, if there was one.
    pub before: Option<PathBuf>,
}

/// Restores such a file into the folder; does nothing if the same file is there already.
///
/// Existing settings are kept, and so are the folder's if the backup's name another database than the restored one: the
/// backup's settings are then written next to them, for somebody to compare. An existing key (`init` creates one) is
/// moved aside for the backup's, by which clients recognize the server, unless the existing key is a later one of the
/// same server.
///
/// # Errors
/// Fails if the disk does.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<Option<Put>, BackupError> {
    let (mut path, mut before) = (folder.join(name), None);
    let there = regular::read(&path).ok();
    if there.as_ref().is_some_and(|there| there == bytes) {
        return Ok(None);
    }
    if name == SETTINGS && (path.exists() || names_a_database(bytes)) {
        path = path.with_added_extension("restored");
    }
    if let (OWN_KEY, Some(there)) = (name, &there) {
        if is_newer(there, bytes) {
            return Ok(None);
        }
        before = aside(&path)?;
    }
    let written = durable::write(&path, bytes).and_then(|()| give_to_owner(&path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(path.with_added_extension("new"));
        if let Some(before) = &before {
            // If it cannot be moved back, it stays next to the original.
            let _ = std::fs::rename(before, &path);
        }
        BackupError::unwritable(&path, source, bytes.len() as u64)
    })?;
    Ok(Some(Put { path, before }))
}

/// Moves a key aside; returns its new path. A file that already has that name was moved there by a restore that was
/// killed; in that case the key that is in the way now is the backup's own.
fn aside(path: &Path) -> Result<Option<PathBuf>, BackupError> {
    let aside = path.with_file_name(OWN_KEY_BEFORE);
    if aside.symlink_metadata().is_ok() {
        return Ok(None);
    }
    match durable::rename(path, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(source) => Err(BackupError::Write { path: aside, source }),
    }
}

/// Returns whether these settings say where the database is, or cannot be read.
fn names_a_database(settings: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(settings) else { return true };
    DeTable::parse(text).map_or(true, |table| table.get_ref().contains_key("database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_are_there_stay_and_so_does_the_database_that_was_meant() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        let beside = folder.join("parlour.toml.restored");
        let elsewhere = b"database = \"postgres://u:p@h/n\"\n";
        let put = |bytes: &[u8]| put(folder, SETTINGS, bytes).unwrap().map(|put| put.path);
        assert_eq!(put(elsewhere), Some(beside.clone()));
        let said = b"name = \"Wren\"\n";
        assert_eq!(put(said), Some(folder.join(SETTINGS)));
        assert_eq!(put(said), None);
        assert_eq!(put(b"not = toml = at all"), Some(beside));
        assert_eq!(std::fs::read(folder.join(SETTINGS)).unwrap(), said);
        let sealed = Seal::Passphrase("p".into());
        assert_eq!(extras(Some(folder), &sealed).unwrap(), [(SETTINGS, said.to_vec())]);
        assert!(extras(Some(folder), &Seal::Open).unwrap().is_empty(), "they are secrets");
        assert!(extras(None, &sealed).unwrap().is_empty());
    }

    #[test]
    fn the_backups_key_takes_the_place_of_a_new_one_and_not_of_a_later_one() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let key = |dir: &tempfile::TempDir| dir.path().join(OWN_KEY);
        crate::tls::make_if_missing(&key(&old)).unwrap();
        crate::tls::make_if_missing(&key(&new)).unwrap();
        let (first, made) = (std::fs::read(key(&old)).unwrap(), std::fs::read(key(&new)).unwrap());
        let Put { path, before } = put(new.path(), OWN_KEY, &first).unwrap().unwrap();
        assert_eq!(path, key(&new));
        assert!(std::fs::read(&path).unwrap() == first);
        assert!(std::fs::read(before.unwrap()).unwrap() == made, "nothing is lost");
        assert_eq!(put(new.path(), OWN_KEY, &first).unwrap(), None);
        crate::tls::new_key(&path).unwrap();
        let later = std::fs::read(&path).unwrap();
        assert_eq!(put(new.path(), OWN_KEY, &first).unwrap(), None);
        assert!(std::fs::read(&path).unwrap() == later);
    }
}
