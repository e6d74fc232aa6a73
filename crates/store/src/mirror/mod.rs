//! `mirror.db` and its tables: the part of the server's data that is on this computer.

pub(crate) mod conversations;
pub(crate) mod drafts;
pub(crate) mod files;
pub(crate) mod members;
pub(crate) mod messages;
pub(crate) mod pictures;
mod refold;
pub(crate) mod saved;
pub(crate) mod sessions;
pub(crate) mod streams;
pub(crate) mod synced_settings;
pub(crate) mod users;

use crate::disk::{encrypt_if_plain, is_damage, set_aside};
use crate::error::Result;
use crate::gate::Gate;
use crate::index::terms;
use crate::lock::lock_of;
use crate::schema::MIRROR;
use parlour_protocol::UserId;
use parlour_sqlite::{Durability, Key};
use rusqlite::{Connection, MAIN_DB, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// $1 user.
const CREATE_ROW: &str =
    "INSERT INTO mirror (only_row, user_id) VALUES (1, $1) ON CONFLICT DO NOTHING";

/// Maximum number of readers that stay open between uses.
const IDLE_READERS: usize = 4;

/// `mirror.db`: one connection writes, the others only read.
pub struct Mirror {
    /// `None` if the mirror is in memory, where one connection does everything.
    path: Option<PathBuf>,
    /// The key of the file, until the file is closed.
    key: Mutex<Option<Key>>,
    user_id: UserId,
    gate: Gate,
    writer: Mutex<Connection>,
    /// The idle readers, each with the value of `generation` when it was opened.
    readers: Mutex<Vec<(u64, Connection)>>,
    generation: AtomicU64,
}

impl Mirror {
    /// Opens the mirror of `user_id`, or creates one. A damaged file is set aside and replaced.
    pub fn open(path: &Path, key: &Key, user_id: UserId) -> Result<Self> {
        let writer = match Self::open_writer(path, key, user_id) {
            Err(error) if is_damage(&error) => {
                set_aside(path)?;
                Self::open_writer(path, key, user_id)?
            }
            opened => opened?,
        };
        Ok(Self::from_parts(Some((path.to_owned(), key.clone())), user_id, writer))
    }

    fn open_writer(path: &Path, key: &Key, user_id: UserId) -> Result<Connection> {
        encrypt_if_plain(path, &MIRROR, key)?;
        let conn = parlour_sqlite::open(path, &MIRROR, Durability::Normal, Some(key))?;
        terms::register(&conn)?;
        refold::fold_names(&conn)?;
        conn.execute(CREATE_ROW, [user_id.0])?;
        Ok(conn)
    }

    pub(crate) fn in_memory(image: Option<&[u8]>, user_id: UserId) -> Result<Self> {
        let writer = parlour_sqlite::open_in_memory(&MIRROR, image)?;
        terms::register(&writer)?;
        refold::fold_names(&writer)?;
        writer.execute(CREATE_ROW, [user_id.0])?;
        Ok(Self::from_parts(None, user_id, writer))
    }

    fn from_parts(file: Option<(PathBuf, Key)>, user_id: UserId, writer: Connection) -> Self {
        let (readers, generation) = (Mutex::default(), AtomicU64::new(0));
        let (path, key) = file.unzip();
        let (key, gate, writer) = (Mutex::new(key), Gate::default(), Mutex::new(writer));
        Self { path, key, user_id, gate, writer, readers, generation }
    }

    /// Changes the mirror in a way that the program never would, for tests of the repair; returns
    /// the number of changed rows.
    pub fn damage(&self, sql: &str) -> Result<usize> {
        self.write(|conn| Ok(conn.execute(sql, [])?))
    }

    /// Writes in one transaction. An early return rolls back.
    pub(crate) fn write<T>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let guard = self.gate.enter()?;
        let generation = self.generation.load(Ordering::Acquire);
        let write = || {
            let mut conn = lock_of(&self.writer);
            guard.set_interruptible(&conn);
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = body(&tx)?;
            tx.commit()?;
            Ok(value)
        };
        self.gate.explain(self.replace_if_damaged(generation, write()))
    }

    /// Writes the log back to the file and truncates it, unless a reader stays active for seconds.
    pub(crate) fn truncate_log(&self) -> Result<()> {
        let _guard = self.gate.enter()?;
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        Ok(lock_of(&self.writer).query_row(checkpoint, [], |_| Ok(()))?)
    }

    /// Replaces the mirror by an empty one if the error means that the file is damaged.
    fn replace_if_damaged<T>(&self, generation: u64, outcome: Result<T>) -> Result<T> {
        let Err(error) = &outcome else { return outcome };
        let file = self.path.as_ref().zip(lock_of(&self.key).clone());
        let Some((path, key)) = file.filter(|_| is_damage(error)) else { return outcome };
        let mut writer = lock_of(&self.writer);
        // Another thread may have seen the same error and replaced the file already.
        if self.generation.load(Ordering::Acquire) == generation {
            tracing::error!(%error, "mirror.db is damaged; it is set aside and fetched again");
            lock_of(&self.readers).clear();
            // The damaged file is closed before it is moved.
            *writer = Connection::open_in_memory()?;
            set_aside(path)?;
            *writer = Self::open_writer(path, &key, self.user_id)?;
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        outcome
    }

    /// Reads from one snapshot.
    pub(crate) fn read<T>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let guard = self.gate.enter()?;
        let Some(path) = &self.path else {
            return body(&lock_of(&self.writer).transaction()?);
        };
        let idle = lock_of(&self.readers).pop();
        let generation = idle
            .as_ref()
            .map_or(self.generation.load(Ordering::Acquire), |(generation, _)| *generation);
        let read = || {
            let mut conn = match idle {
                Some((_, conn)) => conn,
                None => {
                    let key = lock_of(&self.key).clone();
                    parlour_sqlite::open_reader(path, key.as_ref())?
                }
            };
            guard.set_interruptible(&conn);
            let value = body(&conn.transaction()?)?;
            let mut readers = lock_of(&self.readers);
            let is_current = generation == self.generation.load(Ordering::Acquire);
            if is_current && readers.len() < IDLE_READERS {
                readers.push((generation, conn));
            }
            Ok(value)
        };
        self.gate.explain(self.replace_if_damaged(generation, read()))
    }

    /// Returns the contents of a mirror in memory.
    pub(crate) fn image(&self) -> Result<Vec<u8>> {
        Ok(lock_of(&self.writer).serialize(MAIN_DB)?.to_vec())
    }

    /// Returns the key of the file, unless the file is closed or the mirror is in memory.
    pub(crate) fn key(&self) -> Option<Key> {
        lock_of(&self.key).clone()
    }

    /// Returns how often the mirror was replaced by an empty one since it was opened.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Returns the gate through which the file is used.
    pub(crate) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Closes the file and forgets its key; the gate must be empty.
    pub(crate) fn close(&self) -> Result<()> {
        lock_of(&self.readers).clear();
        *lock_of(&self.writer) = Connection::open_in_memory()?;
        *lock_of(&self.key) = None;
        Ok(())
    }
}
