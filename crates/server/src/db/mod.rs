//! One database surface over two engines. Everything above this folder is written once, in SQL that
//! SQLite and PostgreSQL both read; an engine is what is behind [`Tx`].

mod address;
mod copy;
mod each;
mod error;
pub(crate) mod instance;
pub(crate) mod postgres;
mod sqlite;
mod value;
mod witness;
mod writer;

pub use address::DatabaseAddress;
pub use copy::{Copied, copy};
pub use each::{Each, Kind};
pub use error::DbError;
pub use postgres::{Messages, connect, connect_to_listen, settle};
pub use value::{Row, Value};
pub use writer::{Announce, BoxFuture, Change, Ended, Job, commit, job};

#[cfg(test)]
pub use sqlite::SCHEMA;

use crate::error::ApiError;
use futures_util::FutureExt;
use instance::Instance;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Semaphore, mpsc, oneshot};
use witness::Witness;
use writer::Started;

/// What a transaction runs on.
enum Engine {
    Sqlite(sqlite::Handle),
    Postgres(postgres::Handle),
}

/// One snapshot to read from or, inside [`Db::write`], one transaction.
pub struct Tx {
    engine: Engine,
    instance: Arc<Instance>,
    changes: Mutex<Vec<Change>>,
    /// Whether the commit has its watermark, because something in it moved a stream.
    has_wm: AtomicBool,
    /// Whether a statement failed: nothing more is done then, and nothing committed. On SQLite the
    /// transaction may be over without having said so.
    has_failed: AtomicBool,
}

const WM: &str = "SELECT wm, run FROM instance WHERE only_row = 1";
const NEXT_WM: &str = "UPDATE instance SET wm = wm + 1 WHERE only_row = 1";

impl Tx {
    fn new(engine: Engine, instance: Arc<Instance>) -> Self {
        let (has_wm, has_failed) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { engine, instance, changes: Mutex::default(), has_wm, has_failed }
    }

