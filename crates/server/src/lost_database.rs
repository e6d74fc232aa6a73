//! Recognizes a SQLite database that is gone, so that no command begins an empty one in its place.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// A SQLite database that is missing although a server had one there, or that contains nothing, as no server leaves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostDatabase {
    path: PathBuf,
    is_empty: bool,
    /// The names of the files that a server left next to it.
    leftovers: Vec<String>,
}

impl LostDatabase {
    /// Returns what is known about a lost database at this path; `None` if there is a database, or none yet. A broken
    /// link is not a lost database: its target may be on a disk that is not mounted, and opening it fails.
    pub fn find(path: &Path) -> Option<Self> {
        // Opening a FIFO would block, and a link may lead to a file of somebody else.
        let is_regular = path.symlink_metadata().is_ok_and(|file| file.is_file());
        let is_empty = path.metadata().is_ok_and(|file| file.is_file() && file.len() <= 1)
            || is_regular && parlour_sqlite::contains_nothing(path);
        let side_files = [path.with_extension("wm"), parlour_sqlite::log_path(path)];
        let leftovers = side_files.iter().filter(|path| path.symlink_metadata().is_ok());
        let leftovers: Vec<String> = leftovers.map(|path| name(path.file_name())).collect();
        let is_missing = path.symlink_metadata().is_err() && !leftovers.is_empty();
        let path = path.to_owned();
        (is_empty || is_missing).then_some(Self { path, is_empty, leftovers })
    }

    /// Returns what to do about it.
    pub fn advice(&self) -> String {
        let database = self.is_empty.then(|| name(self.path.file_name()));
        let names: Vec<&str> = database.iter().chain(&self.leftovers).map(String::as_str).collect();
        format!(
            "move the folder away and restore a backup, or, without one, use `rebuild`; or remove {} to begin with an \
             empty database",
            names.join(" and ")
        )
    }
}

impl fmt::Display for LostDatabase {
    /// Writes what was found, as a sentence.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        let leftovers = self.leftovers.join(" and ");
        let exist = if self.leftovers.len() == 1 { "exists" } else { "exist" };
        match (self.is_empty, self.leftovers.is_empty()) {
            (true, true) => {
                write!(f, "the database {path} is empty, which no server leaves")
            }
            (true, false) => write!(
                f,
                "the database {path} is empty, although a server had one here: {leftovers} {exist}"
            ),
            (false, _) => write!(
                f,
                "the database {path} is missing, although a server had one here: {leftovers} {exist}"
            ),
        }
    }
}

fn name(file_name: Option<&OsStr>) -> String {
    file_name.unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_lost_if_it_is_empty_or_only_its_side_files_exist() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| dir.path().join(name);
        let found = || LostDatabase::find(&file("parlour.db"));
        assert_eq!(found(), None, "a new folder");
        std::fs::write(file("parlour.db"), "").unwrap();
        let lost = found().unwrap();
        assert!(lost.to_string().ends_with("is empty, which no server leaves"), "{lost}");
        assert!(lost.advice().contains("remove parlour.db to begin"), "{}", lost.advice());
        // SQLite takes a file of one byte for an empty one.
        std::fs::write(file("parlour.db"), "x").unwrap();
        assert!(found().is_some());
        std::fs::remove_file(file("parlour.db")).unwrap();
        let conn = rusqlite::Connection::open(file("parlour.db")).unwrap();
        conn.execute_batch("CREATE TABLE t (n); DROP TABLE t; VACUUM").unwrap();
        drop(conn);
        assert!(found().is_some(), "a database without tables");
        let conn = rusqlite::Connection::open(file("parlour.db")).unwrap();
        conn.execute_batch("CREATE TABLE t (n)").unwrap();
        drop(conn);
        assert_eq!(found(), None, "opening it reports that it belongs to another program");
        std::fs::write(file("parlour.db"), "").unwrap();
        std::fs::write(file("parlour.wm"), "1").unwrap();
        let lost = found().unwrap();
        assert!(
            lost.to_string()
                .ends_with("is empty, although a server had one here: parlour.wm exists")
        );
        assert!(lost.advice().contains("remove parlour.db and parlour.wm to begin"));
        std::fs::remove_file(file("parlour.db")).unwrap();
        let lost = found().unwrap();
        assert!(lost.to_string().contains("is missing, although"), "{lost}");
        assert!(lost.advice().contains("remove parlour.wm to begin"));
        std::fs::remove_file(file("parlour.wm")).unwrap();
        std::fs::write(file("parlour.db-wal"), "changes").unwrap();
        assert!(found().unwrap().to_string().ends_with("parlour.db-wal exists"));
        std::fs::write(file("parlour.db"), "a database").unwrap();
        assert_eq!(found(), None);
    }
}
