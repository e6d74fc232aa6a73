//! The path of a socket in a folder. Systems limit the length of a socket's path, but not that of a folder's.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Maximum length of a socket's path that every system accepts: with the final NUL, macOS allows 104 bytes
/// and Linux 108.
const PATH_BYTES: usize = 103;

/// The path at which a socket in a folder is created or found.
pub struct SocketPath {
    /// The path, valid as long as this value exists.
    pub path: PathBuf,
    _folder: Option<File>,
}

impl SocketPath {
    /// Returns the path of this name in the folder; if it is too long, on Linux through the open folder's
    /// descriptor.
    ///
    /// # Errors
    /// Fails if the folder cannot be opened, and on other systems if the path is too long.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        if path.as_os_str().as_bytes().len() <= PATH_BYTES {
            return Ok(Self { path, _folder: None });
        }
        if !cfg!(target_os = "linux") {
            let message = format!("the path {} is too long for a socket", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let folder = File::open(folder)?;
        let path = format!("/proc/self/fd/{}/{name}", folder.as_raw_fd());
        Ok(Self { path: path.into(), _folder: Some(folder) })
    }
}
