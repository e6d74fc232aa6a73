//! Where the socket is. A socket's path is short, whatever a folder's may be.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Its name in the data folder.
pub const SOCKET_NAME: &str = "control.sock";

/// Longest path that every system takes for a socket's; macOS has room for 104 bytes with the end, Linux for 108.
const PATH_BYTES: usize = 103;

/// The path of a file in a folder by which a socket is made or found.
pub struct SocketPath {
    /// It, good as long as this is kept.
    pub path: PathBuf,
    _folder: Option<File>,
}

impl SocketPath {
    /// The path of this name in the folder; on Linux by way of the open folder where it is too long else.
    ///
    /// # Errors
    /// A folder that cannot be opened, and elsewhere a path that is too long.
    pub fn new(folder: &Path, name: &str) -> Result<Self> {
        let path = folder.join(name);
        if path.as_os_str().as_bytes().len() <= PATH_BYTES {
            return Ok(Self { path, _folder: None });
        }
        if !cfg!(target_os = "linux") {
            let why = format!("the path {} is too long for a socket", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, why));
        }
        let folder = File::open(folder)?;
        let path = format!("/proc/self/fd/{}/{name}", folder.as_raw_fd());
        Ok(Self { path: path.into(), _folder: Some(folder) })
    }
}
