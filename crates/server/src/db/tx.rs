//! The interface of a database: a snapshot to read from, or a transaction.

use super::address::DatabaseAddress;
use super::batch_statement::BatchStatement;
use super::change::Change;
use super::engine::Engine;
use super::error::DbError;
use super::instance::Instance;
use super::value::{Row, Value};
use super::{postgres, sqlite};
use crate::lock::lock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A snapshot to read from or, inside [`super::Db::write`], a transaction.
pub struct Tx {
    pub(super) engine: Engine,
    pub(super) instance: Arc<Instance>,
    pub(super) changes: Mutex<Vec<Change>>,
    /// Whether the transaction has increased the watermark, because something in it moved a stream.
    pub(super) advanced_watermark: AtomicBool,
    /// Whether a statement failed: then no further one is run, and nothing is committed. SQLite may already have
    /// rolled the transaction back.
    pub(super) has_failed: AtomicBool,
    /// The number of statements that were run; one for many rows counts once.
    #[cfg(test)]
    pub(crate) statements: std::sync::atomic::AtomicUsize,
}

const WATERMARK: &str = "SELECT wm, run FROM instance WHERE only_row = 1";
const NEXT_WATERMARK: &str = "UPDATE instance SET wm = wm + 1 WHERE only_row = 1";

impl Tx {
    pub(super) fn new(engine: Engine, instance: Arc<Instance>) -> Self {
        let (advanced_watermark, has_failed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self {
            engine,
            instance,
            changes: Mutex::default(),
            advanced_watermark,
            has_failed,
            #[cfg(test)]
            statements: Default::default(),
        }
    }

    /// Opens a separate connection to a database that no server has open, outside of a transaction.
    pub(super) async fn open(address: &DatabaseAddress) -> Result<Self, DbError> {
        let engine = match address {
            DatabaseAddress::Sqlite(path) => Engine::Sqlite(sqlite::Handle::writer(path)?),
            DatabaseAddress::Postgres(url) => {
                Engine::Postgres(postgres::Handle::writer(url).await?)
            }
        };
        Ok(Self::new(engine, Arc::new(Instance::new("", ""))))
    }

    /// Fails if an earlier statement failed.
    fn begin_statement(&self) -> Result<(), DbError> {
        #[cfg(test)]
        self.statements.fetch_add(1, Ordering::Relaxed);
        if self.has_failed.load(Ordering::Relaxed) { Err(DbError::Failed) } else { Ok(()) }
    }

    /// Records whether a statement failed, and returns its result.
    fn record<T>(&self, result: Result<T, DbError>) -> Result<T, DbError> {
        if result.is_err() {
            self.has_failed.store(true, Ordering::Relaxed);
        }
        result
    }

    /// Returns all rows of a query.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(handle) => handle.query(sql, params),
            Engine::Postgres(handle) => handle.query(sql, params).await,
        })
    }

    /// Returns the first rows of a query, and whether there are more. It stops once their texts hold `bytes`
    /// bytes, but returns at least one row. The remaining rows are not read into memory.
    pub async fn query_within(
        &self,
        sql: &str,
        params: &[Value],
        max_bytes: usize,
    ) -> Result<(Vec<Row>, bool), DbError> {
        match &self.engine {
            Engine::Sqlite(handle) => handle.query_within(sql, params, max_bytes),
            Engine::Postgres(handle) => handle.query_within(sql, params, max_bytes).await,
        }
    }

    /// Returns the first row, if there is one.
    pub async fn optional(&self, sql: &str, params: &[Value]) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Returns the first row of a query that always has one.
    pub async fn one(&self, sql: &str, params: &[Value]) -> Result<Row, DbError> {
        self.optional(sql, params).await?.ok_or(DbError::Missing)
    }

    /// Runs a statement that writes, and returns the number of rows that it touched.
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<u64, DbError> {
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(handle) => handle.execute(sql, params),
            Engine::Postgres(handle) => handle.execute(sql, params).await,
        })
    }

    /// Runs a statement for all of `rows`, and returns its rows in no particular order.
    pub async fn query_batch(
        &self,
        batch: &BatchStatement,
        rows: Vec<Vec<Value>>,
    ) -> Result<Vec<Row>, DbError> {
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(handle) => handle.query_batch(batch, &rows),
            Engine::Postgres(handle) => handle.query_batch(batch, rows).await,
        })
    }

    /// Runs a statement that writes for all of `rows`. It may be sent with the next statement or the commit,
    /// which fails if it does.
    pub async fn write_batch(
        &self,
        batch: &BatchStatement,
        rows: Vec<Vec<Value>>,
    ) -> Result<(), DbError> {
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(handle) => handle.query_batch(batch, &rows).map(drop),
            Engine::Postgres(handle) => handle.write_batch(batch, rows).await,
        })
    }

    /// Returns the database's epoch.
    pub fn epoch(&self) -> String {
        self.instance.epoch().as_ref().into()
    }

    /// Increases the database's watermark, once for the whole commit.
    pub async fn advance_watermark(&self) -> Result<(), DbError> {
        if self.advanced_watermark.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(handle) => handle.run(NEXT_WATERMARK),
            Engine::Postgres(handle) => {
                handle.defer(NEXT_WATERMARK);
                Ok(())
            }
        })
    }

    /// Returns the newest watermark.
    pub async fn watermark(&self) -> Result<i64, DbError> {
        let row = self.one(WATERMARK, &[]).await?;
        let watermark = row.get("wm")?;
        self.instance.record_watermark(watermark, row.text("run")?);
        Ok(watermark)
    }

    /// Returns the database's origin on PostgreSQL, and `None` on SQLite.
    pub(super) async fn origin(&self) -> Result<Option<String>, DbError> {
        self.begin_statement()?;
        self.record(match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(handle) => handle.origin().await.map(Some),
        })
    }

    /// Commits, and records the new watermark, so that a later loss of announced changes is detected.
    pub(super) async fn commit(&self) -> Result<(), DbError> {
        match &self.engine {
            Engine::Postgres(handle) if self.advanced_watermark.load(Ordering::Relaxed) => {
                let (watermark, run) = handle.commit().await?;
                self.instance.record_watermark(watermark, &run);
                Ok(())
            }
            engine => engine.commit().await,
        }
    }

    /// Announces a change to others, once the transaction is committed and not before.
    pub fn announce(&self, change: Change) {
        lock(&self.changes).push(change);
    }
}

