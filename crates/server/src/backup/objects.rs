//! The bytes of files in a backup: each object of the file store is an entry `files/FILE/OBJECT`.

use super::error::BackupError;
use crate::data_names::FILES;
use crate::db::{ObjectRow, Pages};
use crate::file_store::{FileKey, Store, is_part_name};
use parlour_protocol::limits::PART_BYTES;
use serde::{Deserialize, Serialize};
use std::io::Result;

/// The number and the size of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTotals {
    /// Number of files, including those that are partly uploaded.
    pub count: u64,
    /// Size of their contents in bytes.
    pub bytes: u64,
}

/// An object of the file store that a database refers to.
pub struct StoredObject {
    /// The file that it is a part of.
    pub key: FileKey,
    /// Its name within that file.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Whether a message refers to the file.
    pub is_used: bool,
}

impl StoredObject {
    /// Returns its name in a backup.
    pub fn entry_name(&self) -> String {
        format!("{FILES}/{}", self.store_name())
    }

    /// Returns its name in the store.
    fn store_name(&self) -> String {
        format!("{}/{}", self.key, self.name)
    }
}

/// Parses such a name; `None` for any other name.
pub fn parse_entry_name(name: &str) -> Option<(FileKey, &str)> {
    let (key, object) = name.strip_prefix(FILES)?.strip_prefix('/')?.split_once('/')?;
    Some((FileKey::parse(key)?, object)).filter(|(_, object)| is_part_name(object))
}

/// Returns the objects to which a database refers, sorted by [`StoredObject::entry_name`].
///
/// # Errors
/// Fails if the database cannot be read.
pub fn list(pages: &Pages) -> std::result::Result<Vec<StoredObject>, BackupError> {
    Ok(from_rows(pages.objects().map_err(BackupError::from_source)?))
}

/// Returns the objects that these rows describe, in the same order.
pub fn from_rows(rows: Vec<ObjectRow>) -> Vec<StoredObject> {
    let objects = rows.into_iter().filter_map(|row| {
        let key = FileKey::new(row.hash.parse().ok()?, row.file_id.parse().ok()?);
        // A database from elsewhere may contain other names, which must not become paths, and larger parts.
        let name = Some(row.object).filter(|name| is_part_name(name))?;
        let bytes = Some(row.bytes).filter(|bytes| *bytes <= PART_BYTES as u64)?;
        Some(StoredObject { key, name, bytes, is_used: row.is_used })
    });
    objects.collect()
}

/// Returns the files that messages refer to and of which the store lacks a part.
///
/// # Errors
/// Fails if the store does.
pub fn missing(objects: &[StoredObject], store: &Store) -> Result<FileTotals> {
    let sizes = store.sizes()?;
    let exists = |object: &StoredObject| sizes.get(&object.store_name()) == Some(&object.bytes);
    Ok(totals(objects.iter().filter(|object| object.is_used && !exists(object))))
}

/// Returns the number and size of the files that consist of these objects, which are sorted.
pub fn totals<'a>(objects: impl Iterator<Item = &'a StoredObject>) -> FileTotals {
    let (mut totals, mut last) = (FileTotals::default(), None);
    for object in objects {
        totals.bytes += object.bytes;
        totals.count += u64::from(last != Some(&object.key));
        last = Some(&object.key);
    }
    totals
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_store::new_part_name;
    use parlour_protocol::FileHash;
    use uuid::Uuid;

    #[test]
    fn only_the_names_of_objects_are_parsed() {
        let key = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(7));
        let object =
            StoredObject { key: key.clone(), name: new_part_name(9), bytes: 1, is_used: true };
        let name = object.entry_name();
        assert_eq!(parse_entry_name(&name), Some((key.clone(), object.name.as_str())));
        for other in [
            format!("{name}/x"),
            format!("/{name}"),
            format!("x{name}"),
            format!("files/{key}/../{}", object.name),
            format!("files/{key}/.."),
            format!("files/{key}/"),
            format!("files/../{}", object.name),
            format!("files/{key}/{}", "0".repeat(200)),
        ] {
            assert_eq!(parse_entry_name(&other), None, "{other}");
        }
    }

    #[test]
    fn files_of_several_objects_are_counted_once() {
        let key = |id| FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(id));
        let object = |id, name: &str| StoredObject {
            key: key(id),
            name: name.into(),
            bytes: 10,
            is_used: true,
        };
        let objects = [object(1, "0"), object(1, "1"), object(2, "0")];
        assert_eq!(totals(objects.iter()), FileTotals { count: 2, bytes: 30 });
    }
}
