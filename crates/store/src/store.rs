//! The files of one account: opened by one process, each written by one connection and read by a
//! few.

use crate::blobs::folder::BlobFolder;
use crate::error::{Error, Result};
use crate::file_names::MIRROR;
use crate::folder::Folder;
use crate::lock::lock_of;
use crate::mirror::Mirror;
use crate::outbox::Outbox;
use crate::outbox::account::Account;
use crate::outbox::salvage::Salvage;
use crate::unused_files;
use parlour_sqlite::Key;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// The time for which closing waits for the users of the files.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// One account's files.
pub struct Store {
    /// The mirror: the part of the server's data that is on this computer.
    pub mirror: Mirror,
    pub(crate) outbox: Outbox,
    pub(crate) blobs: BlobFolder,
    pub(crate) path: PathBuf,
    /// `None` once the files are closed, or if they are in memory.
    folder: Mutex<Option<Folder>>,
}

impl Store {
    /// Opens an account's folder; creates it for `new` if it does not exist yet.
    ///
    /// A damaged mirror is set aside and created again; its contents will be fetched again. Returns
    /// `None` if the folder contains no account. Both files are encrypted with `key`; with another
    /// key than before they cannot be read, and their contents are lost. Plain files of an earlier
    /// version are encrypted.
    pub fn open(folder: &Path, key: &Key, new: Option<&Account>) -> Result<Option<Self>> {
        let folder = if new.is_some() { Folder::claim(folder) } else { Folder::lock(folder) };
        Self::open_in(folder?, key, new)
    }

    /// Same as [`Store::open`], for a folder that this process has locked already.
    pub fn open_in(folder: Folder, key: &Key, new: Option<&Account>) -> Result<Option<Self>> {
        let outbox = Outbox::open(folder.path(), key)?;
        if let Some(account) = new {
            outbox.set_account(account)?;
        }
        let Some(account) = outbox.account()? else { return Ok(None) };
        let path = folder.path().to_owned();
        let mirror = Mirror::open(&path.join(MIRROR), key, account.user_id)?;
        let blobs = BlobFolder::in_folder(&path);
        let store = Self { mirror, outbox, blobs, path, folder: Mutex::new(Some(folder)) };
        unused_files::delete(&store.mirror, &store.outbox, &store.blobs, true)?;
        Ok(Some(store))
    }

    /// Creates an account's files in memory, for simulations: empty, or with the contents of
    /// `images`.
    ///
    /// # Errors
    /// Fails if there is no memory left, or if an image is invalid.
    pub fn in_memory(account: &Account, images: Option<&Images>) -> Result<Self> {
        let outbox = Outbox::in_memory(images.map(|images| &images.outbox[..]))?;
        outbox.set_account(account)?;
        let image = images.map(|images| &images.mirror[..]);
        let mirror = Mirror::in_memory(image, account.user_id)?;
        let (blobs, path, folder) = (BlobFolder::default(), PathBuf::new(), Mutex::default());
        Ok(Self { mirror, outbox, blobs, path, folder })
    }

    /// Returns the contents of files in memory.
    ///
    /// # Errors
    /// Fails if there is no memory left.
    pub fn images(&self) -> Result<Images> {
        let mirror = self.mirror.image()?;
        Ok(Images { mirror, outbox: self.outbox.image()? })
    }

    /// Deletes the bytes of files that no composer, op or message uses any more.
    ///
    /// # Errors
    /// Fails if a file cannot be read, or a file cannot be deleted.
    pub fn delete_unused_files(&self) -> Result<()> {
        unused_files::delete(&self.mirror, &self.outbox, &self.blobs, false)
    }

    /// Returns the account of these files.
    pub fn account(&self) -> Result<Account> {
        Ok(self.outbox.account()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// Returns the key of the files, so that it can be wrapped again; `None` if they are closed or
    /// in memory.
    pub fn key(&self) -> Option<Key> {
        self.mirror.key()
    }

    /// Stores the account's new session after a sign-in.
    pub fn set_account(&self, account: &Account) -> Result<()> {
        self.outbox.set_account(account)
    }

    /// Returns the path of the mirror's file.
    pub fn mirror_path(&self) -> PathBuf {
        self.path.join(MIRROR)
    }

    /// Returns the result of the repair, if the outbox was damaged when it was opened.
    pub fn salvage(&self) -> Option<&Salvage> {
        self.outbox.salvage()
    }

    /// Returns how often a damaged mirror was replaced by an empty one since it was opened.
    pub fn mirror_generation(&self) -> u64 {
        self.mirror.generation()
    }

    /// Closes the files even if they are in use: reads and writes in progress are interrupted and
    /// fail with [`Error::Closed`], as do all later ones. Afterwards no key and no contents of the
    /// files are left in memory. Returns the folder, which stays locked by this process until it is
    /// dropped. Blocks for at most five seconds for each of the two files.
    ///
    /// # Errors
    /// Fails with [`Error::InUse`] if a user of the files did not stop in time, in which case the call can be
    /// repeated; fails with [`Error::Closed`] if the files were closed before.
    pub fn close(&self) -> Result<Folder> {
        if !(self.mirror.gate().close(CLOSE_TIMEOUT) && self.outbox.gate.close(CLOSE_TIMEOUT)) {
            return Err(Error::InUse(self.path.clone()));
        }
        self.mirror.close()?;
        self.outbox.close()?;
        lock_of(&self.folder).take().ok_or(Error::Closed)
    }
}

/// The contents of the two files of an account in memory.
#[derive(Debug, Clone)]
pub struct Images {
    /// The bytes of `mirror.db`.
    pub mirror: Vec<u8>,
    /// The bytes of `outbox.db`.
    pub outbox: Vec<u8>,
}
