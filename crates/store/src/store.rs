//! The files of one account: opened by one process, written by one connection each, read by a few.

use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::lock::lock_of;
use crate::mirror::Mirror;
use crate::outbox::Outbox;
use crate::outbox::account::Account;
use crate::outbox::salvage::Salvage;
use parlour_sqlite::Key;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

/// How long closing waits for who uses the files.
const CLOSING: Duration = Duration::from_secs(5);

/// One account's files.
pub struct Store {
    /// What the server has, as far as it is here.
    pub mirror: Mirror,
    pub(crate) outbox: Outbox,
    pub(crate) path: PathBuf,
    /// Nothing once they are closed, or if they lie in memory.
    folder: Mutex<Option<Folder>>,
}

impl Store {
    /// Opens an account's folder, made for `new` if it is not there yet.
    ///
    /// A damaged mirror is set aside and begun anew; it will be fetched again. Answers nothing if
    /// the folder holds no account.
    /// Both files are encrypted with the key; whoever gives another one than before has lost them.
    /// Plain ones of an earlier version are taken over.
    pub fn open(folder: &Path, key: &Key, new: Option<&Account>) -> Result<Option<Self>> {
        let folder = if new.is_some() { Folder::claim(folder) } else { Folder::of(folder) };
        Self::open_in(folder?, key, new)
    }

    /// The same as [`Store::open`], of a folder that is this process's already.
    pub fn open_in(folder: Folder, key: &Key, new: Option<&Account>) -> Result<Option<Self>> {
        let outbox = Outbox::open(folder.path(), key)?;
        if let Some(account) = new {
            outbox.set_account(account)?;
        }
        let Some(account) = outbox.account()? else { return Ok(None) };
        let path = folder.path().to_owned();
        let mirror = Mirror::open(&path.join("mirror.db"), key, account.user_id)?;
        Ok(Some(Self { mirror, outbox, path, folder: Mutex::new(Some(folder)) }))
    }

    /// An account's files that lie in memory, for simulations: new ones, or as images have them.
    ///
    /// # Errors
    /// No memory, or an image is none.
    pub fn in_memory(account: &Account, images: Option<&Images>) -> Result<Self> {
        let outbox = Outbox::in_memory(images.map(|images| &images.outbox[..]))?;
        outbox.set_account(account)?;
        let image = images.map(|images| &images.mirror[..]);
        let mirror = Mirror::in_memory(image, account.user_id)?;
        Ok(Self { mirror, outbox, path: PathBuf::new(), folder: Mutex::default() })
    }

    /// Everything in an account's files that lie in memory.
    ///
    /// # Errors
    /// No memory.
    pub fn images(&self) -> Result<Images> {
        let mirror = self.mirror.image()?;
        Ok(Images { mirror, outbox: self.outbox.image()? })
    }

    /// The account whose files these are.
    pub fn account(&self) -> Result<Account> {
        Ok(self.outbox.account()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// The key of the files, to be wrapped anew; nothing if they are closed, or lie in memory.
    pub fn key(&self) -> Option<Key> {
        self.mirror.key()
    }

    /// Notes that the account signed in again.
    pub fn set_account(&self, account: &Account) -> Result<()> {
        self.outbox.set_account(account)
    }

    /// Where the mirror's file is.
    pub fn mirror_path(&self) -> PathBuf {
        self.path.join("mirror.db")
    }

    /// What was done about a damaged outbox when it was opened.
    pub fn salvage(&self) -> Option<&Salvage> {
        self.outbox.salvage()
    }

    /// Counts how often the mirror had to be begun anew since it was opened.
    pub fn mirror_begun(&self) -> u64 {
        self.mirror.begun()
    }

    /// Closes the files, whoever uses them: what they read or write is interrupted, and fails with
    /// [`Error::Closed`], as does everything after it. Nothing that opens or tells the files is in memory
    /// then. Answers the folder, which is this process's until that is let go. Blocks, five seconds at
    /// most.
    ///
    /// # Errors
    /// [`Error::InUse`] if somebody did not let go; then it can be tried again. [`Error::Closed`] if it
    /// was done before.
    pub fn close(&self) -> Result<Folder> {
        if !(self.mirror.gate().close(CLOSING) && self.outbox.gate.close(CLOSING)) {
            return Err(Error::InUse(self.path.clone()));
        }
        self.mirror.let_go()?;
        self.outbox.let_go()?;
        lock_of(&self.folder).take().ok_or(Error::Closed)
    }
}

/// What lies in memory in place of the two files.
#[derive(Debug, Clone)]
pub struct Images {
    /// The bytes of `mirror.db`.
    pub mirror: Vec<u8>,
    /// The bytes of `outbox.db`.
    pub outbox: Vec<u8>,
}
