//! Files and folders that only their owner can read.
//!
//! On Unix a file is created with mode 0600 and a folder with 0700, from the first byte and
//! whatever the umask is. One with a wider mode, from an earlier version or another program, is
//! restricted, and the log says so. On Windows a file is as private as the folder in which it is
//! created: below a user's profile, the system admits only that user, administrators and itself.
//!
//! Root may work in the folder of another user, who can put symbolic links there: files are created
//! without following one, and the target of one is only restricted if it belongs to this process's user, who is not
//! root in such a folder.

#[cfg(unix)]
use std::fs::Metadata;
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

/// Creates a folder for the owner alone, in an existing one.
///
/// # Errors
/// Fails with [`AlreadyExists`](std::io::ErrorKind::AlreadyExists) if anything has this name; also fails on another I/O
/// error.
pub fn create_new_folder(path: &Path) -> Result<()> {
    folder_builder().create(path)
}

/// Creates a folder, and missing parents, for the owner alone; leaves an existing one as it is.
///
/// # Errors
/// Same as [`create`].
pub fn ensure_folder(path: &Path) -> Result<()> {
    folder_builder().recursive(true).create(path)
}

/// Returns a builder of folders for the owner alone.
#[cfg(unix)]
fn folder_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Returns a builder of folders.
#[cfg(not(unix))]
fn folder_builder() -> DirBuilder {
    DirBuilder::new()
}

