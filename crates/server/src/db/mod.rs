//! One database surface. Everything above this folder is written once, in SQL that SQLite and
//! PostgreSQL both read; an engine is what is behind [`Tx`].

mod sqlite;
mod value;

pub use sqlite::new_epoch;
pub use value::{FromValue, Row, Value};

use crate::error::ApiError;
use parlour_protocol::{Page, StreamId, UserId};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// A future that may borrow for `'t`.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Something that a commit changed and that others should hear of.
#[derive(Debug, Clone)]
pub enum Change {
    /// Rows of a stream, for those who follow it.
    Rows(Page),
    /// A person joined a conversation: their sockets follow it from here on.
    Joined(UserId, StreamId),
    /// A person left: their sockets must hear no more of it.
    Left(UserId, StreamId),
    /// A session ended: its socket closes.
    Revoked(parlour_protocol::SessionId),
}

/// What a database must keep.
pub type DbError = sqlite::Error;
#[cfg(test)]
pub use sqlite::SCHEMA;

/// One snapshot to read from or, inside [`Db::write`], one transaction.
pub struct Tx {
    engine: sqlite::Handle,
    epoch: String,
    changes: Mutex<Vec<Change>>,
}

impl Tx {
    /// All rows of a query.
    pub async fn query(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.engine.query(sql, params)
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
    pub async fn execute(&self, sql: &str, params: &[Value]) -> Result<usize, DbError> {
        self.engine.execute(sql, params)
    }

    /// The database's epoch.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Tells others, once this is committed and not before.
    pub fn announce(&self, change: Change) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    fn announced(&self) -> usize {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn unannounce(&self, keep: usize) {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).truncate(keep);
    }
}

/// Takes what was committed. Called by the writer, in commit order.
pub type Announce = Arc<dyn Fn(Vec<Change>) + Send + Sync>;

type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;
type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, (bool, Finish)> + Send>;

/// Most requests in one commit.
const BATCH: usize = 256;
/// Most requests that wait for the writer; further ones are told to come back.
const WAITING: usize = 4096;

/// Tells when the last of a database's connections is closed.
pub struct Ended(oneshot::Receiver<()>);

impl Ended {
    /// Waits for it.
    pub async fn wait(self) {
        // Nothing is ever sent: it is the sender's end that tells.
        let _ = self.0.await;
    }
}

/// The server's database.
#[derive(Clone)]
pub struct Db {
    readers: Arc<sqlite::Pool>,
    jobs: mpsc::Sender<Job>,
    epoch: Arc<str>,
}

impl Db {
    /// Opens or makes the database at `path`; `announce` hears of every committed change.
    ///
    /// Needs a Tokio runtime. The writer has a thread of its own, which ends with the last `Db`;
    /// then the file is whole by itself, and [`Ended`] says so.
    pub fn open(path: &Path, announce: Announce) -> Result<(Self, Ended), DbError> {
        let writer = sqlite::Handle::writer(path)?;
        let epoch = writer.query("SELECT epoch FROM instance WHERE only_row = $1", &[1.into()])?;
        let epoch: String = epoch.first().ok_or(DbError::Missing)?.get("epoch")?;
        let tx = Tx { engine: writer, epoch: epoch.clone(), changes: Mutex::default() };
        let (jobs, waiting) = mpsc::channel(WAITING);
        let (running, ended) = oneshot::channel();
        let runtime = tokio::runtime::Handle::current();
        std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || {
                runtime.block_on(run_writer(tx, waiting, announce));
                drop(running);
            })
            .map_err(DbError::Thread)?;
        let db = Self { readers: Arc::new(sqlite::Pool::new(path)), jobs, epoch: epoch.into() };
        Ok((db, Ended(ended)))
    }

    /// A snapshot to read from.
    pub async fn read(&self) -> Result<Tx, DbError> {
        let engine = self.readers.snapshot().await?;
        Ok(Tx { engine, epoch: self.epoch.to_string(), changes: Mutex::default() })
    }

    /// Runs `body` in a transaction and answers once it is committed, with the others that came in
    /// meanwhile: the commit's wait for the disk is the cost, and they share it. A body that fails
    /// leaves nothing behind and does not disturb the others.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            let running = body(tx);
            Box::pin(async move {
                let result = running.await;
                let keep = result.is_ok();
                let finish: Finish = Box::new(move |committed| {
                    // Who asked may have gone away; what was committed stays.
                    let _ = answer.send(committed.and(result));
                });
                (keep, finish)
            })
        });
        self.jobs.try_send(job).map_err(|_| ApiError::overloaded())?;
        answered.await.map_err(|_| ApiError::overloaded())?
    }
}

async fn run_writer(tx: Tx, mut waiting: mpsc::Receiver<Job>, announce: Announce) {
    let mut batch = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        let mut finishes = Vec::with_capacity(batch.len());
        let mut outcome = tx.engine.execute("BEGIN IMMEDIATE", &[]).map(drop);
        for job in batch.drain(..) {
            if outcome.is_ok() {
                outcome = run_job(&tx, job, &mut finishes).await;
            }
        }
        outcome = outcome.and_then(|()| tx.engine.execute("COMMIT", &[]).map(drop));
        if let Err(error) = &outcome {
            tracing::error!(%error, "a commit failed and was rolled back");
            // Fails only where no transaction is open, which is what it is for.
            let _ = tx.engine.execute("ROLLBACK", &[]);
            tx.unannounce(0);
        }
        let changes =
            std::mem::take(&mut *tx.changes.lock().unwrap_or_else(PoisonError::into_inner));
        if !changes.is_empty() {
            announce(changes);
        }
        for finish in finishes {
            finish(outcome.as_ref().copied().map_err(|_| ApiError::retry()));
        }
    }
}

/// Runs one job so that its failure undoes it alone.
async fn run_job(tx: &Tx, job: Job, finishes: &mut Vec<Finish>) -> Result<(), DbError> {
    let announced = tx.announced();
    tx.engine.execute("SAVEPOINT job", &[])?;
    let (keep, finish) = job(tx).await;
    finishes.push(finish);
    if !keep {
        tx.unannounce(announced);
        tx.engine.execute("ROLLBACK TO job", &[])?;
    }
    tx.engine.execute("RELEASE job", &[])?;
    Ok(())
}
