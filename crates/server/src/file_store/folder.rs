//! A store in a folder of the disk: a folder for each uploaded file, and in it a file for each part. Only the server
//! can read them.

use super::object::FileKey;
use crate::metrics::free_bytes;
use crate::no_follow::{self, chown_folder_to_parent_owner, refuse_foreign_link};
use bytes::Bytes;
use parlour_sqlite::{durable, private};
use std::fs::{DirEntry, File};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A store in a folder. All methods block on the disk.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Returns the store in this folder, which need not exist yet.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes an object. It is on the disk when this returns.
    ///
    /// # Errors
    /// Fails on an I/O error, or if less than `reserve` bytes of it would be left. Then the object does not
    /// exist.
    pub fn put(&self, key: &FileKey, object: &str, bytes: &[u8], reserve: u64) -> Result<()> {
        private::create_folder(&self.0)?;
        self.require_space(bytes, reserve)?;
        let folder = self.0.join(key.to_string());
        if !folder.is_dir() {
            private::create_folder(&folder)?;
            durable::sync_folder(&self.0)?;
            if let Some(parent) = self.0.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                durable::sync_folder(parent)?;
            }
        }
        durable::write(&folder.join(object), bytes)
    }

    /// Writes an object as [`Folder::put`] does, for a command that root may run: then the object belongs to the owner
    /// of the folder.
    ///
    /// # Errors
    /// Fails for the reasons of [`Folder::put`] and [`Folder::restore`].
    pub fn put_as_owner(
        &self,
        key: &FileKey,
        object: &str,
        bytes: &[u8],
        reserve: u64,
    ) -> Result<()> {
        self.require_space(bytes, reserve)?;
        self.restore(key, object, bytes)?;
        self.sync(std::iter::once((key, object)))
    }

    /// Fails if less than `reserve` bytes of the disk would be left besides these.
    fn require_space(&self, bytes: &[u8], reserve: u64) -> Result<()> {
        let free = free_bytes(&self.0).unwrap_or(u64::MAX);
        match free.saturating_sub(bytes.len() as u64) < reserve {
            true => Err(ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Restores an object from a backup, unless the store contains one of the same size: objects are never changed. It
    /// is only certain to be on the disk once [`Folder::sync`] has returned. If this process is root, the object belongs
    /// to the owner of the folder.
    ///
    /// # Errors
    /// Fails on an I/O error, or if a folder is somebody else's link. Then the object is not changed.
    pub fn restore(&self, key: &FileKey, object: &str, bytes: &[u8]) -> Result<Restored> {
        let existing = self.0.join(key.to_string()).join(object).symlink_metadata();
        let restored = match existing {
            Ok(found) if found.is_file() && found.len() == bytes.len() as u64 => {
                return Ok(Restored::Existing);
            }
            Ok(_) => Restored::Existing,
            Err(error) if error.kind() == ErrorKind::NotFound => Restored::New,
            Err(error) => return Err(error),
        };
        refuse_foreign_link(&self.0)?;
        if !self.0.is_dir() {
            private::create_folder(&self.0)?;
            chown_folder_to_parent_owner(&self.0)?;
        }
        write_object(&self.0, &key.to_string(), object, bytes)?;
        Ok(restored)
    }

    /// Ensures that these objects are on the disk, which [`Folder::restore`] wrote.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sync<'a>(&self, objects: impl Iterator<Item = (&'a FileKey, &'a str)>) -> Result<()> {
        let mut last = None;
        for (key, object) in objects {
            let folder = self.0.join(key.to_string());
            self.open(key, object)?.sync_all()?;
            if last.as_ref() != Some(&folder) {
                durable::sync_folder(&folder)?;
                last = Some(folder);
            }
        }
        if last.is_none() {
            return Ok(());
        }
        durable::sync_folder(&self.0)?;
        match self.0.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => durable::sync_folder(parent),
            None => Ok(()),
        }
    }

    /// Calls `each` with `FILE/OBJECT` and the size of every object that [`Folder::read`] would open, until it returns
    /// false.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn list(&self, mut each: impl FnMut(&str, u64) -> bool) -> Result<()> {
        let mut keys = Vec::new();
        self.keys(|key| {
            keys.push(key);
            true
        })?;
        for key in keys {
            let folder = self.0.join(key.to_string());
            if folder.is_symlink() {
                continue;
            }
            for entry in entries(&folder)? {
                let entry = entry?;
                // It may have been removed or renamed meanwhile.
                let Ok(found) = entry.metadata() else { continue };
                let name = format!("{key}/{}", entry.file_name().to_string_lossy());
                if found.is_file() && !each(&name, found.len()) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Removes an object, and the folder of its file if it was the only one.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove_with_empty_folder(&self, key: &FileKey, object: &str) -> Result<()> {
        self.remove(key, object)?;
        match std::fs::remove_dir(self.0.join(key.to_string())) {
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            removed => ignore_missing(removed),
        }
    }

    /// Reads `length` bytes of an object. Whoever can write to the folder may have put a link or a FIFO there, and this
    /// process may be root, so neither is opened.
    ///
    /// # Errors
    /// Fails on an I/O error, or if the object is shorter, or not a regular file.
    pub fn read(&self, key: &FileKey, object: &str, from: u64, length: usize) -> Result<Bytes> {
        read(&mut self.open(key, object)?, from, length)
    }

    fn open(&self, key: &FileKey, object: &str) -> Result<File> {
        refuse_foreign_link(&self.0)?;
        no_follow::open_in(&self.0.join(key.to_string()), object)
    }

    /// Removes an object. Does nothing if there is none.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove(&self, key: &FileKey, object: &str) -> Result<()> {
        ignore_missing(std::fs::remove_file(self.0.join(key.to_string()).join(object)))
    }

    /// Removes all objects of a file.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove_all(&self, key: &FileKey) -> Result<()> {
        ignore_missing(std::fs::remove_dir_all(self.0.join(key.to_string())))
    }

    /// Calls `each` with the key of every file that has objects, until it returns false. Ignores everything else in
    /// the folder.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn keys(&self, mut each: impl FnMut(FileKey) -> bool) -> Result<()> {
        for entry in entries(&self.0)? {
            let key = entry?.file_name().to_str().and_then(FileKey::parse);
            if key.is_some_and(|key| !each(key)) {
                break;
            }
        }
        Ok(())
    }

    /// Returns the names of a file's objects that were written at least `age` ago, including incomplete ones.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn objects_older_than(&self, key: &FileKey, age: Duration) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in entries(&self.0.join(key.to_string()))? {
            let entry = entry?;
            if let (true, Ok(name)) = (is_older(&entry, age), entry.file_name().into_string()) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Returns whether the objects of a file were last changed at least `age` ago.
    pub fn is_older(&self, key: &FileKey, age: Duration) -> bool {
        is_path_older(&self.0.join(key.to_string()), age)
    }
}

