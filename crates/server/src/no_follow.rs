//! Opens files in folders that others may write to, without following links.

use crate::regular_file;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::{Path, PathBuf};

/// Opens a file without following a symbolic link in its place (open(2), `O_NOFOLLOW`).
///
/// # Errors
/// Fails if the file cannot be opened, is a link, has other names (hard links), or is not a regular file.
pub fn open(options: &mut OpenOptions, path: &Path) -> Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // Without NONBLOCK, opening a FIFO waits for its other end.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    let file = options.open(path).map_err(|error| {
        // The system's own message is "Too many levels of symbolic links".
        let is_link = path.symlink_metadata().is_ok_and(|found| found.file_type().is_symlink());
        if is_link { Error::new(ErrorKind::InvalidInput, "it is a symbolic link") } else { error }
    })?;
    checked(file)
}

/// Opens a file in a folder to read it. It may have other names (hard links), as in a snapshot made by `cp -al`: nobody
/// can give another name to a file that they cannot read, unless the system's protection of hard links is off.
///
/// # Errors
/// Fails if the file cannot be opened, if it or the folder is a link, or if it is not a regular file.
pub fn open_in(folder: &Path, name: impl AsRef<Path>) -> Result<File> {
    #[cfg(unix)]
    {
        use rustix::fs::{Mode, OFlags};
        use rustix::io::Errno;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let refused = |error| match error {
            Errno::LOOP | Errno::NOTDIR => Error::new(ErrorKind::InvalidInput, "it is a link"),
            other => Error::from(other),
        };
        let folder = rustix::fs::open(folder, flags | OFlags::DIRECTORY, Mode::empty());
        let folder = folder.map_err(refused)?;
        let file =
            rustix::fs::openat(&folder, name.as_ref(), flags | OFlags::NONBLOCK, Mode::empty());
        let file = File::from(file.map_err(refused)?);
        match regular_file::kind(file.metadata()?.file_type()) {
            None => Ok(file),
            Some(kind) => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("it is {kind}, not a regular file"),
            )),
        }
    }
    #[cfg(not(unix))]
    open(File::options().read(true), &folder.join(name))
}

fn checked(file: File) -> Result<File> {
    match refusal(&file.metadata()?) {
        None => Ok(file),
        Some(reason) => Err(Error::new(ErrorKind::InvalidInput, reason)),
    }
}

/// Returns why [`open`] refuses a file; `None` for a regular file without other names.
fn refusal(metadata: &Metadata) -> Option<String> {
    #[cfg(unix)]
    let has_other_names = std::os::unix::fs::MetadataExt::nlink(metadata) > 1;
    #[cfg(not(unix))]
    let has_other_names = false;
    match regular_file::kind(metadata.file_type()) {
        Some(kind) => Some(format!("it is {kind}, not a regular file")),
        None if has_other_names => Some(
            "the file has another name elsewhere (a hard link); put a copy in its place".to_owned(),
        ),
        None => None,
    }
}

