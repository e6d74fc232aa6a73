//! A store in a folder of the disk: a folder for each uploaded file, and in it a file for each part. Only the server
//! can read them.

use super::mark::{MARK, MAX_MARK_BYTES};
use super::object::{FileKey, FileObjects};
use super::open_folder::OpenFolder;
use crate::metrics::free_bytes;
use crate::no_follow::{self, chown_folder_to_parent_owner, refuse_foreign_link};
use bytes::Bytes;
use parlour_sqlite::{durable, private};
use std::collections::HashMap;
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
    /// Fails on an I/O error, if less than `reserve` bytes of the disk would be left, if the store is somebody else's
    /// link, or if the folder of the file is a link. Then the object does not exist.
    pub fn put(&self, key: &FileKey, object: &str, bytes: &[u8], reserve: u64) -> Result<()> {
        self.create()?;
        private::restrict(&self.0)?;
        self.require_space(bytes, reserve)?;
        let store = OpenFolder::open(&self.0)?;
        let (folder, is_new) = store.open_or_create(&key.to_string())?;
        if is_new {
            store.sync()?;
            self.sync_parent()?;
        }
        folder.write_durably(object, bytes)
    }

    /// Creates the folder if it is missing.
    fn create(&self) -> Result<()> {
        refuse_foreign_link(&self.0)?;
        if !self.0.is_dir() {
            private::create_folder(&self.0)?;
            chown_folder_to_parent_owner(&self.0)?;
        }
        Ok(())
    }

    fn sync_parent(&self) -> Result<()> {
        match self.0.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            Some(parent) => durable::sync_folder(parent),
            None => Ok(()),
        }
    }

    /// Returns the mark of the store; `None` if there is none.
    ///
    /// # Errors
    /// Fails on an I/O error, or if it is a link.
    pub fn mark(&self) -> Result<Option<Bytes>> {
        refuse_foreign_link(&self.0)?;
        let open = || no_follow::open_in(&self.0.canonicalize()?, MARK);
        let mut mark = Vec::new();
        match open() {
            Ok(file) => file.take(MAX_MARK_BYTES).read_to_end(&mut mark)?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(mark.into()))
    }

    /// Writes the mark of the store. It is on the disk when this returns.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn put_mark(&self, mark: Bytes) -> Result<()> {
        self.create()?;
        OpenFolder::open(&self.0)?.write_durably(MARK, &mark)
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
        self.create()?;
        let (folder, _) = OpenFolder::open(&self.0)?.open_or_create(&key.to_string())?;
        folder.write(object, bytes)?;
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
        self.sync_parent()
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
            for (name, size) in self.sizes_of(&key)? {
                if !each(&format!("{key}/{name}"), size) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Returns the sizes in bytes of the objects of a file that [`Folder::read`] would open, by their names.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sizes_of(&self, key: &FileKey) -> Result<HashMap<String, u64>> {
        let (folder, mut sizes) = (self.0.join(key.to_string()), HashMap::new());
        if folder.is_symlink() {
            return Ok(sizes);
        }
        for entry in entries(&folder)? {
            let entry = entry?;
            // It may have been removed or renamed meanwhile.
            let Ok(found) = entry.metadata() else { continue };
            if let (true, Ok(name)) = (found.is_file(), entry.file_name().into_string()) {
                sizes.insert(name, found.len());
            }
        }
        Ok(sizes)
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
    fn keys(&self, mut each: impl FnMut(FileKey) -> bool) -> Result<()> {
        for entry in entries(&self.0)? {
            let key = entry?.file_name().to_str().and_then(FileKey::parse);
            if key.is_some_and(|key| !each(key)) {
                break;
            }
        }
        Ok(())
    }

    /// Calls `each` with every file that has a folder, until it returns false. Ignores everything else.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn files(&self, mut each: impl FnMut(FileObjects) -> bool) -> Result<()> {
        let now = SystemTime::now();
        for entry in entries(&self.0)? {
            let entry = entry?;
            // What a link leads to is not ours.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let key = entry.file_name().to_str().and_then(FileKey::parse);
            let Some(key) = key.filter(|_| is_folder) else { continue };
            let (age, mut objects) = (age(&entry, now), Vec::new());
            for object in entries(&entry.path())? {
                let object = object?;
                let age = self::age(&object, now);
                objects.extend(object.file_name().into_string().ok().map(|name| (name, age)));
            }
            if !each(FileObjects { key, age, objects }) {
                break;
            }
        }
        Ok(())
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

/// Returns how long ago something was last modified; zero if that cannot be read.
fn age(entry: &DirEntry, now: SystemTime) -> Duration {
    let modified = entry.metadata().and_then(|found| found.modified());
    modified.ok().and_then(|at| now.duration_since(at).ok()).unwrap_or_default()
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
        let list = || {
            let mut files = Vec::new();
            let each = |file| {
                files.push(file);
                true
            };
            store.files(each).unwrap();
            files
        };
        assert!(list().is_empty());
        store.put(&key, "0", b"hello", 0).unwrap();
        assert_eq!(store.read(&key, "0", 1, 3).unwrap(), "ell");
        assert!(store.read(&key, "0", 4, 2).is_err(), "it is shorter");
        let full = store.put(&key, "5", b"more", u64::MAX).unwrap_err();
        assert!(is_full(&full), "{full}");
        std::fs::write(path.join("other"), "not ours").unwrap();
        let [file]: [FileObjects; 1] = list().try_into().expect("one file");
        assert_eq!(file.key, key);
        let [(name, age)]: [(String, Duration); 1] = file.objects.try_into().expect("one object");
        assert!(name == "0" && age < Duration::from_secs(60) && file.age < Duration::from_secs(60));
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
            // Nothing is written through the link to a folder either.
            let linked = FileKey::new(FileHash::of(b"abc"), Uuid::from_u128(2));
            let folder = dir.path().join("folder");
            std::fs::create_dir(&folder).unwrap();
            std::os::unix::fs::symlink(&folder, path.join(linked.to_string())).unwrap();
            store.put(&linked, "0", b"hello", 0).unwrap_err();
            store.restore(&linked, "0", b"hello").unwrap_err();
            assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
            std::fs::remove_file(path.join(linked.to_string())).unwrap();
        }
        store.remove(&key, "0").unwrap();
        store.remove(&key, "0").unwrap();
        store.remove_all(&key).unwrap();
        store.remove_all(&key).unwrap();
        assert!(path.join("other").exists());
    }
}
