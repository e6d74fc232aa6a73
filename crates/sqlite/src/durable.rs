//! Writes files atomically, so that they survive a power cut.

use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};

/// Replaces a file by one with these bytes, atomically: a `.new` file next to it is written first.
/// Only the owner can read the file. The file and its name are on the disk when this returns.
///
/// # Errors
/// Fails on an I/O error. Either the previous file or the new one exists then, never a part of
/// it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    let mut file = crate::private::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&new, path)
}

/// Renames a file or folder within the same folder. The new name survives a power cut.
///
/// # Errors
/// Fails if it cannot be renamed, or if it was renamed and the disk does not confirm that.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    std::fs::rename(from, to)?;
    to.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder survive a power cut. Windows does this by itself.
///
/// # Errors
/// Fails on an I/O error.
pub fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
