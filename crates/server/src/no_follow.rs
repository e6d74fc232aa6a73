//! Opens files in folders that others may write to, without following links.

use crate::regular_file;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

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
    let metadata = file.metadata()?;
    #[cfg(unix)]
    let has_other_names = std::os::unix::fs::MetadataExt::nlink(&metadata) > 1;
    #[cfg(not(unix))]
    let has_other_names = false;
    let reason = match regular_file::kind(metadata.file_type()) {
        Some(kind) => format!("it is {kind}, not a regular file"),
        None if has_other_names => {
            "the file has another name elsewhere (a hard link); put a copy in its place".to_owned()
        }
        None => return Ok(file),
    };
    Err(Error::new(ErrorKind::InvalidInput, reason))
}

/// Refuses a symbolic link that somebody may have put there to make this process change the file of another user: one in
/// a folder whose owner is neither root, nor this process's user, nor the owner of the link's target.
///
/// # Errors
/// Fails if it is such a link, or one without a target. A path that does not exist is none.
pub fn refuse_foreign_link(path: &Path) -> Result<()> {
    #[cfg(unix)]
    if path.symlink_metadata().is_ok_and(|found| found.file_type().is_symlink()) {
        use std::os::unix::fs::MetadataExt;
        let owner = std::fs::metadata(folder_of(path))?.uid();
        let trusted = [0, rustix::process::geteuid().as_raw(), std::fs::metadata(path)?.uid()];
        if !trusted.contains(&owner) {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "it is a link to the file of another user",
            ));
        }
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
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
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    }
}
