//! Files that are whole or not at all, and still there after a power cut.

use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

/// Puts a file with these bytes in the place of what is there, whole or not at all: a `.new` beside it is
/// written first. It is its owner's alone. It is on the disk when this returns, and so is its name.
///
/// # Errors
/// The disk fails. What was there before, or the new one, is there; never a part.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = crate::private::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&new, path)
}

/// Gives a file or folder another name in the same folder. After a power cut it has this one.
///
/// # Errors
/// It cannot be renamed; or it was, and the disk does not say that it keeps that.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// Lets the names in a folder be as they are also after a power cut. Windows keeps them by itself.
///
/// # Errors
/// The disk fails.
pub fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
