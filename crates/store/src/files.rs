//! The files of one account: opened by one process, written by one connection each, read by a few.

use crate::folder::Folder;
use crate::gate::Gate;
use crate::outbox::{Account, Outbox};
use crate::{Error, Result, Salvage, search, users};
use parlour_protocol::{Millis, UserId};
use parlour_sqlite::{Durability, Key, Schema, durable};
use rusqlite::{Connection, MAIN_DB, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// `mirror.db`.
pub(crate) const MIRROR: Schema = Schema {
    application_id: 0x5041_524d, // "PARM"
    newest: include_str!("../../../schema.sql"),
    migrations: &[
        include_str!("../mirror_2.sql"),
        include_str!("../mirror_3.sql"),
        include_str!("../mirror_4.sql"),
        include_str!("../mirror_5.sql"),
        include_str!("../mirror_6.sql"),
    ],
};

/// $1 user.
const BEGIN: &str = "INSERT INTO mirror (only_row, user_id) VALUES (1, $1) ON CONFLICT DO NOTHING";

/// How long closing waits for who uses the files.
const CLOSING: Duration = Duration::from_secs(5);

/// Readers that are kept open between uses.
const IDLE_READERS: usize = 4;

/// One account's files.
pub struct Store {
    /// What the server has, as far as it is here.
    pub mirror: Mirror,
    pub(crate) outbox: Outbox,
    path: PathBuf,
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

    /// The same, of a folder that is this process's already.
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
        let mirror = lock_of(&self.mirror.writer).serialize(MAIN_DB)?.to_vec();
        Ok(Images { mirror, outbox: self.outbox.image()? })
    }

    /// Whose files these are.
    pub fn account(&self) -> Result<Account> {
        Ok(self.outbox.account()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// The key of the files, to be wrapped anew; nothing if they are closed, or lie in memory.
    pub fn key(&self) -> Option<Key> {
        lock_of(&self.mirror.key).clone()
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

    /// Does what is due once a day: forgets what was sent too long ago, and copies the outbox.
    pub fn tidy(&self, now: Millis) -> Result<()> {
        self.forget_sent(now)?;
        self.outbox.copy(&self.path)
    }

    /// Counts how often the mirror had to be begun anew since it was opened.
    pub fn mirror_begun(&self) -> u64 {
        self.mirror.begun.load(Ordering::Acquire)
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
        if !(self.mirror.gate.close(CLOSING) && self.outbox.gate.close(CLOSING)) {
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
    /// Of `mirror.db`.
    pub mirror: Vec<u8>,
    /// Of `outbox.db`.
    pub outbox: Vec<u8>,
}

/// `mirror.db`: one connection writes, the others cannot.
pub struct Mirror {
    /// Nothing if it lies in memory, where one connection does it all.
    path: Option<PathBuf>,
    /// Of the file, until it is closed.
    key: Mutex<Option<Key>>,
    user_id: UserId,
    gate: Gate,
    writer: Mutex<Connection>,
    /// Each with what `begun` was when it was opened.
    readers: Mutex<Vec<(u64, Connection)>>,
    begun: AtomicU64,
}

impl Mirror {
    /// Opens the mirror of this person, or begins one.
    pub fn open(path: &Path, key: &Key, user_id: UserId) -> Result<Self> {
        let writer = match Self::open_writer(path, key, user_id) {
            Err(error) if is_damage(&error) => {
                set_aside(path)?;
                Self::open_writer(path, key, user_id)?
            }
            opened => opened?,
        };
        Ok(Self::over(Some((path.to_owned(), key.clone())), user_id, writer))
    }

    fn open_writer(path: &Path, key: &Key, user_id: UserId) -> Result<Connection> {
        take_over(path, &MIRROR, key)?;
        let conn = parlour_sqlite::open(path, &MIRROR, Durability::Normal, Some(key))?;
        search::register(&conn)?;
        users::fold(&conn)?;
        conn.execute(BEGIN, [user_id.0])?;
        Ok(conn)
    }

    fn in_memory(image: Option<&[u8]>, user_id: UserId) -> Result<Self> {
        let writer = parlour_sqlite::open_in_memory(&MIRROR, image)?;
        search::register(&writer)?;
        users::fold(&writer)?;
        writer.execute(BEGIN, [user_id.0])?;
        Ok(Self::over(None, user_id, writer))
    }

    fn over(file: Option<(PathBuf, Key)>, user_id: UserId, writer: Connection) -> Self {
        let (readers, begun) = (Mutex::default(), AtomicU64::new(0));
        let (path, key) = file.unzip();
        let (key, gate, writer) = (Mutex::new(key), Gate::default(), Mutex::new(writer));
        Self { path, key, user_id, gate, writer, readers, begun }
    }

    /// Does something behind the mirror's back, for tests of what is done about it; answers how many rows
    /// that changed.
    pub fn damage(&self, sql: &str) -> Result<usize> {
        self.write(|conn| Ok(conn.execute(sql, [])?))
    }

    /// Writes in one transaction. An early return rolls back.
    pub(crate) fn write<T>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let inside = self.gate.enter()?;
        let begun = self.begun.load(Ordering::Acquire);
        let write = || {
            let mut conn = lock_of(&self.writer);
            inside.with(&conn);
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        self.gate.explain(self.mend(begun, write()))
    }

    /// Writes the log back and cuts it to nothing; not while somebody reads for seconds.
    pub(crate) fn cut_log(&self) -> Result<()> {
        let _inside = self.gate.enter()?;
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        Ok(lock_of(&self.writer).query_row(checkpoint, [], |_| Ok(()))?)
    }

    /// Begins the mirror anew if this is how damage shows: a page of the file is not what it was.
    fn mend<T>(&self, begun: u64, outcome: Result<T>) -> Result<T> {
        let Err(error) = &outcome else { return outcome };
        let file = self.path.as_ref().zip(lock_of(&self.key).clone());
        let Some((path, key)) = file.filter(|_| is_damage(error)) else { return outcome };
        let mut writer = lock_of(&self.writer);
        // Somebody else may have seen the same, and been first.
        if self.begun.load(Ordering::Acquire) == begun {
            tracing::error!(%error, "mirror.db is damaged; it is set aside and fetched again");
            lock_of(&self.readers).clear();
            // The damaged file is let go before it is moved.
            *writer = Connection::open_in_memory()?;
            set_aside(path)?;
            *writer = Self::open_writer(path, &key, self.user_id)?;
            self.begun.fetch_add(1, Ordering::AcqRel);
        }
        outcome
    }

    /// Reads from one snapshot.
    pub(crate) fn read<T>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let inside = self.gate.enter()?;
        let Some(path) = &self.path else {
            return body(&lock_of(&self.writer).transaction()?);
        };
        let idle = lock_of(&self.readers).pop();
        let begun = idle.as_ref().map_or(self.begun.load(Ordering::Acquire), |(begun, _)| *begun);
        let read = || {
            let mut conn = match idle {
                Some((_, conn)) => conn,
                None => {
                    let key = lock_of(&self.key).clone();
                    parlour_sqlite::open_reader(path, key.as_ref())?
                }
            };
            inside.with(&conn);
            let value = body(&conn.transaction()?)?;
            let mut readers = lock_of(&self.readers);
            let is_current = begun == self.begun.load(Ordering::Acquire);
            if is_current && readers.len() < IDLE_READERS {
                readers.push((begun, conn));
            }
            Ok(value)
        };
        self.gate.explain(self.mend(begun, read()))
    }

    /// Lets go of the file and its key; nobody is inside.
    fn let_go(&self) -> Result<()> {
        lock_of(&self.readers).clear();
        *lock_of(&self.writer) = Connection::open_in_memory()?;
        *lock_of(&self.key) = None;
        Ok(())
    }
}

/// Encrypts a plain file, if it is one of ours.
pub(crate) fn take_over(path: &Path, schema: &Schema, key: &Key) -> Result<()> {
    if !parlour_sqlite::is_plain(path) {
        return Ok(());
    }
    // Another program's file, or one of a newer version, is left as it is, and said to be that.
    drop(parlour_sqlite::open(path, schema, Durability::Full, None)?);
    tracing::info!(?path, "a plain file is encrypted");
    Ok(parlour_sqlite::encrypt(path, key)?)
}

pub(crate) fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that is damaged or not ours at all; one by a newer version is neither.
pub(crate) fn is_damage(error: &Error) -> bool {
    match error {
        Error::File(parlour_sqlite::Error::Foreign { .. }) => true,
        Error::File(parlour_sqlite::Error::Open { source, .. }) | Error::Statement(source) => {
            parlour_sqlite::is_damage(source)
        }
        _ => false,
    }
}

/// Moves a file and what SQLite keeps beside it out of the way; an earlier one set aside goes.
fn set_aside(path: &Path) -> Result<()> {
    move_to(path, &suffixed(path, ".damaged"))
}

/// The same, and keeps what was set aside before; answers where it is.
pub(crate) fn set_aside_for_good(path: &Path) -> Result<PathBuf> {
    let free = (1..).map(|n| suffixed(path, &format!(".damaged-{n}"))).find(|to| !to.exists());
    let to = free.unwrap_or_else(|| suffixed(path, ".damaged"));
    move_to(path, &to)?;
    Ok(to)
}

pub(crate) fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn move_to(path: &Path, to: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (suffixed(path, suffix), suffixed(to, suffix));
        match durable::rename(&from, &to) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            moved => moved.map_err(|source| Error::Folder { path: from, source })?,
        }
    }
    Ok(())
}