/// Creates a database in memory: empty, or with the content of an image.
///
/// # Errors
/// Fails if there is not enough memory, or if `image` is not a valid image.
pub fn in_memory(epoch: &str, image: Option<&[u8]>) -> Result<Tx, DbError> {
    let engine = Engine::Sqlite(sqlite::Handle::in_memory(image)?);
    Ok(Tx::new(engine, Arc::new(Instance::new(epoch, "in memory"))))
}

impl Tx {
    /// Returns the content of a database in memory.
    ///
    /// # Errors
    /// Fails if there is not enough memory, or on PostgreSQL.
    pub fn image(&self) -> Result<Vec<u8>, DbError> {
        match &self.engine {
            Engine::Sqlite(handle) => handle.image(),
            Engine::Postgres(_) => Err(DbError::Missing),
        }
    }
}

impl Tx {
    /// Fails if a job is to be committed although one of its statements failed. A job that ignores such a failure
    /// must not be committed: PostgreSQL would roll it back and report success.
    pub(super) fn check_statements(&self, may_commit: bool) -> Result<(), DbError> {
        if may_commit && self.has_failed.load(Ordering::Relaxed) {
            Err(DbError::Failed)
        } else {
            Ok(())
        }
    }

    /// Restores the epoch from before the changes that are rolled back.
    pub(super) fn restore_epoch(&self, rolled_back: &[Change]) {
        let first = rolled_back.iter().find_map(|change| match change {
            Change::Epoch { previous } => Some(previous.clone()),
            _ => None,
        });
        if let Some(previous) = first {
            self.instance.set_epoch(previous);
        }
    }
}
