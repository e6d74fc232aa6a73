//! The names of objects in the store.

use crate::db::random_name;
use parlour_protocol::FileHash;
use std::fmt;
use uuid::Uuid;

/// The place of all objects of one file: `HASH.ID`. The hash is for people, who can check the bytes by it without the
/// database; the id makes it one owner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The file's id.
    pub id: Uuid,
    name: String,
}

impl Group {
    /// Returns the place of this file.
    pub fn new(hash: FileHash, id: Uuid) -> Self {
        Self { id, name: format!("{hash}.{}", id.simple()) }
    }

    /// Reads such a name; `None` for every other one.
    pub fn parse(name: &str) -> Option<Self> {
        let (hash, id) = name.split_once('.')?;
        let group = Self::new(hash.parse().ok()?, Uuid::try_parse(id).ok()?);
        (group.name == name).then_some(group)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Returns a new name for a part that begins here. Names are in the order of the parts, and nobody has the same one.
pub fn new_part(start: u64) -> String {
    format!("{start:012x}-{}", random_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_files_are_read() {
        let group = Group::new(FileHash::of(b"abc"), Uuid::from_u128(7));
        let name = group.to_string();
        assert_eq!(Group::parse(&name), Some(group));
        for other in ["", ".", "lost+found", &name.to_uppercase(), &format!("{name}.x"), &name[1..]]
        {
            assert_eq!(Group::parse(other), None, "{other}");
        }
        assert!(new_part(255) < new_part(256));
        assert_ne!(new_part(1), new_part(1));
    }
}