    /// A connection of one's own to a database that no server has open, outside of a transaction.
    async fn open(address: &DatabaseAddress) -> Result<Self, DbError> {
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
    async fn origin(&self) -> Result<Option<String>, DbError> {
        self.begin_statement()?;
        self.note(match &self.engine {
            Engine::Sqlite(_) => Ok(None),
            Engine::Postgres(handle) => handle.origin().await.map(Some),
        })
    }

    /// Commits, and notes how far that is: what was told to anybody must not be undone unnoticed.
    async fn commit(&self) -> Result<(), DbError> {
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

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Readers {
    Sqlite(Arc<sqlite::Pool>),
    Postgres(deadpool_postgres::Pool),
}

/// The server's database.
#[derive(Clone)]
pub struct Db {
    readers: Arc<Readers>,
    jobs: mpsc::Sender<Job>,
    /// Readers that may be at work; there are more, for what is read in passing.
    working: Arc<Semaphore>,
    instance: Arc<Instance>,
    origin: Arc<Mutex<Arc<str>>>,
}

/// Where the database is that was opened.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// Where it was.
    Same,
    /// Another one was put in its place.
    Replaced,
    /// There is a standby of it in its place that was promoted, which is to be gone on with.
    Promoted,
}

impl Db {
    /// Opens the database, and makes its tables if they are missing; `announce` hears of every
    /// committed change.
    ///
    /// Needs a Tokio runtime. The writer has a thread of its own, which ends with the last `Db`;
    /// then a SQLite file is whole by itself, and [`Ended`] says so.
    ///
    /// # Errors
    /// A database that is not there, is another program's, or was made by a newer version.
    pub async fn open(
        address: &DatabaseAddress,
        announce: Announce,
    ) -> Result<(Self, Ended), DbError> {
        let (readers, many) = match address {
            DatabaseAddress::Sqlite(path) => {
                (Readers::Sqlite(Arc::new(sqlite::Pool::new(path))), sqlite::READERS)
            }
            DatabaseAddress::Postgres(url) => {
                (Readers::Postgres(postgres::readers(url)?), postgres::READERS)
            }
        };
        let working = Arc::new(Semaphore::new(many - many / 4));
        let address = address.clone();
        let open = move || async move { open_writer(&address).await };
        let Started { jobs, instance, origin, ended } = writer::start(open, announce).await?;
        let origin = Arc::new(Mutex::new(origin));
        Ok((Self { readers: Arc::new(readers), jobs, working, instance, origin }, ended))
    }

    /// Where the database is now.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn place(&self) -> Result<Place, DbError> {
        let origin = match &*self.readers {
            Readers::Sqlite(pool) => pool.origin(),
            Readers::Postgres(pool) => {
                postgres::Handle::snapshot(pool.get().await?).origin().await?
            }
        };
        let was = lock(&self.origin).clone();
        Ok(match &*was {
            same if same == origin => Place::Same,
            was if postgres::is_promoted(was, &origin) => Place::Promoted,
            _ => Place::Replaced,
        })
    }

    /// Goes on with a standby that was promoted, once the writer is there; answers whether it is. Where it is
    /// not, both can be written to, and nothing is to be done with either.
    ///
    /// # Errors
    /// "Try again".
    pub async fn follow(&self) -> Result<bool, ApiError> {
        let follow =
            self.write(|tx| Box::pin(async move { Ok(instance::follow(tx).await?) })).await?;
        let was = lock(&self.origin).clone();
        match follow {
            Some(origin) if postgres::is_promoted(&was, &origin) => {
                *lock(&self.origin) = origin.into();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// The database's epoch.
    pub fn epoch(&self) -> Arc<str> {
        self.instance.epoch()
    }

    /// No time was given out before that is later than this, in milliseconds.
    pub fn clock(&self) -> i64 {
        self.instance.clock
    }

    /// A snapshot to read from.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn read(&self) -> Result<Tx, DbError> {
        let engine = match &*self.readers {
            Readers::Sqlite(pool) => Engine::Sqlite(pool.snapshot().await?),
            Readers::Postgres(pool) => {
                Engine::Postgres(postgres::Handle::snapshot(pool.get().await?))
            }
        };
        Ok(Tx::new(engine, self.instance.clone()))
    }

    /// Reads much from one snapshot where that holds up nobody: SQLite works in this process, on a thread
    /// that may be kept. A few do so at a time, and leave readers to those who look something up.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn work<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, T> + Send + 'static,
    ) -> Result<T, DbError> {
        let _turn = self.working.acquire().await.expect("the semaphore is never closed");
        let tx = self.read().await?;
        if let Engine::Postgres(_) = tx.engine {
            return Ok(body(&tx).await);
        }
        let work = move || body(&tx).now_or_never().expect("SQLite answers at once");
        let worked = tokio::task::spawn_blocking(work).await;
        worked.map_err(|error| DbError::Thread(std::io::Error::other(error)))
    }

    /// Runs `body` in a transaction and answers once it is committed, with the others that came in
    /// meanwhile: the commit's wait for the disk is the cost, and they share it. A body that fails
    /// leaves nothing behind and does not disturb the others.
    ///
    /// # Errors
    /// The body's own, and "try again" where too much waits or nothing could be stored.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (answer, answered) = oneshot::channel();
        self.enqueue(writer::job(body, answer))?;
        answered.await.map_err(|_| ApiError::overloaded())?
    }

    /// Lets the writer do a job after those that wait.
    ///
    /// # Errors
    /// "Try again" where too much waits.
    pub fn enqueue(&self, job: Job) -> Result<(), ApiError> {
        self.jobs.try_send(job).map_err(|_| ApiError::overloaded())
    }
}

/// What was opened: the connection to write with, what tells of a restore, and what tells this database
/// from others.
type Opened = (Tx, Option<Witness>, String);

async fn open_writer(address: &DatabaseAddress) -> Result<Opened, DbError> {
    let (engine, origin, mut witness) = match address {
        DatabaseAddress::Sqlite(path) => {
            // Before anything is written.
            let witness = Witness::of(path);
            let writer = sqlite::Handle::writer(path)?;
            (Engine::Sqlite(writer), sqlite::origin(path), Some(witness))
        }
        DatabaseAddress::Postgres(url) => {
            let writer = postgres::Handle::writer(url).await?;
            let origin = writer.origin().await?;
            (Engine::Postgres(writer), origin, None)
        }
    };
    let mut tx = Tx::new(engine, Arc::new(Instance::new("", "")));
    tx.engine.begin().await?;
    let (instance, wm) = instance::open(&tx, &origin, witness.as_ref()).await?;
    tx.engine.commit().await?;
    tx.instance = Arc::new(instance);
    if let Some(witness) = &mut witness {
        witness.begin(wm);
    }
    Ok((tx, witness, origin))
}

/// Gives a database that no server has open a new epoch.
///
/// # Errors
/// As [`Db::open`].
pub async fn begin_epoch(address: &DatabaseAddress) -> Result<(), DbError> {
    instance::renew(&Tx::open(address).await?).await
}

/// Forgets which times a database's servers gave out; none may have it open.
///
/// # Errors
/// As [`Db::open`].
pub async fn reset_clock(address: &DatabaseAddress) -> Result<(), DbError> {
    instance::reset_clock(&Tx::open(address).await?).await
}
