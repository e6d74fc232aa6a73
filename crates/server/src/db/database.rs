//! The server's database: many readers, and one writer that puts many requests into one commit.

use super::address::DatabaseAddress;
use super::engine::Engine;
use super::epochs;
use super::error::DbError;
use super::instance::Instance;
use super::job::{Job, job};
use super::open::open_writer;
use super::timings::{Timings, count};
use super::tx::Tx;
use super::writer::{self, Announce, Ended, Started};
use super::{postgres, sqlite};
use crate::error::ApiError;
use crate::lock::lock;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::sync::{Semaphore, mpsc, oneshot};

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
    timings: Timings,
    address: Arc<DatabaseAddress>,
}

/// Whether the address still leads to the database that was opened.
#[derive(Debug, PartialEq, Eq)]
pub enum OriginCheck {
    /// It does.
    Same,
    /// Another database was put in its place.
    Replaced,
    /// A standby of it was promoted, which is to be gone on with.
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
        let kept = Arc::new(address.clone());
        let address = address.clone();
        let open = move || async move { open_writer(&address).await };
        let timings = Timings::default();
        let Started { jobs, instance, origin, ended } =
            writer::start(open, announce, timings.clone()).await?;
        let origin = Arc::new(Mutex::new(origin));
        let readers = Arc::new(readers);
        let address = kept;
        Ok((Self { readers, jobs, working, instance, origin, address, timings }, ended))
    }

    /// Which engine it is, as a word, and how many bytes it has on its disk.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn size(&self) -> Result<(&'static str, u64), DbError> {
        Ok(match &*self.readers {
            Readers::Sqlite(pool) => ("sqlite", pool.bytes()),
            Readers::Postgres(pool) => {
                ("postgres", postgres::Handle::snapshot(pool.get().await?).bytes().await?)
            }
        })
    }

    /// How long others wait for it.
    pub fn timings(&self) -> Timings {
        self.timings.clone()
    }

    /// How many bytes SQLite's log has; nothing of another engine.
    pub fn log_bytes(&self) -> Option<u64> {
        match &*self.readers {
            Readers::Sqlite(pool) => Some(pool.log_bytes()),
            Readers::Postgres(_) => None,
        }
    }

    /// How many jobs wait for the writer.
    pub fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Returns once the writer has come to a job that this gives it, whether the database then took it or not:
    /// it is not stuck. Returns at once, with false, if so much waits that nothing more can be given to it.
    pub async fn writer_answers(&self) -> bool {
        let (answer, answered) = oneshot::channel();
        let looking = job(|_| Box::pin(async { Err::<(), _>(ApiError::retry()) }), answer);
        if self.enqueue(looking).is_err() {
            return false;
        }
        // A job that is dropped was come to as well: there is no connection just now.
        let _ = answered.await;
        true
    }

    /// The version of the database's schema, which a newer server may have changed while this one runs, and the
    /// newest version known here.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn schema(&self) -> Result<(i64, i64), DbError> {
        let tx = self.read().await?;
        let (sql, known) = match &tx.engine {
            Engine::Sqlite(_) => (sqlite::VERSION, i64::from(sqlite::SCHEMA.version())),
            Engine::Postgres(_) => (postgres::VERSION, postgres::MIGRATIONS.len() as i64),
        };
        Ok((tx.one(sql, &[]).await?.get("version")?, known))
    }

    /// The file that it is in, on SQLite.
    pub fn file(&self) -> Option<&Path> {
        match &*self.address {
            DatabaseAddress::Sqlite(path) => Some(path),
            DatabaseAddress::Postgres(_) => None,
        }
    }

    /// The address of PostgreSQL, if it is in one.
    pub fn url(&self) -> Option<&str> {
        match &*self.address {
            DatabaseAddress::Sqlite(_) => None,
            DatabaseAddress::Postgres(url) => Some(url),
        }
    }

    /// Looks whether this is still the database that was opened.
    ///
    /// # Errors
    /// No connection to be had.
    pub async fn check_origin(&self) -> Result<OriginCheck, DbError> {
        let origin = match &*self.readers {
            Readers::Sqlite(pool) => pool.origin(),
            Readers::Postgres(pool) => {
                postgres::Handle::snapshot(pool.get().await?).origin().await?
            }
        };
        let was = lock(&self.origin).clone();
        Ok(match &*was {
            same if same == origin => OriginCheck::Same,
            was if postgres::is_promoted(was, &origin) => OriginCheck::Promoted,
            _ => OriginCheck::Replaced,
        })
    }

    /// Goes on with a standby that was promoted, once the writer is there; answers whether it is. Where it is
    /// not, both can be written to, and nothing is to be done with either.
    ///
    /// # Errors
    /// "Try again".
    pub async fn follow(&self) -> Result<bool, ApiError> {
        let follow =
            self.write(|tx| Box::pin(async move { Ok(epochs::follow(tx).await?) })).await?;
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
        let began = Instant::now();
        let engine = match &*self.readers {
            Readers::Sqlite(pool) => Engine::Sqlite(pool.snapshot().await?),
            Readers::Postgres(pool) => {
                Engine::Postgres(postgres::Handle::snapshot(pool.get().await?))
            }
        };
        count(&self.timings.wait, began);
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
        self.enqueue(job(body, answer))?;
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
