//! A folder that gets its name when it is complete.

use crate::{durable, private};
use std::ffi::OsString;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

/// Maximum number of temporary names that are tried.
const MAX_ATTEMPTS: u32 = 1000;

/// A folder that is being written, for its owner alone, next to where it will be. If this is dropped before it is
/// finished, the folder is deleted.
#[derive(Debug)]
pub struct NewFolder {
    target: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl NewFolder {
    /// Creates an empty folder that will be named `target`. Until then it has a hidden name next to that.
    ///
    /// # Errors
    /// Fails with [`AlreadyExists`](ErrorKind::AlreadyExists) if anything has this name; also fails if the folder
    /// cannot be created.
    pub fn create(target: &Path) -> Result<Self> {
        refuse_existing(target)?;
        for number in 1..MAX_ATTEMPTS {
            let path = temporary(target, number);
            match private::create_new_folder(&path) {
                Ok(()) => return Ok(Self { target: target.to_owned(), path, is_finished: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(ErrorKind::AlreadyExists.into())
    }

    /// Returns the path until it is finished.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// Fails with [`AlreadyExists`](ErrorKind::AlreadyExists) if anything has this name; also fails if the folder
    /// cannot be renamed.
    pub fn finish(mut self) -> Result<()> {
        refuse_existing(&self.target)?;
        // Renaming never replaces a folder with contents, in case one was created just now.
        std::fs::rename(&self.path, &self.target)?;
        self.is_finished = true;
        // It is complete under its name, so a disk that does not confirm this is no reason to fail.
        let _ = self.target.parent().map(durable::sync_folder);
        Ok(())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.is_finished {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Fails if anything has this name, also a link that leads nowhere.
fn refuse_existing(target: &Path) -> Result<()> {
    if target.symlink_metadata().is_ok() {
        return Err(Error::from(ErrorKind::AlreadyExists));
    }
    Ok(())
}

/// Returns the name of a folder until it is complete, which file managers hide.
fn temporary(target: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(match number {
        1 => ".partial".to_owned(),
        number => format!(".partial-{number}"),
    });
    target.with_file_name(name)
}