/// Restricts a file to mode 0600, or a folder to 0700; logs a warning if other users had rights. If that
/// fails because it belongs to another user, it only logs a warning. Through a symbolic link, it restricts only what
/// belongs to this process's user, and as root only through a link in a folder of root; otherwise it logs a warning if
/// other users have rights.
///
/// # Errors
/// Fails if it does not exist, or is a link whose target does not exist.
pub fn restrict(path: &Path) -> Result<()> {
    let found = path.symlink_metadata()?;
    if found.file_type().is_symlink() {
        return restrict_target(path);
    }
    #[cfg(unix)]
    if let Some(mode) = mode_for_others(&found) {
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

#[cfg(not(unix))]
fn restrict_target(link: &Path) -> Result<()> {
    std::fs::metadata(link).map(drop)
}

/// Restricts the target of a link; a further link there is checked in the same way.
#[cfg(unix)]
fn restrict_target(link: &Path) -> Result<()> {
    let target = std::fs::metadata(link)?;
    let folder = link.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    if may_restrict_target(folder, &target)? {
        return restrict(&folder.join(std::fs::read_link(link)?));
    }
    if let Some(mode) = mode_for_others(&target) {
        tracing::warn!(path = ?link, "others can read the target of this link (mode {mode:04o})");
    }
    Ok(())
}

/// Returns whether this process may restrict the target of a link in this folder.
#[cfg(unix)]
fn may_restrict_target(folder: &Path, target: &Metadata) -> Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid();
    let is_trusted = !user.is_root() || folder.metadata()?.uid() == user.as_raw();
    Ok(is_trusted && target.uid() == user.as_raw())
}

/// Returns the mode if it gives other users rights.
#[cfg(unix)]
fn mode_for_others(found: &Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Changes the mode through a descriptor, because the path may be replaced by a link at any time.
#[cfg(unix)]
fn restrict_mode(path: &Path) -> Result<()> {
    use rustix::fs::{Mode, OFlags};
    // Closing a descriptor of a file ends all locks that SQLite has on it in this process, except one with `O_PATH`.
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::empty())?;
        let name = format!("/proc/self/fd/{}", file.as_raw_fd());
        match rustix::fs::chmod(name, allowed_mode(&file)?) {
            // There is no `/proc`.
            Err(rustix::io::Errno::NOENT) => {}
            changed => return Ok(changed?),
        }
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    Ok(rustix::fs::fchmod(&file, allowed_mode(&file)?)?)
}

/// Returns the mode of an open file or folder without the rights of others.
#[cfg(unix)]
fn allowed_mode(file: &std::os::fd::OwnedFd) -> Result<rustix::fs::Mode> {
    use rustix::fs::{FileType, Mode};
    let found = rustix::fs::fstat(file)?;
    let allowed = match FileType::from_raw_mode(found.st_mode) {
        // With `O_PATH`, a link itself can be open.
        FileType::Symlink => return Err(rustix::io::Errno::LOOP.into()),
        FileType::Directory => Mode::RWXU,
        _ => Mode::RUSR | Mode::WUSR,
    };
    Ok(Mode::from_raw_mode(found.st_mode) & allowed)
}

/// Restricts a folder and everything in it, recursively; does not follow links in it.
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
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::path::PathBuf;

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
        create_new_folder(&folder).unwrap_err();
        create_new_folder(&folder.join("c")).unwrap();
        assert_eq!(mode(&folder.join("c")), 0o700);
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

    /// A link to a file with mode 0644 and one to a folder with mode 0755, in a folder of their own.
    struct Links {
        _dir: tempfile::TempDir,
        folder: PathBuf,
        file: PathBuf,
        linked_folder: PathBuf,
    }

    impl Links {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let [file, linked_folder, folder] =
                ["file", "linked_folder", "a"].map(|name| dir.path().join(name));
            std::fs::write(&file, "kept").unwrap();
            std::fs::create_dir(&linked_folder).unwrap();
            std::fs::create_dir(&folder).unwrap();
            widen(&file, 0o644);
            widen(&linked_folder, 0o755);
            symlink(&file, folder.join("link")).unwrap();
            symlink("../linked_folder", folder.join("folder")).unwrap();
            symlink("link", folder.join("second")).unwrap();
            symlink(dir.path().join("missing"), folder.join("dangling")).unwrap();
            Self { _dir: dir, folder, file, linked_folder }
        }

        fn modes(&self) -> (u32, u32) {
            (mode(&self.file), mode(&self.linked_folder))
        }
    }

    #[test]
    fn the_target_of_a_link_of_our_own_is_restricted() {
        let links = Links::new();
        prepare(&links.folder.join("second")).unwrap();
        create_folder(&links.folder.join("folder")).unwrap();
        assert_eq!(links.modes(), (0o600, 0o700));
        assert_eq!(std::fs::read(&links.file).unwrap(), b"kept");
        prepare(&links.folder.join("dangling")).unwrap_err();
    }

    #[test]
    fn root_restricts_no_target_of_a_link_of_another_user_nor_what_belongs_to_another_user() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let others_link = Links::new();
        chown(&others_link.folder, Some(65534), None).unwrap();
        let others_file = Links::new();
        chown(&others_file.file, Some(65534), None).unwrap();
        chown(&others_file.linked_folder, Some(65534), None).unwrap();
        for links in [others_link, others_file] {
            prepare(&links.folder.join("second")).unwrap();
            create_folder(&links.folder.join("folder")).unwrap();
            assert_eq!(links.modes(), (0o644, 0o755));
        }
    }

    #[test]
    fn links_in_a_restricted_folder_are_not_followed_and_writing_replaces_them() {
        let links = Links::new();
        let folder = &links.folder;
        restrict_all(folder).unwrap();
        write(&folder.join("link"), b"ours").unwrap();
        crate::durable::write(&folder.join("dangling"), b"ours").unwrap();
        symlink(&links.file, folder.join("durable.new")).unwrap();
        crate::durable::write(&folder.join("durable"), b"ours").unwrap();
        assert_eq!((mode(folder), links.modes()), (0o700, (0o644, 0o755)));
        assert_eq!(std::fs::read(&links.file).unwrap(), b"kept");
        assert!(!folder.with_file_name("missing").exists());
        for own in ["link", "dangling", "durable"] {
            let own = folder.join(own);
            assert_eq!((std::fs::read(&own).unwrap(), mode(&own)), (b"ours".to_vec(), 0o600));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_locks_that_this_process_has_on_a_restricted_file_stay() {
        use rustix::fs::{FlockOperation, fcntl_lock};
        use std::os::unix::fs::MetadataExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "kept").unwrap();
        widen(&path, 0o644);
        let file = File::options().write(true).open(&path).unwrap();
        fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).unwrap();
        let inode = format!(":{} ", file.metadata().unwrap().ino());
        let is_locked = || {
            let locks = std::fs::read_to_string("/proc/locks").unwrap();
            locks.lines().any(|line| line.contains("POSIX") && line.contains(&inode))
        };
        assert!(is_locked(), "the test sees the lock");
        restrict(&path).unwrap();
        assert!(mode(&path) == 0o600 && is_locked());
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
    fn a_database_and_the_files_next_to_it_are_private_also_through_a_link() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let schema = crate::Schema {
            application_id: 7,
            newest: "CREATE TABLE a (x INTEGER) STRICT",
            migrations: &[],
        };
        let path = dir.path().join("x.db");
        let link = elsewhere.path().join("link.db");
        symlink(&path, &link).unwrap();
        let open = |path: &Path| crate::open(path, &schema, crate::Durability::Full, None).unwrap();
        let conn = open(&path);
        conn.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            assert_eq!(mode(&dir.path().join(name)), 0o600, "{name}");
        }
        for path in [&path, &link] {
            for name in ["x.db", "x.db-wal", "x.db-shm"] {
                widen(&dir.path().join(name), 0o644);
            }
            let _second = open(path);
            for name in ["x.db", "x.db-wal", "x.db-shm"] {
                assert_eq!(mode(&dir.path().join(name)), 0o600, "{name}");
            }
        }
        drop(conn);
    }
}