/// Whether an object existed before it was restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// It did not exist.
    New,
    /// It existed.
    Existing,
}

/// Writes an object into the folder of its file, atomically, without following a link that the owner of the store may put
/// in the place of that folder meanwhile: root may restore into a folder of another user.
#[cfg(unix)]
fn write_object(store: &Path, folder: &str, object: &str, bytes: &[u8]) -> Result<()> {
    use rustix::fs::{AtFlags, Mode, OFlags, mkdirat, open, openat, renameat, unlinkat};
    use std::io::Write;
    use std::os::unix::fs::{MetadataExt, fchown};

    let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
    let store = File::from(open(store, flags, Mode::empty())?);
    let owner = store.metadata()?;
    // As root, what is created belongs to the owner of the store.
    let give = |created: &File| match rustix::process::geteuid().is_root() {
        true => fchown(created, Some(owner.uid()), Some(owner.gid())),
        false => Ok(()),
    };
    let is_new = match mkdirat(&store, folder, Mode::RWXU) {
        Ok(()) => true,
        Err(rustix::io::Errno::EXIST) => false,
        Err(error) => return Err(error.into()),
    };
    let folder = File::from(openat(&store, folder, flags | OFlags::NOFOLLOW, Mode::empty())?);
    if is_new {
        give(&folder)?;
    }
    let new = format!("{object}.new");
    match unlinkat(&folder, &new, AtFlags::empty()) {
        Ok(()) | Err(rustix::io::Errno::NOENT) => {}
        Err(error) => return Err(error.into()),
    }
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(openat(&folder, &new, flags, Mode::RUSR | Mode::WUSR)?);
    let written = file.write_all(bytes).and_then(|()| give(&file));
    let renamed = written.and_then(|()| Ok(renameat(&folder, &new, &folder, object)?));
    renamed.inspect_err(|_| {
        // If it cannot be removed, it is removed as an orphaned object.
        let _ = unlinkat(&folder, &new, AtFlags::empty());
    })
}

