//! Finds the system's programs.

use std::path::{Path, PathBuf};

/// The folder of server programs, which is not in every user's path.
const SYSTEM: &str = "/usr/sbin";
/// The folder of PostgreSQL's programs on Debian, with a folder for each version.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Returns the path of a program: the first one in the path, or one in the system's folder, or that
/// of the newest PostgreSQL installed elsewhere.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).map(|folder| folder.join(name));
    let elsewhere = [Path::new(SYSTEM).join(name)].into_iter();
    let elsewhere = elsewhere.chain(postgres_candidates(Path::new(POSTGRES), name));
    in_path.chain(elsewhere).find(|program| program.is_file())
}

/// Returns the possible paths of a program of PostgreSQL, the newest version first.
fn postgres_candidates(versions: &Path, name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(versions).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, folder)| folder.join("bin").join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_comes_first_even_with_more_digits() {
        let folder = std::env::temp_dir().join(format!("parlour-versions-{}", std::process::id()));
        for name in ["9", "17", "16", "common"] {
            std::fs::create_dir_all(folder.join(name)).unwrap();
        }
        let found = postgres_candidates(&folder, "initdb");
        std::fs::remove_dir_all(&folder).unwrap();
        let expected = ["17", "16", "9"].map(|name| folder.join(name).join("bin/initdb"));
        assert_eq!(found, expected);
    }
}
