//! The folder of an export, which gets its name when it is complete.

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::names::folder_name;
use jiff::tz::TimeZone;
use parlour_protocol::Millis;
use parlour_sqlite::durable::sync_folder;
use parlour_store::private;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Maximum number of names that are tried.
const MAX_ATTEMPTS: u32 = 1000;
/// Longest title in a folder's name, in bytes.
const TITLE_BYTES: usize = 80;

/// Returns the path of a folder in `parent` that does not exist yet, with a name from the title and the day.
///
/// # Errors
/// Fails with [`Error::Exists`] if too many folders have such a name.
pub fn free_folder(parent: &Path, title: &str, now: Millis, zone: &TimeZone) -> Result<PathBuf> {
    let day = Clock::new(zone.clone()).moment(now).day;
    let name = format!("{} {day}", folder_name(title, TITLE_BYTES));
    let numbered = (2..MAX_ATTEMPTS).map(|number| format!("{name} ({number})"));
    let mut paths = std::iter::once(name.clone()).chain(numbered).map(|name| parent.join(name));
    let free = paths.find(|path| !exists(path));
    free.ok_or_else(|| Error::Exists(parent.join(&name)))
}

/// A folder that is being written, next to where it will be. If this is dropped before it is finished, the folder is
/// deleted.
pub(crate) struct NewFolder {
    target: PathBuf,
    path: PathBuf,
    is_finished: bool,
}

impl NewFolder {
    /// Creates an empty folder that will be named `target`.
    ///
    /// # Errors
    /// Fails with [`Error::Exists`] if anything has this name; also fails if the folder cannot be created.
    pub fn create(target: &Path) -> Result<Self> {
        refuse_existing(target)?;
        for number in 1..MAX_ATTEMPTS {
            let path = temporary(target, number);
            match private::create_new_folder(&path) {
                Ok(()) => return Ok(Self { target: target.to_owned(), path, is_finished: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Error::Write { path, source }),
            }
        }
        Err(Error::Exists(target.to_owned()))
    }

    /// Returns the path until it is finished.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// Fails with [`Error::Exists`] if anything has this name; also fails if the folder cannot be renamed.
    pub fn finish(mut self) -> Result<()> {
        refuse_existing(&self.target)?;
        // Renaming never replaces a folder with contents, in case one was created just now.
        std::fs::rename(&self.path, &self.target).map_err(Error::write(&self.target))?;
        self.is_finished = true;
        // It is complete under its name, so a disk that does not confirm this is no reason to fail.
        let _ = self.target.parent().map(sync_folder);
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

fn refuse_existing(target: &Path) -> Result<()> {
    if exists(target) { Err(Error::Exists(target.to_owned())) } else { Ok(()) }
}

/// Returns whether anything has this name, also a link that leads nowhere.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
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
