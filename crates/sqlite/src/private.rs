//! Files and folders that nobody but their owner reads.
//!
//! On Unix a file is made with mode 0600 and a folder with 0700, from its first byte and whatever the
//! umask says; one that is wider, of an earlier version or by another hand, is narrowed, and the log says
//! so. On Windows a file is as private as the folder that it is made in: below a user's profile the system
//! lets in nobody but that user, administrators and itself.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Result;
use std::path::Path;

/// How a file is opened for writing so that, where it is made, it is its owner's alone.
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file of the owner's alone in the place of whatever is there.
///
/// # Errors
/// The disk fails, or it is another one's.
pub fn create(path: &Path) -> Result<File> {
    let file = options().create(true).truncate(true).open(path)?;
    narrow(path)?;
    Ok(file)
}

/// Makes a file with these bytes in the place of whatever is there.
///
/// # Errors
/// As [`create`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::io::Write::write_all(&mut create(path)?, bytes)
}

/// Sees to it that there is a file, and that it is the owner's alone, before SQLite or somebody else opens
/// it by its name. What SQLite makes beside a database has the database's mode.
///
/// # Errors
/// As [`create`].
pub fn prepare(path: &Path) -> Result<()> {
    match options().create_new(true).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => narrow(path),
        made => made.map(drop),
    }
}

/// Makes a folder, and what is missing above it, for the owner alone; one that is there is narrowed.
///
/// # Errors
/// As [`create`].
pub fn create_folder(path: &Path) -> Result<()> {
    if path.is_dir() {
        return narrow(path);
    }
    make_folder(path)
}

/// Makes a folder, and what is missing above it, for the owner alone; one that is there is left as it is.
///
/// # Errors
/// As [`create`].
pub fn make_folder(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Takes from a file or folder what others may do with it, or from what it leads to if it is a link; says so
/// where they could. Where it is another user's, it only says so.
///
/// # Errors
/// It is not there.
pub fn narrow(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode() & 0o7777;
        if mode & 0o077 == 0 {
            return Ok(());
        }
        let narrower = std::fs::Permissions::from_mode(mode & 0o700);
        match std::fs::set_permissions(path, narrower) {
            Ok(()) => {
                tracing::warn!(?path, "others could read this (mode {mode:04o}); not any more");
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

/// Narrows a folder and everything in it, however deep; links are not followed.
///
/// # Errors
/// Something in it cannot be looked at.
pub fn narrow_all(folder: &Path) -> Result<()> {
    narrow(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            continue;
        }
        let narrowed = match kind.is_dir() {
            true => narrow_all(&entry.path()),
            false => narrow(&entry.path()),
        };
        match narrowed {
            // Somebody was quicker.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            narrowed => narrowed?,
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
    fn what_is_made_is_its_owners_alone() {
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
    fn what_is_wider_is_narrowed_and_keeps_what_is_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("a"), dir.path().join("a/x"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "kept").unwrap();
        widen(&folder, 0o755);
        widen(&file, 0o664);
        prepare(&file).unwrap();
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o755));
        widen(&file, 0o664);
        narrow_all(&folder).unwrap();
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }

    #[test]
    fn what_a_link_leads_to_is_narrowed_but_not_what_lies_in_a_folder_as_a_link() {
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
        narrow_all(&folder).unwrap();
        assert_eq!((mode(&folder), mode(&others)), (0o700, 0o644));
    }

    #[test]
    fn a_database_and_all_that_lies_beside_it_is_its_owners_alone() {
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