/// Writes an object into the folder of its file, atomically.
#[cfg(not(unix))]
fn write_object(store: &Path, folder: &str, object: &str, bytes: &[u8]) -> Result<()> {
    let folder = store.join(folder);
    private::create_folder(&folder)?;
    let new = folder.join(object).with_added_extension("new");
    let written = private::write(&new, bytes);
    written.and_then(|()| std::fs::rename(&new, folder.join(object))).inspect_err(|_| {
        // If it cannot be removed, it is removed as an orphaned object.
        let _ = std::fs::remove_file(&new);
    })
}

fn read(file: &mut File, from: u64, length: usize) -> Result<Bytes> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

fn entries(folder: &Path) -> Result<impl Iterator<Item = Result<DirEntry>>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => Ok(Some(entries).into_iter().flatten()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None.into_iter().flatten()),
        Err(error) => Err(error),
    }
}

fn is_older(entry: &DirEntry, age: Duration) -> bool {
    is_path_older(&entry.path(), age)
}

/// Returns whether a path was last modified at least `age` ago; false if its time cannot be read.
fn is_path_older(path: &Path, age: Duration) -> bool {
    let modified = path.symlink_metadata().and_then(|file| file.modified());
    let since = modified.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    since.is_ok_and(|since| since >= age)
}

fn ignore_missing(result: Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

/// Returns whether an error means that the disk or a quota is full.
pub fn is_full(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::FileHash;
    use uuid::Uuid;

    #[test]
    fn an_object_is_private_and_can_be_read_in_parts_until_it_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("files");
        let store = Folder::new(path.clone());
        let key = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(1));
        assert!(store.objects_older_than(&key, Duration::ZERO).unwrap().is_empty());
        store.put(&key, "0", b"hello", 0).unwrap();
        assert_eq!(store.read(&key, "0", 1, 3).unwrap(), "ell");
        assert!(store.read(&key, "0", 4, 2).is_err(), "it is shorter");
        let full = store.put(&key, "5", b"more", u64::MAX).unwrap_err();
        assert!(is_full(&full), "{full}");
        std::fs::write(path.join("other"), "not ours").unwrap();
        let mut keys = Vec::new();
        store
            .keys(|key| {
                keys.push(key);
                true
            })
            .unwrap();
        assert_eq!(keys, std::slice::from_ref(&key));
        assert_eq!(store.objects_older_than(&key, Duration::ZERO).unwrap(), ["0"]);
        assert!(store.objects_older_than(&key, Duration::from_secs(60)).unwrap().is_empty());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: PathBuf| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(path.clone()), 0o700);
            assert_eq!(mode(path.join(key.to_string())), 0o700);
            assert_eq!(mode(path.join(key.to_string()).join("0")), 0o600);
        }
        assert_eq!(store.restore(&key, "0", b"other").unwrap(), Restored::Existing);
        assert_eq!(store.read(&key, "0", 0, 5).unwrap(), "hello", "an object is never changed");
        assert_eq!(store.restore(&key, "1", b"new").unwrap(), Restored::New);
        store.remove(&key, "1").unwrap();
        #[cfg(unix)]
        {
            let object = path.join(key.to_string()).join("0");
            let elsewhere = dir.path().join("elsewhere");
            std::fs::rename(&object, &elsewhere).unwrap();
            std::os::unix::fs::symlink(&elsewhere, &object).unwrap();
            store.read(&key, "0", 0, 5).unwrap_err();
            store.list(|name, _| panic!("{name} is a link")).unwrap();
        }
        store.remove(&key, "0").unwrap();
        store.remove(&key, "0").unwrap();
        store.remove_all(&key).unwrap();
        store.remove_all(&key).unwrap();
        assert!(path.join("other").exists());
    }
}
