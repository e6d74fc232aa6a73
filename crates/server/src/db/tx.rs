//! The whole surface of a database: a snapshot to read from, or a transaction.

use super::address::DatabaseAddress;
use super::change::Change;
use super::each::Each;
use super::engine::Engine;
use super::error::DbError;
use super::instance::Instance;
use super::value::{Row, Value};
use super::{postgres, sqlite};
use crate::lock::lock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// One snapshot to read from or, inside [`super::Db::write`], one transaction.
pub struct Tx {
    pub(super) engine: Engine,
    pub(super) instance: Arc<Instance>,
    pub(super) changes: Mutex<Vec<Change>>,
    /// Whether the commit has its watermark, because something in it moved a stream.
    pub(super) has_wm: AtomicBool,
    /// Whether a statement failed: nothing more is done then, and nothing committed. On SQLite the
    /// transaction may be over without having said so.
    pub(super) has_failed: AtomicBool,
}

const WM: &str = "SELECT wm, run FROM instance WHERE only_row = 1";
const NEXT_WM: &str = "UPDATE instance SET wm = wm + 1 WHERE only_row = 1";

impl Tx {
    pub(super) fn new(engine: Engine, instance: Arc<Instance>) -> Self {
        let (has_wm, has_failed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { engine, instance, changes: Mutex::default(), has_wm, has_failed }
    }

    /// A connection of one's own to a database that no server has open, outside of a transaction.
    pub(super) async fn open(address: &DatabaseAddress) -> Result<Self, DbError> {
        let engine = match address {
            DatabaseAddress::Sqlite(path) => Engine::Sqlite(sqlite::Handle::writer(path)?),
            DatabaseAddress::Postgres(url) => {
                Engine::Postgres(postgres::Handle::writer(url).await?)
            }
        };
        Ok(Self::new(engine, Arc::new(Instance::new("", ""))))
    }

    /// Nothing is done after a statement that failed.
    fn begin_statement(&self) -> Result<(), DbError> {
        if self.has_failed.load(Ordering::Relaxed) { Err(DbError::Failed) } else { Ok(()) }
    }

    /// Notes whether a statement failed.
    fn note<T>(&self, done: Result<T, DbError>) -> Result<T, DbError> {
        if done.is_err() {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        done
    }

    /// All rows of a query.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(handle) => handle.query(sql, params),
            Engine::Postgres(handle) => handle.query(sql, params).await,
        })
    }

    /// The first rows of a query, no more once their texts hold so many bytes, but one at least; and
    /// whether there are more. What is left out is not read into memory.
    pub async fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        match &self.engine {
            Engine::Sqlite(handle) => handle.query_within(sql, params, bytes),
            Engine::Postgres(handle) => handle.query_within(sql, params, bytes).await,
        }
    }

    /// The first row, if there is one.
    pub async fn optional(&self, sql: &str, params: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The one row that a query always has.
    pub async fn one(&self, sql: &str, params: &[Value]) -> Result<Row, DbError> {
        self.optional(sql, params).await?.ok_or(DbError::Missing)
    }

    /// Writes; answers how many rows it touched.
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(handle) => handle.execute(sql, params),
            Engine::Postgres(handle) => handle.execute(sql, params).await,
        })
    }

    /// The rows that a statement answers for all of `rows`, in no order.
    pub async fn query_each(
        &self,
        each: &Each,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(handle) => handle.query_each(each, &rows),
            Engine::Postgres(handle) => handle.query_each(each, rows).await,
        })
    }

    /// Writes for all of `rows`, with whatever is asked next or the commit, which fails if it does.
    pub async fn write_each(&self, each: &Each, rows: Vec<Vec<Value>>) -> Result<(), DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(handle) => handle.query_each(each, &rows).map(drop),
            Engine::Postgres(handle) => handle.write_each(each, rows).await,
        })
    }

    /// The database's epoch.
    pub fn epoch(&self) -> String {
        self.instance.epoch().as_ref().into()
    }

    /// Gives this commit its watermark, one for all that is in it: `instance.wm` is it from here on.
    pub async fn take_wm(&self) -> Result<(), DbError> {
        if self.has_wm.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(handle) => handle.run(NEXT_WM),
            Engine::Postgres(handle) => {
                handle.defer(NEXT_WM);
                Ok(())
            }
        })
    }

    /// The newest watermark.
    pub async fn wm(&self) -> Result<i64, DbError> {
        let row = self.one(WM, &[]).await?;
        let wm = row.get("wm")?;
        self.instance.note(wm, row.text("run")?);
        Ok(wm)
    }

    /// Where the database is, on PostgreSQL.
    pub(super) async fn origin(&self) -> Result<Option<String>, DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(handle) => handle.origin().await.map(Some),
        })
    }

    /// Commits, and notes how far that is: what was told to anybody must not be undone unnoticed.
    pub(super) async fn commit(&self) -> Result<(), DbError> {
        match &self.engine {
            Engine::Postgres(handle) if self.has_wm.load(Ordering::Relaxed) => {
                let (wm, run) = handle.commit().await?;
                self.instance.note(wm, &run);
                Ok(())
            }
            engine => engine.commit().await,
        }
    }

    /// Tells others, once this is committed and not before.
    pub fn announce(&self, change: Change) {
        lock(&self.changes).push(change);
    }
}

/// A database that lies nowhere: empty, or as an image has it.
///
/// # Errors
/// No memory, or no image.
pub fn in_memory(epoch: &str, image: Option<&[u8]>) -> Result<Tx, DbError> {
    let engine = Engine::Sqlite(sqlite::Handle::in_memory(image)?);
    Ok(Tx::new(engine, Arc::new(Instance::new(epoch, "in memory"))))
}

impl Tx {
    /// Everything in a database that lies nowhere.
    ///
    /// # Errors
    /// No memory.
    pub fn image(&self) -> Result<Vec<u8>, DbError> {
        match &self.engine {
            Engine::Sqlite(handle) => handle.image(),
            Engine::Postgres(_) => Err(DbError::Missing),
        }
    }
}

impl Tx {
    /// Whether everything that a job did was done. One that takes no notice of a statement's failure
    /// must not be committed: PostgreSQL would roll it back and call that a success.
    pub(super) fn is_whole(&self, keep: bool) -> Result<(), DbError> {
        if keep && self.has_failed.load(Ordering::Relaxed) { Err(DbError::Failed) } else { Ok(()) }
    }

    /// The epoch is the one before what is undone.
    pub(super) fn undo_epoch(&self, undone: &[Change]) {
        let first = undone.iter().find_map(|change| match change {
            Change::Epoch { was } => Some(was.clone()),
            _ => None,
        });
        if let Some(was) = first {
            self.instance.set_epoch(was);
        }
    }
}
