//! The names of objects in the store.

use crate::db::random_name;
use parlour_protocol::FileHash;
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// The name under which all objects of one file are stored: `HASH.ID`. With the hash, an operator can check the bytes
/// without the database; the id distinguishes the files of different owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKey {
    /// The file's id.
    pub id: Uuid,
    name: String,
}

impl FileKey {
    /// Returns the key of this file.
    pub fn new(hash: FileHash, id: Uuid) -> Self {
        Self { id, name: format!("{hash}.{}", id.simple()) }
    }

    /// Parses such a name; `None` for any other name.
    pub fn parse(name: &str) -> Option<Self> {
        let (hash, id) = name.split_once('.')?;
        let key = Self::new(hash.parse().ok()?, Uuid::try_parse(id).ok()?);
        (key.name == name).then_some(key)
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The objects of a file, as a store lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileObjects {
    /// The file.
    pub key: FileKey,
    /// How long ago the objects last changed; zero if that is unknown.
    pub age: Duration,
    /// The name of each object, also of incomplete ones, and how long ago it was written.
    pub objects: Vec<(String, Duration)>,
}

/// Returns a new, unique name for a part that begins at the offset `start`. Names sort in the order of the parts.
pub fn new_part_name(start: u64) -> String {
    format!("{start:012x}-{}", random_name())
}

/// Returns whether a name can be that of a part: it contains only lower-case hexadecimal digits and hyphens.
pub fn is_part_name(name: &str) -> bool {
    let is_allowed = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_files_are_read() {
        let key = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(7));
        let name = key.to_string();
        assert_eq!(FileKey::parse(&name), Some(key));
        for other in ["", ".", "lost+found", &name.to_uppercase(), &format!("{name}.x"), &name[1..]]
        {
            assert_eq!(FileKey::parse(other), None, "{other}");
        }
        assert!(new_part_name(255) < new_part_name(256));
        assert!(is_part_name(&new_part_name(255)));
        assert!(!["", "..", "a/b", "A", "x"].into_iter().any(is_part_name));
        assert_ne!(new_part_name(1), new_part_name(1));
    }
}
