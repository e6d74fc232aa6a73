//! Files and folders that only their owner can read.
//!
//! On Unix a file is created with mode 0600 and a folder with 0700, from the first byte and
//! whatever the umask is. One with a wider mode, from an earlier version or another program, is
//! restricted, and the log says so. On Windows a file is as private as the folder in which it is
//! created: below a user's profile, the system admits only that user, administrators and itself.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Result;
use std::path::Path;

/// Returns options that open a file for writing and, if it is created, restrict it to the owner.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates an empty file for the owner alone, replacing an existing one.
///
/// # Errors
/// Fails on an I/O error, or if the file belongs to another user.
pub fn create(path: &Path) -> Result<File> {
    let file = options().create(true).truncate(true).open(path)?;
    restrict(path)?;
    Ok(file)
}

/// Writes these bytes into a file for the owner alone, replacing an existing one.
///
/// # Errors
/// Same as [`create`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::io::Write::write_all(&mut create(path)?, bytes)
}

/// Ensures that a file exists and is restricted to the owner, before SQLite or other code opens it
/// by its name. What SQLite creates next to a database gets the database's mode.
///
/// # Errors
/// Same as [`create`].
pub fn prepare(path: &Path) -> Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => restrict(path),
        created => created.map(drop),
    }
}

/// Creates a folder, and missing parents, for the owner alone; restricts an existing one.
///
/// # Errors
/// Same as [`create`].
pub fn create_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return restrict(path);
    }
    ensure_folder(path)
}

/// Creates a folder, and missing parents, for the owner alone; leaves an existing one as it is.
///
/// # Errors
/// Same as [`create`].
pub fn ensure_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Removes the rights of other users from a file or folder, or from the target of a link; logs a
/// warning if there were any. If it belongs to another user, it only logs a warning.
///
/// # Errors
/// Fails if it does not exist.
pub fn restrict(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode() & 0o7777;
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let restricted = std::fs::Permissions::from_mode(mode & 0o700);
        match std::fs::set_permissions(path, restricted) {
            Ok(()) => {
                tracing::warn!(
                    ?path,
                    "others could read this (mode {mode:04o}); it is now restricted to its owner"
                );
            }
            Err(error) => {
                tracing::warn!(?path, %error, "others can read this (mode {mode:04o})");
            }
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Restricts a folder and everything in it, recursively; does not follow links.
///
/// # Errors
/// Fails if something in it cannot be read.
pub fn restrict_all(folder: &Path) -> Result<()> {
    restrict(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            continue;
        }
        let restricted = match kind.is_dir() {
            true => restrict_all(&entry.path()),
            false => restrict(&entry.path()),
        };
        match restricted {
            // It was deleted meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            restricted => restricted?,
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn widen(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn created_files_and_folders_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a/b");
        create_folder(&folder).unwrap();
        assert_eq!((mode(&dir.path().join("a")), mode(&folder)), (0o700, 0o700));
        let file = folder.join("x");
        prepare(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
        write(&folder.join("y"), b"secret").unwrap();
        assert_eq!(mode(&folder.join("y")), 0o600);
    }

    #[test]
    fn wider_permissions_are_restricted_and_the_contents_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("a"), dir.path().join("a/x"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "kept").unwrap();
        widen(&folder, 0o755);
        widen(&file, 0o664);
        prepare(&file).unwrap();
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o755));
        widen(&file, 0o664);
        restrict_all(&folder).unwrap();
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }

    #[test]
    fn the_target_of_a_link_is_restricted_but_not_that_of_a_link_in_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let (real, link) = (dir.path().join("real"), dir.path().join("link"));
        std::fs::write(&real, "kept").unwrap();
        widen(&real, 0o644);
        std::os::unix::fs::symlink(&real, &link).unwrap();
        prepare(&link).unwrap();
        assert_eq!(mode(&real), 0o600);
        let (others, folder) = (dir.path().join("others"), dir.path().join("a"));
        std::fs::write(&others, "others'").unwrap();
        widen(&others, 0o644);
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(&others, folder.join("link")).unwrap();
        restrict_all(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&others)), (0o700, 0o644));
    }

    #[test]
    fn a_database_and_the_files_next_to_it_are_private() {
        let dir = tempfile::tempdir().unwrap();
        let schema = crate::Schema {
            application_id: 7,
            newest: "CREATE TABLE a (x INTEGER) STRICT",
            migrations: &[],
        };
        let path = dir.path().join("x.db");
        let open = || crate::open(&path, &schema, crate::Durability::Full, None).unwrap();
        let conn = open();
        conn.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            assert_eq!(mode(&dir.path().join(name)), 0o600, "{name}");
        }
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            widen(&dir.path().join(name), 0o644);
        }
        let _second = open();
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            assert_eq!(mode(&dir.path().join(name)), 0o600, "{name}");
        }
        drop(conn);
    }
}
