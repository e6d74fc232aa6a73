//! Checks whether the server may write to a folder, even if another user runs the check.

use std::path::Path;

/// Returns why nobody, including the owner, may write to a folder; `None` if the owner may.
#[cfg(unix)]
pub fn read_only(folder: &Path) -> Option<String> {
    use rustix::fs::{Access, access};
    use std::os::unix::fs::PermissionsExt;
    if access(folder, Access::WRITE_OK) == Err(rustix::io::Errno::ROFS) {
        return Some("its file system is mounted read-only".into());
    }
    let mode = folder.metadata().ok()?.permissions().mode();
    (mode & 0o300 != 0o300).then(|| format!("its own owner may not (mode {:04o})", mode & 0o7777))
}

/// Returns why the owner of the data folder, whose user the server has, may not write to another folder; `None` if they
/// may, or if that is unknown.
#[cfg(unix)]
pub fn closed(folder: &Path, data: Option<&Path>) -> Option<String> {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;
    use std::os::unix::fs::MetadataExt;
    let user = data.and_then(|data| data.metadata().ok());
    let uid = user.as_ref().map_or_else(|| rustix::process::geteuid().as_raw(), MetadataExt::uid);
    let asked = access(folder, Access::WRITE_OK | Access::EXEC_OK);
    if asked == Err(Errno::ROFS) {
        return Some(
            "its file system is mounted read-only, or the server's service keeps it from there"
                .into(),
        );
    }
    if uid == rustix::process::geteuid().as_raw() {
        return asked.err().map(|error| error.to_string());
    }
    let about = folder.metadata().ok()?;
    let is_groups = user.is_some_and(|user| user.gid() == about.gid());
    let (bits, who) = match (uid == 0, uid == about.uid(), is_groups) {
        (true, ..) => return None,
        (false, true, _) => (0o300, "its owner"),
        (false, false, true) => (0o030, "its group"),
        // The user may belong to that group.
        (false, false, false) if about.mode() & 0o030 == 0o030 => return None,
        (false, false, false) => (0o003, "others than its owner"),
    };
    let mode = about.mode() & 0o7777;
    (mode & bits != bits).then(|| format!("{who} may not (mode {mode:04o})"))
}

/// Returns nothing: on this system, its own rules decide.
#[cfg(not(unix))]
pub fn read_only(_folder: &Path) -> Option<String> {
    None
}

/// Returns nothing: on this system, its own rules decide.
#[cfg(not(unix))]
pub fn closed(_folder: &Path, _data: Option<&Path>) -> Option<String> {
    None
}
