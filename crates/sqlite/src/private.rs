//! Files and folders that only their owner can read.
//!
//! On Unix a file is created with mode 0600 and a folder with 0700, from the first byte and
//! whatever the umask is. One with a wider mode, from an earlier version or another program, is
//! restricted, and the log says so. On Windows a file is as private as the folder in which it is
//! created: below a user's profile, the system admits only that user, administrators and itself.
//!
//! Root may work in the folder of another user, who can put symbolic links there: files are created
//! without following one, and the target of one is not restricted.

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

/// Creates an empty file for the owner alone: removes an existing file or link first, and never opens
/// it.
///
/// # Errors
/// Fails on an I/O error, or if something else creates the file at the same time.
pub fn create(path: &Path) -> Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        removed => removed?,
    }
    // With `O_EXCL`, which also does not follow a link.
    options().create_new(true).open(path)
}

/// Writes these bytes into a file for the owner alone, replacing an existing one.
///
/// # Errors
/// Same as [`create`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::io::Write::write_all(&mut create(path)?, bytes)
}

/// Ensures that a file exists and is restricted to the owner (see [`restrict`]), before SQLite or other
/// code opens it by its name. What SQLite creates next to a database gets the database's mode.
///
/// # Errors
/// Fails on an I/O error.
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

/// Restricts a file to mode 0600, or a folder to 0700; logs a warning if other users had rights. If that
/// fails because it belongs to another user, it only logs a warning. A symbolic link and its target stay
/// as they are.
///
/// # Errors
/// Fails if it does not exist, or is a link whose target does not exist.
pub fn restrict(path: &Path) -> Result<()> {
    let found = path.symlink_metadata()?;
    if found.file_type().is_symlink() {
        return std::fs::metadata(path).map(drop);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = found.permissions().mode() & 0o7777;
        if mode & 0o077 == 0 {
            return Ok(());
        }
        match restrict_mode(path) {
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
    Ok(())
}

/// Changes the mode through a descriptor, because the path may be replaced by a link at any time. It is
/// opened only if the mode must change: when it is closed, locks that SQLite has on it in this process end.
#[cfg(unix)]
fn restrict_mode(path: &Path) -> Result<()> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    let found = rustix::fs::fstat(&file)?;
    let is_folder = rustix::fs::FileType::from_raw_mode(found.st_mode).is_dir();
    let allowed = if is_folder { Mode::RWXU } else { Mode::RUSR | Mode::WUSR };
    Ok(rustix::fs::fchmod(&file, Mode::from_raw_mode(found.st_mode) & allowed)?)
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
    fn the_target_of_a_link_is_neither_restricted_nor_written() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let [others, others_folder, folder] =
            ["others", "others_folder", "a"].map(|name| dir.path().join(name));
        std::fs::write(&others, "others'").unwrap();
        std::fs::create_dir(&others_folder).unwrap();
        std::fs::create_dir(&folder).unwrap();
        widen(&others, 0o644);
        widen(&others_folder, 0o755);
        let [link, folder_link, dangling] =
            ["link", "folder", "dangling"].map(|name| folder.join(name));
        symlink(&others, &link).unwrap();
        symlink(&others_folder, &folder_link).unwrap();
        symlink(dir.path().join("missing"), &dangling).unwrap();
        restrict_all(&folder).unwrap();
        prepare(&link).unwrap();
        create_folder(&folder_link).unwrap();
        prepare(&dangling).unwrap_err();
        write(&link, b"ours").unwrap();
        crate::durable::write(&dangling, b"ours").unwrap();
        symlink(&others, folder.join("durable.new")).unwrap();
        crate::durable::write(&folder.join("durable"), b"ours").unwrap();
        assert_eq!((mode(&folder), mode(&others), mode(&others_folder)), (0o700, 0o644, 0o755));
        assert_eq!(std::fs::read(&others).unwrap(), b"others'");
        assert!(!dir.path().join("missing").exists());
        for own in ["link", "dangling", "durable"] {
            let own = folder.join(own);
            assert_eq!((std::fs::read(&own).unwrap(), mode(&own)), (b"ours".to_vec(), 0o600));
        }
    }

    #[test]
    fn a_file_is_not_executable_by_anybody_but_a_folder_is_by_its_owner() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, file) = (dir.path().join("a"), dir.path().join("a/x"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "kept").unwrap();
        widen(&folder, 0o777);
        widen(&file, 0o777);
        restrict_all(&folder).unwrap();
        assert_eq!((mode(&file), mode(&folder)), (0o600, 0o700));
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
