//! The server's database: many readers, and one writer that combines many requests into one commit.

use super::address::DatabaseAddress;
use super::engine::Engine;
use super::epochs;
use super::error::DbError;
use super::instance::Instance;
use super::job::{Job, job};
use super::open::open_writer;
use super::server_id::ServerId;
use super::timings::{Timings, observe};
use super::tx::Tx;
use super::writer::{self, Announce, Shutdown, StartedWriter};
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
    /// Limits long reads to three quarters of the connections, so that some remain for short ones.
    work_permits: Arc<Semaphore>,
    instance: Arc<Instance>,
    /// The identity of the database: it differs for a copy and for a promoted standby.
    origin: Arc<Mutex<Arc<str>>>,
    timings: Timings,
    address: Arc<DatabaseAddress>,
}

/// Whether the address still leads to the database that was opened.
#[derive(Debug, PartialEq, Eq)]
pub enum IdentityCheck {
    /// The same database.
    Same,
    /// Another database has taken its place.
    Replaced,
    /// A standby of the database was promoted. The server continues on it.
    Promoted,
}

impl Db {
    /// Opens the database, and creates its tables if they are missing. `announce` receives every committed
    /// change.
    ///
    /// Needs a Tokio runtime. The writer has a thread of its own, which ends when the last `Db` is dropped:
    /// [`Shutdown`] signals it. A SQLite file is then complete without its write-ahead log.
    ///
    /// # Errors
    /// Fails if the database does not exist, belongs to another program, or was created by a newer version.
    pub async fn open(
        address: &DatabaseAddress,
        announce: Announce,
    ) -> Result<(Self, Shutdown), DbError> {
        let (readers, count) = match address {
            DatabaseAddress::Sqlite(path) => {
                (Readers::Sqlite(Arc::new(sqlite::Pool::new(path))), sqlite::READERS)
            }
            DatabaseAddress::Postgres(url) => {
                (Readers::Postgres(postgres::readers(url)?), postgres::READERS)
            }
        };
        let work_permits = Arc::new(Semaphore::new(count - count / 4));
        let stored_address = Arc::new(address.clone());
        let address = address.clone();
        let open = move || async move { open_writer(&address).await };
        let timings = Timings::default();
        let StartedWriter { jobs, instance, origin, ended } =
            writer::start(open, announce, timings.clone()).await?;
        let origin = Arc::new(Mutex::new(origin));
        let readers = Arc::new(readers);
        let address = stored_address;
        Ok((Self { readers, jobs, work_permits, instance, origin, address, timings }, ended))
    }

    /// Returns the name of the engine, and the size of the database on the disk in bytes.
    ///
    /// # Errors
    /// Fails if there is no connection to PostgreSQL.
    pub async fn size(&self) -> Result<(&'static str, u64), DbError> {
        Ok(match &*self.readers {
            Readers::Sqlite(pool) => ("sqlite", pool.bytes()),
            Readers::Postgres(pool) => {
                ("postgres", postgres::Handle::snapshot(pool.get().await?).bytes().await?)
            }
        })
    }

    /// Returns the histograms of waiting times.
    pub fn timings(&self) -> Timings {
        self.timings.clone()
    }

    /// Returns the size of SQLite's write-ahead log in bytes; `None` on PostgreSQL.
    pub fn log_bytes(&self) -> Option<u64> {
        match &*self.readers {
            Readers::Sqlite(pool) => Some(pool.log_bytes()),
            Readers::Postgres(_) => None,
        }
    }