/// Reads a regular file, also through a link, unless [`refuse_foreign_link`] refuses that.
///
/// # Errors
/// Fails if the file cannot be read, is not a regular file, or is such a link.
pub fn read_through_link(path: &Path) -> Result<Vec<u8>> {
    let mut file = regular_file::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        // The owner of the file that is open decides: the link may have another target by now.
        let (named, opened) = (path.symlink_metadata()?, file.metadata()?);
        if (named.dev(), named.ino()) != (opened.dev(), opened.ino()) {
            refuse_foreign(folder_of(path), &opened)?;
        }
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns the path of an existing file without symbolic links in it, for
/// [`open_resolved`](parlour_sqlite::open_resolved), which refuses a link that is put there later. On Windows, returns
/// the path itself.
///
/// # Errors
/// Fails if the file does not exist, or is a link that [`refuse_foreign_link`] refuses.
pub fn resolve(path: &Path) -> Result<PathBuf> {
    let file = parlour_sqlite::resolve(path)?;
    #[cfg(unix)]
    {
        let folder = folder_of(path).canonicalize()?;
        if path.file_name().is_none_or(|name| folder.join(name) != file) {
            refuse_foreign(&folder, &file.symlink_metadata()?)?;
        }
    }
    Ok(file)
}

/// Refuses a symbolic link that somebody may have put there to make this process change the file of another user: one in
/// a folder whose owner is neither root, nor this process's user, nor the owner of the link's target.
///
/// # Errors
/// Fails if it is such a link, or one without a target. A path that does not exist is none.
pub fn refuse_foreign_link(path: &Path) -> Result<()> {
    #[cfg(unix)]
    if path.is_symlink() {
        refuse_foreign(folder_of(path), &path.metadata()?)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Returns whether this is a link (symbolic or hard) to a file of another user, which the owner of its folder may have
/// put there to make root read or change that file. Root itself may link to any file; always false on Windows.
pub fn is_foreign_link(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let (Ok(target), Ok(folder)) = (path.metadata(), folder_of(path).metadata()) else {
            return false;
        };
        let is_link = target.is_file() && (path.is_symlink() || target.nlink() > 1);
        is_link && folder.uid() != 0 && folder.uid() != target.uid()
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Refuses a link in this folder to this target.
#[cfg(unix)]
fn refuse_foreign(folder: &Path, target: &Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    let trusted = [0, rustix::process::geteuid().as_raw(), target.uid()];
    if trusted.contains(&folder.metadata()?.uid()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, "it is a link to the file of another user"))
}

/// Gives a file that root created to the owner of its folder, so that a server that runs as that user can
/// read it. Files that other users created are left as they are.
///
/// # Errors
/// Fails if the file cannot be opened as [`open`] does, or if its owner cannot be changed.
pub fn chown_to_folder_owner(path: &Path) -> Result<()> {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        change_owner(&open(File::options().read(true), path)?, path)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Gives a folder to the owner of the folder that it is in, as [`chown_to_folder_owner`] does with a file.
///
/// # Errors
/// Fails if it is a link, or if its owner cannot be changed.
pub fn chown_folder_to_parent_owner(path: &Path) -> Result<()> {
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC;
        change_owner(&File::from(rustix::fs::open(path, flags, Mode::empty())?), path)?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(unix)]
fn change_owner(file: &File, path: &Path) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let folder = std::fs::metadata(folder_of(path))?;
    if file.metadata()?.uid() != folder.uid() {
        fchown(file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_target_of_a_link_is_neither_opened_nor_given_another_owner() {
        let dir = tempfile::tempdir().unwrap();
        let [victim, soft, hard] = ["victim", "soft", "hard"].map(|name| dir.path().join(name));
        std::fs::write(&victim, "precious").unwrap();
        open(File::options().write(true).create(true), &victim).unwrap();
        chown_to_folder_owner(&victim).unwrap();
        symlink(&victim, &soft).unwrap();
        let error = open(File::options().write(true).create(true), &soft).unwrap_err();
        assert_eq!(error.to_string(), "it is a symbolic link");
        std::fs::hard_link(&victim, &hard).unwrap();
        let error = open(File::options().write(true).create(true), &hard).unwrap_err();
        assert!(error.to_string().contains("a hard link"), "{error}");
        if rustix::process::geteuid().is_root() {
            chown_to_folder_owner(&soft).unwrap_err();
            chown_to_folder_owner(&hard).unwrap_err();
        }
        open(File::options().read(true), dir.path()).unwrap_err();
        assert_eq!(open_in(dir.path(), "soft").unwrap_err().kind(), ErrorKind::InvalidInput);
        open_in(dir.path(), "hard").unwrap();
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }

    #[test]
    fn a_link_is_followed_unless_it_is_another_users_link_to_the_file_of_somebody_else() {
        let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let [own, link] = ["own", "link"].map(|name| dir.path().join(name));
        let target = elsewhere.path().join("target");
        std::fs::write(&target, "linked").unwrap();
        std::fs::write(&own, "own").unwrap();
        symlink(&target, &link).unwrap();
        assert_eq!(read_through_link(&link).unwrap(), b"linked");
        assert_eq!(resolve(&link).unwrap(), target.canonicalize().unwrap());
        resolve(&dir.path().join("missing")).unwrap_err();
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(dir.path(), Some(65534), None).unwrap();
            read_through_link(&link).unwrap_err();
            resolve(&link).unwrap_err();
            assert_eq!(read_through_link(&own).unwrap(), b"own");
            assert_eq!(resolve(&own).unwrap(), own.canonicalize().unwrap());
            std::os::unix::fs::chown(&target, Some(65534), None).unwrap();
            assert_eq!(read_through_link(&link).unwrap(), b"linked");
        }
    }

    #[test]
    fn a_folder_in_which_a_file_is_opened_is_not_a_link() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, link) = (dir.path().join("folder"), dir.path().join("link"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("file"), "own").unwrap();
        symlink(&folder, &link).unwrap();
        open_in(&folder, "file").unwrap();
        open_in(&link, "file").unwrap_err();
    }
}
