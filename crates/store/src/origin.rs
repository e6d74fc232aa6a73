//! Marks files that others sent, when they are written outside of the account's folder.

use std::io::Result;
use std::path::Path;

/// Marks a file as downloaded, so that Windows warns before running it.
///
/// # Errors
/// Fails on an I/O error.
#[cfg(windows)]
pub fn mark_origin(path: &Path) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(":Zone.Identifier");
    std::fs::write(name, "[ZoneTransfer]\r\nZoneId=3\r\n")
}

/// Does nothing: on Linux and macOS a new file is not executable.
///
/// # Errors
/// Never.
#[cfg(not(windows))]
pub fn mark_origin(_: &Path) -> Result<()> {
    Ok(())
}
