//! A folder that is open while files are written into it, so that they are in it wherever its name leads meanwhile.
//! Root may write into a folder of another user, who may put a link in its place, or in that of a folder in it.

use std::fs::File;
use std::io::Result;
use std::path::Path;

#[cfg(unix)]
pub use by_descriptor::OpenFolder;
#[cfg(not(unix))]
pub use by_path::OpenFolder;

impl OpenFolder {
    /// Writes a file, atomically; replaces an existing one. It need not be on the disk when this returns.
    ///
    /// # Errors
    /// Fails on an I/O error. Then an existing file is unchanged.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write_then(name, bytes, |_| Ok(()))
    }

    /// Writes a file as [`OpenFolder::write`] does. The file and its name are on the disk when this returns.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn write_durably(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write_then(name, bytes, File::sync_all)?;
        self.sync()
    }
}

#[cfg(unix)]
mod by_descriptor {
    use super::{File, Path, Result};
    use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, open, openat, renameat, unlinkat};
    use rustix::io::Errno;
    use std::fs::Metadata;
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, fchown};

    /// An open folder.
    pub struct OpenFolder {
        folder: File,
        /// As root, what is created belongs to the owner of this.
        owner: Metadata,
    }

    const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::RDONLY).union(OFlags::CLOEXEC);
    const NEW_FILE: OFlags = OFlags::CREATE
        .union(OFlags::EXCL)
        .union(OFlags::WRONLY)
        .union(OFlags::NOFOLLOW)
        .union(OFlags::CLOEXEC);

    impl OpenFolder {
        /// Opens a folder, also through a link.
        ///
        /// # Errors
        /// Fails if there is no folder, or on an I/O error.
        pub fn open(path: &Path) -> Result<Self> {
            let folder = File::from(open(path, FOLDER, Mode::empty())?);
            let owner = folder.metadata()?;
            Ok(Self { folder, owner })
        }

        /// Opens a folder in this one, and creates it for the owner alone if it is missing. Returns whether it is new.
        ///
        /// # Errors
        /// Fails if it is a link, or on an I/O error.
        pub fn open_or_create(&self, name: &str) -> Result<(Self, bool)> {
            let is_new = match mkdirat(&self.folder, name, Mode::RWXU) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(error) => return Err(error.into()),
            };
            let flags = FOLDER | OFlags::NOFOLLOW;
            let folder = File::from(openat(&self.folder, name, flags, Mode::empty())?);
            if is_new {
                self.give(&folder)?;
            }
            Ok((Self { folder, owner: self.owner.clone() }, is_new))
        }

        /// Ensures that the names in the folder are on the disk.
        ///
        /// # Errors
        /// Fails on an I/O error.
        pub fn sync(&self) -> Result<()> {
            self.folder.sync_all()
        }

        pub(super) fn write_then(
            &self,
            name: &str,
            bytes: &[u8],
            before_rename: impl FnOnce(&File) -> Result<()>,
        ) -> Result<()> {
            let (folder, new) = (&self.folder, format!("{name}.new"));
            match unlinkat(folder, &new, AtFlags::empty()) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
            let mut file = File::from(openat(folder, &new, NEW_FILE, Mode::RUSR | Mode::WUSR)?);
            let written = file.write_all(bytes).and_then(|()| self.give(&file));
            let written = written.and_then(|()| before_rename(&file));
            let renamed = written.and_then(|()| Ok(renameat(folder, &new, folder, name)?));
            renamed.inspect_err(|_| {
                // If it cannot be removed, it is removed as an orphaned object.
                let _ = unlinkat(folder, &new, AtFlags::empty());
            })
        }

        fn give(&self, created: &File) -> Result<()> {
            match rustix::process::geteuid().is_root() {
                true => fchown(created, Some(self.owner.uid()), Some(self.owner.gid())),
                false => Ok(()),
            }
        }
    }
}

#[cfg(not(unix))]
mod by_path {
    use super::{File, Path, Result};
    use parlour_sqlite::private;
    use std::io::Write;
    use std::path::PathBuf;

    /// A folder, by its path.
    pub struct OpenFolder(PathBuf);

    impl OpenFolder {
        /// Opens a folder.
        ///
        /// # Errors
        /// Never fails on this system.
        pub fn open(path: &Path) -> Result<Self> {
            Ok(Self(path.to_owned()))
        }

        /// Opens a folder in this one, and creates it if it is missing. Returns whether it is new.
        ///
        /// # Errors
        /// Fails on an I/O error.
        pub fn open_or_create(&self, name: &str) -> Result<(Self, bool)> {
            let path = self.0.join(name);
            let is_new = !path.is_dir();
            private::create_folder(&path)?;
            Ok((Self(path), is_new))
        }

        /// Does nothing: this system writes names by itself.
        ///
        /// # Errors
        /// Never fails on this system.
        pub fn sync(&self) -> Result<()> {
            Ok(())
        }

        pub(super) fn write_then(
            &self,
            name: &str,
            bytes: &[u8],
            before_rename: impl FnOnce(&File) -> Result<()>,
        ) -> Result<()> {
            let new = self.0.join(format!("{name}.new"));
            let mut file = private::create(&new)?;
            let written = file.write_all(bytes).and_then(|()| before_rename(&file));
            drop(file);
            written.and_then(|()| std::fs::rename(&new, self.0.join(name))).inspect_err(|_| {
                // If it cannot be removed, it is removed as an orphaned object.
                let _ = std::fs::remove_file(&new);
            })
        }
    }
}
