//! Where the objects are: in a folder, or in a bucket.

use super::bucket::Bucket;
use super::folder::{Folder, Restored};
use super::object::{FileKey, is_part_name};
use super::settings::FileSettings;
use bytes::Bytes;
use std::collections::HashMap;
use std::fmt;
use std::io::{ErrorKind, Result};
use std::time::Duration;

/// A store of objects. All methods block.
#[derive(Debug, Clone)]
pub enum Store {
    /// In a folder.
    Folder(Folder),
    /// In a bucket of an S3-compatible service; the second is its address.
    Bucket(Bucket, String),
}

/// Calls a method of the same name and parameters.
macro_rules! delegate {
    ($store:expr, $method:ident ( $($argument:expr),* )) => {
        match $store {
            Store::Folder(folder) => folder.$method($($argument),*),
            Store::Bucket(bucket, _) => bucket.$method($($argument),*),
        }
    };
}

impl Store {
    /// Opens the store that these settings describe; `None` if the server accepts no files. Must be called within a
    /// runtime.
    ///
    /// # Errors
    /// Fails if the settings of a bucket, or those in the environment, are invalid.
    pub fn open(settings: &FileSettings) -> Result<Option<Self>> {
        if let Some(address) = &settings.bucket {
            return Ok(Some(Self::Bucket(Bucket::open(address)?, address.to_string())));
        }
        Ok(settings.folder.clone().map(|folder| Self::Folder(Folder::new(folder))))
    }

    /// Writes an object. It is permanent when this returns.
    ///
    /// # Errors
    /// Fails on an I/O error, or if less than `reserve` bytes of the disk would be left. Then the object does not exist.
    pub fn put(&self, key: &FileKey, object: &str, bytes: Bytes, reserve: u64) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.put(key, object, &bytes, reserve),
            Self::Bucket(bucket, _) => bucket.put(key, object, bytes),
        }
    }

    /// Writes an object as [`Store::put`] does, for a command that root may run: then the object belongs to the owner of
    /// the store's folder.
    ///
    /// # Errors
    /// Fails for the reasons of [`Store::put`], or if the folder is somebody else's link.
    pub fn put_as_owner(
        &self,
        key: &FileKey,
        object: &str,
        bytes: Bytes,
        reserve: u64,
    ) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.put_as_owner(key, object, &bytes, reserve),
            Self::Bucket(bucket, _) => bucket.put(key, object, bytes),
        }
    }

    /// Reads `length` bytes of an object.
    ///
    /// # Errors
    /// Fails on an I/O error, or if the object is shorter.
    pub fn read(&self, key: &FileKey, object: &str, from: u64, length: usize) -> Result<Bytes> {
        // A database from elsewhere may contain other names, which must not become paths.
        if !is_part_name(object) {
            return Err(ErrorKind::InvalidInput.into());
        }
        delegate!(self, read(key, object, from, length))
    }

    /// Removes an object. Does nothing if there is none.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove(&self, key: &FileKey, object: &str) -> Result<()> {
        delegate!(self, remove(key, object))
    }

    /// Removes all objects of a file.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove_all(&self, key: &FileKey) -> Result<()> {
        delegate!(self, remove_all(key))
    }

    /// Calls `each` with the key of every file that has objects, until it returns false. Ignores everything else.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn keys(&self, each: impl FnMut(FileKey) -> bool) -> Result<()> {
        delegate!(self, keys(each))
    }

    /// Returns the names of a file's objects that were written at least `age` ago, including incomplete ones.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn objects_older_than(&self, key: &FileKey, age: Duration) -> Result<Vec<String>> {
        delegate!(self, objects_older_than(key, age))
    }

    /// Returns whether the objects of a file were last changed at least `age` ago; false if that is unknown.
    pub fn is_older(&self, key: &FileKey, age: Duration) -> bool {
        delegate!(self, is_older(key, age))
    }

    /// Restores an object from a backup, unless the store contains one of the same size: objects are never changed. It
    /// is only certain to be permanent once [`Store::sync`] has returned.
    ///
    /// # Errors
    /// Fails on an I/O error. Then the object is not changed.
    pub fn restore(&self, key: &FileKey, object: &str, bytes: Vec<u8>) -> Result<Restored> {
        let bucket = match self {
            Self::Folder(folder) => return folder.restore(key, object, &bytes),
            Self::Bucket(bucket, _) => bucket,
        };
        let restored = match bucket.size(key, object) {
            Ok(size) if size == bytes.len() as u64 => return Ok(Restored::Existing),
            Ok(_) => Restored::Existing,
            Err(error) if error.kind() == ErrorKind::NotFound => Restored::New,
            Err(error) => return Err(error),
        };
        bucket.put(key, object, bytes.into())?;
        Ok(restored)
    }

    /// Ensures that these objects are permanent, which [`Store::restore`] wrote.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sync<'a>(&self, objects: impl Iterator<Item = (&'a FileKey, &'a str)>) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.sync(objects),
            Self::Bucket(..) => Ok(()),
        }
    }

    /// Removes an object, and the folder of its file if it was the only one.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn remove_restored(&self, key: &FileKey, object: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.remove_with_empty_folder(key, object),
            Self::Bucket(bucket, _) => bucket.remove(key, object),
        }
    }

    /// Returns the sizes of all objects in bytes, by `FILE/OBJECT`.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn sizes(&self) -> Result<HashMap<String, u64>> {
        let mut sizes = HashMap::new();
        delegate!(
            self,
            list(|name, size| {
                sizes.insert(name.to_owned(), size);
                true
            })
        )?;
        Ok(sizes)
    }
}

impl fmt::Display for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => folder.path().display().fmt(f),
            Self::Bucket(_, address) => f.write_str(address),
        }
    }
}
