//! What a data folder has beside the database that a server needs to be the same one again.

use super::error::BackupError;
use super::header::{OWN_KEY, SETTINGS};
use super::seal::Seal;
use crate::no_follow::give_to_owner;
use parlour_sqlite::durable;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use toml::de::DeTable;

/// The files of a data folder that go into a backup: its settings, which may hold passwords, and the server's own key.
/// Both are secrets, so a backup that is not encrypted has neither.
///
/// # Errors
/// Fails if a file is there and cannot be read.
pub fn extras(
    folder: Option<&Path>,
    seal: &Seal,
) -> Result<Vec<(&'static str, Vec<u8>)>, BackupError> {
    let Some(folder) = folder.filter(|_| seal.is_sealed()) else { return Ok(Vec::new()) };
    let mut extras = Vec::new();
    for name in [SETTINGS, OWN_KEY] {
        let path = folder.join(name);
        match std::fs::read(&path) {
            Ok(bytes) => extras.push((name, bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(source) => return Err(BackupError::Read { path, source }),
        }
    }
    Ok(extras)
}

/// Puts such a file into the folder that is restored. Settings that are there stay, as do those that name another
/// database than the one that is restored: then the backup's are put beside them, to be looked at. Returns where it is;
/// nothing if the same file is there already.
///
/// # Errors
/// Fails if the disk does.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<Option<PathBuf>, BackupError> {
    let mut path = folder.join(name);
    if std::fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(None);
    }
    if name == SETTINGS && (path.exists() || names_a_database(bytes)) {
        path = folder.join("parlour.toml.restored");
    }
    let written = durable::write(&path, bytes).and_then(|()| give_to_owner(&path));
    written.map_err(|source| {
        let _ = std::fs::remove_file(path.with_added_extension("new"));
        BackupError::unwritable(&path, source, bytes.len() as u64)
    })?;
    Ok(Some(path))
}

/// Returns whether settings say where the database is, or cannot be read.
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
        assert_eq!(put(folder, SETTINGS, elsewhere).unwrap(), Some(beside.clone()));
        let said = b"name = \"Wren\"\n";
        assert_eq!(put(folder, SETTINGS, said).unwrap(), Some(folder.join(SETTINGS)));
        assert_eq!(put(folder, SETTINGS, said).unwrap(), None);
        assert_eq!(put(folder, SETTINGS, b"not = toml = at all").unwrap(), Some(beside));
        assert_eq!(std::fs::read(folder.join(SETTINGS)).unwrap(), said);
        let sealed = Seal::Passphrase("p".into());
        assert_eq!(extras(Some(folder), &sealed).unwrap(), [(SETTINGS, said.to_vec())]);
        assert!(extras(Some(folder), &Seal::Open).unwrap().is_empty(), "they are secrets");
        assert!(extras(None, &sealed).unwrap().is_empty());
    }
}
