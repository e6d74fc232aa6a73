//! The folder of an export, which gets its name when it is complete.

use crate::clock::Clock;
use crate::error::{Error, Result};
use jiff::tz::TimeZone;
use parlour_protocol::{Millis, folder_name};
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
    folder: parlour_sqlite::NewFolder,
}

impl NewFolder {
    /// Creates an empty folder that will be named `target`.
    ///
    /// # Errors
    /// Fails with [`Error::Exists`] if anything has this name; also fails if the folder cannot be created.
    pub fn create(target: &Path) -> Result<Self> {
        let folder = parlour_sqlite::NewFolder::create(target).map_err(failed(target))?;
        Ok(Self { target: target.to_owned(), folder })
    }

    /// Returns the path until it is finished.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// Fails with [`Error::Exists`] if anything has this name; also fails if the folder cannot be renamed.
    pub fn finish(self) -> Result<()> {
        self.folder.finish().map_err(failed(&self.target))
    }
}

/// Returns a function that names the folder which could not be created or renamed.
fn failed(target: &Path) -> impl FnOnce(std::io::Error) -> Error + use<> {
    let path = target.to_owned();
    |source| match source.kind() {
        ErrorKind::AlreadyExists => Error::Exists(path),
        _ => Error::Write { path, source },
    }
}

/// Returns whether anything has this name, also a link that leads nowhere.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
