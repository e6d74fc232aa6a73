//! Finds files by their paths, their names, and the ids in these.

use std::hash::{BuildHasher, RandomState};
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The number of files above which a word of their names is not taken for an id of one of them.
const MAX_FILES_OF_ID: usize = 16;

/// The positions of files in a list, by hashes: 64 bytes for each file, whatever its name.
#[derive(Debug)]
pub struct Index {
    hasher: RandomState,
    by_path: Vec<(u64, u32)>,
    by_name: Vec<(u64, u32)>,
    by_id: Vec<(u64, u32)>,
}

impl Index {
    /// Creates the index of these paths, which have slashes.
    pub fn new<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut index = Self {
            hasher: RandomState::new(),
            by_path: Vec::new(),
            by_name: Vec::new(),
            by_id: Vec::new(),
        };
        for (at, path) in (0..).zip(paths) {
            let path = composed(path);
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", &*path));
            index.by_path.push((index.hasher.hash_one(&*path), at));
            index.by_name.push((index.hasher.hash_one(name), at));
            for id in ids(folder, name) {
                index.by_id.push((index.hasher.hash_one(id), at));
            }
        }
        for list in [&mut index.by_path, &mut index.by_name, &mut index.by_id] {
            list.sort_unstable();
        }
        index
    }

    /// Returns the positions of the files that may have this path.
    pub fn with_path(&self, path: &str) -> impl Iterator<Item = usize> {
        self.positions(&self.by_path, &composed(path)).iter().map(|(_, at)| *at as usize)
    }

    /// Returns the position of the file with this name, if it is the only one.
    pub fn with_name(&self, name: &str) -> Option<usize> {
        match self.positions(&self.by_name, &composed(name)) {
            [(_, at)] => Some(*at as usize),
            _ => None,
        }
    }

    /// Returns the positions of the files that contain this id in their names: alone, at the beginning of the name, or
    /// as the name of their folder. Returns none if there are many, because then it is not an id.
    pub fn with_id(&self, id: &str) -> impl Iterator<Item = usize> {
        let found = self.positions(&self.by_id, &composed(id));
        let found: &[(u64, u32)] = if found.len() > MAX_FILES_OF_ID { &[] } else { found };
        found.iter().map(|(_, at)| *at as usize)
    }

    fn positions<'a>(&self, list: &'a [(u64, u32)], key: &str) -> &'a [(u64, u32)] {
        let hash = self.hasher.hash_one(key);
        let start = list.partition_point(|(other, _)| *other < hash);
        let length = list[start..].partition_point(|(other, _)| *other == hash);
        &list[start..start + length]
    }
}

/// Returns the ids that a file's path may contain.
fn ids<'a>(folder: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let folder = folder.rsplit('/').next().filter(|folder| !folder.is_empty());
    let first_word = name.split(['-', '_', '.']).next().filter(|word| !word.is_empty());
    folder.into_iter().chain(first_word)
}

/// Returns a name in composed form (NFC). File systems and archives of macOS contain decomposed names.
pub fn composed(name: &str) -> std::borrow::Cow<'_, str> {
    if is_nfc(name) { name.into() } else { name.nfc().collect::<String>().into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_by_path_name_and_id() {
        let many: Vec<String> = (0..20).map(|n| format!("files/{n}.bin")).collect();
        let paths =
            ["__uploads/F1/plan.pdf", "F2-re\u{301}sume\u{301}.txt", "a/F3.png", "b/plan.pdf"];
        let index = Index::new(paths.into_iter().chain(many.iter().map(String::as_str)));
        let all = |found: &mut dyn Iterator<Item = usize>| found.collect::<Vec<_>>();
        assert_eq!(all(&mut index.with_path("b/plan.pdf")), [3]);
        assert_eq!(all(&mut index.with_path("F2-r\u{e9}sum\u{e9}.txt")), [1]);
        assert!(all(&mut index.with_path("plan.pdf")).is_empty());
        assert_eq!((index.with_name("plan.pdf"), index.with_name("F3.png")), (None, Some(2)));
        for (id, at) in [("F1", 0), ("F2", 1), ("F3", 2)] {
            assert_eq!(all(&mut index.with_id(id)), [at]);
        }
        assert!(all(&mut index.with_id("files")).is_empty(), "not an id");
    }
}
