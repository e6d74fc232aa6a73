//! Reads regular files. Refuses anything else in their place, such as a FIFO, without blocking.

use std::fs::{File, FileType};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Opens a regular file to read it, also through a link. This never waits for the other end of a FIFO.
///
/// # Errors
/// Fails if the file cannot be opened, or is not a regular file.
pub fn open(path: &Path) -> Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    }
    let file = options.open(path)?;
    match kind(file.metadata()?.file_type()) {
        None => Ok(file),
        Some(kind) => {
            Err(Error::new(ErrorKind::InvalidInput, format!("it is {kind}, not a regular file")))
        }
    }
}

/// Reads a regular file, as [`open`] opens it.
///
/// # Errors
/// Fails for the reasons of [`open`], or on an I/O error.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the text in a regular file, as [`open`] opens it.
///
/// # Errors
/// Fails for the reasons of [`read`], or if the file is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Returns the kind of a file as text; `None` for a regular file.
pub fn kind(file: FileType) -> Option<&'static str> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file.is_fifo() {
            return Some("a FIFO");
        }
        if file.is_socket() {
            return Some("a socket");
        }
        if file.is_block_device() || file.is_char_device() {
            return Some("a device");
        }
    }
    if file.is_dir() {
        return Some("a folder");
    }
    if file.is_symlink() {
        return Some("a symbolic link");
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_read_and_other_kinds_are_refused_without_blocking() {
        let dir = tempfile::tempdir().unwrap();
        let [file, link, fifo] = ["file", "link", "fifo"].map(|name| dir.path().join(name));
        std::fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        assert_eq!(read_text(&link).unwrap(), "text");
        assert_eq!(read(&file).unwrap(), b"text");
        for (path, kind) in [(fifo.as_path(), "a FIFO"), (dir.path(), "a folder")] {
            let error = read(path).unwrap_err().to_string();
            assert!(error.contains(kind), "{error}");
        }
    }
}