    /// Empties SQLite's write-ahead log; does nothing on PostgreSQL. Returns false if transactions need the log at the
    /// moment; the caller may retry.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub async fn empty_log(&self) -> Result<bool, DbError> {
        let Readers::Sqlite(pool) = &*self.readers else { return Ok(true) };
        let pool = pool.clone();
        let emptied = tokio::task::spawn_blocking(move || pool.empty_log()).await;
        emptied.map_err(|error| DbError::Thread(std::io::Error::other(error)))?
    }

    /// Returns the number of jobs that wait for the writer.
    pub fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Checks that the writer is not stuck: submits a job, and returns true once the writer has handled it, even if
    /// the database failed. Returns false at once if the writer's queue is full.
    pub async fn is_writer_responsive(&self) -> bool {
        let (result_sender, result) = oneshot::channel();
        let probe = job(|_| Box::pin(async { Err::<(), _>(ApiError::retry()) }), result_sender);
        if self.enqueue(probe).is_err() {
            return false;
        }
        // A dropped job was handled as well: the database has no connection at the moment.
        let _ = result.await;
        true
    }

    /// Returns the version of the database's schema, which a newer server may have raised while this one
    /// runs, and the newest version that this program knows.
    ///
    /// # Errors
    /// Fails if there is no connection to the database.
    pub async fn schema(&self) -> Result<(i64, i64), DbError> {
        let tx = self.read().await?;
        let (sql, known) = match &tx.engine {
            Engine::Sqlite(_) => (sqlite::VERSION, i64::from(sqlite::SCHEMA.version())),
            Engine::Postgres(_) => (postgres::VERSION, postgres::MIGRATIONS.len() as i64),
        };
        Ok((tx.one(sql, &[]).await?.get("version")?, known))
    }

    /// Returns the path of the SQLite file; `None` on PostgreSQL.
    pub fn file(&self) -> Option<&Path> {
        match &*self.address {
            DatabaseAddress::Sqlite(path) => Some(path),
            DatabaseAddress::Postgres(_) => None,
        }
    }

    /// Returns the address of PostgreSQL; `None` on SQLite.
    pub fn url(&self) -> Option<&str> {
        match &*self.address {
            DatabaseAddress::Sqlite(_) => None,
            DatabaseAddress::Postgres(url) => Some(url),
        }
    }

    /// Checks whether this is still the database that was opened.
    ///
    /// # Errors
    /// Fails if there is no connection to PostgreSQL.
    pub async fn check_identity(&self) -> Result<IdentityCheck, DbError> {
        let origin = match &*self.readers {
            Readers::Sqlite(pool) => pool.origin(),
            Readers::Postgres(pool) => {
                postgres::Handle::snapshot(pool.get().await?).origin().await?
            }
        };
        let previous = lock(&self.origin).clone();
        Ok(match &*previous {
            same if same == origin => IdentityCheck::Same,
            previous if postgres::is_promoted(previous, &origin) => IdentityCheck::Promoted,
            _ => IdentityCheck::Replaced,
        })
    }

    /// Continues on a promoted standby once the writer is connected to it; returns whether it is. Otherwise
    /// the former primary and the standby both accept writes, and the server must not continue on
    /// either.
    ///
    /// # Errors
    /// Fails if the writer could not commit; the caller may retry.
    pub async fn continue_on_standby(&self) -> Result<bool, ApiError> {
        let current = self
            .write(|tx| Box::pin(async move { Ok(epochs::record_promotion(tx).await?) }))
            .await?;
        let previous = lock(&self.origin).clone();
        match current {
            Some(origin) if postgres::is_promoted(&previous, &origin) => {
                *lock(&self.origin) = origin.into();
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Returns the database's epoch.
    pub fn epoch(&self) -> Arc<str> {
        self.instance.epoch()
    }

    /// Returns the identity of the server.
    ///
    /// # Errors
    /// Fails if the database has no key, which each start of a server adds.
    pub fn server_id(&self) -> Result<ServerId, DbError> {
        self.instance.server_id().ok_or(DbError::Missing)
    }

    /// Returns the latest time, in milliseconds, that the clock may have returned before the database was opened.
    pub fn clock(&self) -> i64 {
        self.instance.clock
    }

    /// Returns a snapshot to read from.
    ///
    /// # Errors
    /// Fails if there is no connection to the database.
    pub async fn read(&self) -> Result<Tx, DbError> {
        let began = Instant::now();
        let engine = match &*self.readers {
            Readers::Sqlite(pool) => Engine::Sqlite(pool.snapshot().await?),
            Readers::Postgres(pool) => {
                Engine::Postgres(postgres::Handle::snapshot(pool.get().await?))
            }
        };
        observe(&self.timings.wait, began);
        Ok(Tx::new(engine, self.instance.clone()))
    }

    /// Runs a long read on one snapshot. SQLite runs in this process, so the read gets a blocking thread there. At
    /// most three quarters of the connections do such work at a time, which leaves the others for short reads.
    ///
    /// # Errors
    /// Fails if there is no connection to the database.
    pub async fn work<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, T> + Send + 'static,
    ) -> Result<T, DbError> {
        let _permit = self.work_permits.acquire().await.expect("the semaphore is never closed");
        let tx = self.read().await?;
        if let Engine::Postgres(_) = tx.engine {
            return Ok(body(&tx).await);
        }
        let work = move || body(&tx).now_or_never().expect("SQLite never has to wait");
        let result = tokio::task::spawn_blocking(work).await;
        result.map_err(|error| DbError::Thread(std::io::Error::other(error)))
    }

    /// Runs `body` in a transaction, and returns its result once that is committed. Jobs that arrive at
    /// about the same time share one commit, because waiting for the disk is what takes the time. A body
    /// that fails changes nothing, and does not affect the others.
    ///
    /// # Errors
    /// Fails if `body` does, if too many jobs wait, or if the commit failed; in the last two cases the
    /// caller may retry.
    pub async fn write<T: Send + 'static>(
        &self,
        body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (result_sender, result) = oneshot::channel();
        self.enqueue(job(body, result_sender))?;
        result.await.map_err(|_| ApiError::overloaded())?
    }

    /// Adds a job to the writer's queue.
    ///
    /// # Errors
    /// Fails if the queue is full; the caller may retry.
    pub fn enqueue(&self, job: Job) -> Result<(), ApiError> {
        self.jobs.try_send(job).map_err(|_| ApiError::overloaded())
    }
}
