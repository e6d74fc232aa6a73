//! Checks whether the server may write to a folder, even if another user runs the check.

use std::path::Path;

/// Returns why the owner of a folder cannot write to it; `None` if they can.
#[cfg(unix)]
pub fn read_only(folder: &Path) -> Option<String> {
    use rustix::fs::{Access, access};
    use std::os::unix::fs::PermissionsExt;
    if access(folder, Access::WRITE_OK) == Err(rustix::io::Errno::ROFS) {
        return Some("its file system is mounted read-only".into());
    }
    let mode = folder.metadata().ok()?.permissions().mode();
    (mode & 0o300 != 0o300)
        .then(|| format!("its owner has no write access (mode {:04o})", mode & 0o7777))
}

/// Returns why the owner of the data folder, as whom the server runs, cannot write to another folder; `None` if they
/// can, or if that is unknown.
#[cfg(unix)]
pub fn why_not_writable(folder: &Path, data: Option<&Path>) -> Option<String> {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;
    use std::os::unix::fs::MetadataExt;
    let user = data.and_then(|data| data.metadata().ok());
    let uid = user.as_ref().map_or_else(|| rustix::process::geteuid().as_raw(), MetadataExt::uid);
    let result = access(folder, Access::WRITE_OK | Access::EXEC_OK);
    if result == Err(Errno::ROFS) {
        return Some(
            "its file system is mounted read-only, or the server's service restricts it".into(),
        );
    }
    if uid == rustix::process::geteuid().as_raw() {
        return result.err().map(|error| error.to_string());
    }
    let metadata = folder.metadata().ok()?;
    let is_in_group = user.is_some_and(|user| user.gid() == metadata.gid());
    let (bits, class) = match (uid == 0, uid == metadata.uid(), is_in_group) {
        (true, ..) => return None,
        (false, true, _) => (0o300, "its owner"),
        (false, false, true) => (0o030, "its group"),
        // The user may belong to that group.
        (false, false, false) if metadata.mode() & 0o030 == 0o030 => return None,
        (false, false, false) => (0o003, "other users"),
    };
    let mode = metadata.mode() & 0o7777;
    (mode & bits != bits).then(|| format!("{class} has no write access (mode {mode:04o})"))
}

/// Returns `None`: on this system, access depends on other rules.
#[cfg(not(unix))]
pub fn read_only(_folder: &Path) -> Option<String> {
    None
}

/// Returns `None`: on this system, access depends on other rules.
#[cfg(not(unix))]
pub fn why_not_writable(_folder: &Path, _data: Option<&Path>) -> Option<String> {
    None
}
