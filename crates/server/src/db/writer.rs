//! The one writer: takes what wants to be written, puts what waits into one commit, and announces
//! it once it is on the disk.

use super::instance::{self, Instance};
use super::{DbError, Engine, Tx, Witness, lock};
use crate::error::ApiError;
use parlour_protocol::{Page, Seq, SessionId, StreamId, UserId};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot};

/// A future that may borrow for `'t`.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Something that a commit changed and that others should hear of.
#[derive(Debug, Clone)]
pub enum Change {
    /// Rows of a stream, for those who follow it.
    Rows(Page),
    /// The same, which may wait for the stream's next rows or a few seconds.
    Later(Page),
    /// Rows that leave out something which a person's own devices need to know: their sockets are given the
    /// head, and ask.
    Apart {
        /// Whose.
        by: UserId,
        /// The rows.
        page: Page,
        /// Whether they may wait, as in [`Change::Later`].
        can_wait: bool,
    },
    /// A person joined a conversation: their sockets follow it from here on, and see this
    /// message and later ones.
    Joined(UserId, StreamId, Seq),
    /// A person left: their sockets must hear no more of it.
    Left(UserId, StreamId),
    /// A person's session was ended, and whether its device is to delete what it holds: its socket closes.
    Revoked(UserId, SessionId, bool),
    /// The database was put back: another epoch is true from here on than this one.
    Epoch {
        /// The one before.
        was: Arc<str>,
    },
}

impl Change {
    /// Whether it may change what a session lets its owner do.
    pub fn is_about_access(&self) -> bool {
        match self {
            Self::Revoked(..) | Self::Epoch { .. } => true,
            Self::Rows(page) => page.stream == StreamId::Directory,
            Self::Later(_) | Self::Apart { .. } | Self::Joined(..) | Self::Left(..) => false,
        }
    }
}

/// Takes what was committed. Called by the writer, in commit order.
pub type Announce = Arc<dyn Fn(Vec<Change>) + Send + Sync>;

type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;
/// One thing to write. Answers whether it is to be kept, and whom to tell once it is committed.
pub type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, (bool, Finish)> + Send>;

/// Most requests in one commit.
const BATCH: usize = 256;
/// Most requests that wait for the writer; further ones are told to come back.
const WAITING: usize = 4096;

/// Tells when the last of a database's connections is closed, and the other servers know.
pub struct Ended(Vec<oneshot::Receiver<()>>);

impl Ended {
    /// And when this has ended, too.
    pub fn and(mut self, other: oneshot::Receiver<()>) -> Self {
        self.0.push(other);
        self
    }

    /// Waits for it.
    pub async fn wait(self) {
        for ended in self.0 {
            // Nothing is ever sent: it is the sender's end that tells.
            let _ = ended.await;
        }
    }
}

/// Makes a job of a body and of the one who waits for it.
pub fn job<T: Send + 'static>(
    body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    answer: oneshot::Sender<Result<T, ApiError>>,
) -> Job {
    Box::new(move |tx| {
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
    })
}

/// A writer that runs.
pub struct Started {
    /// Takes what is to be written.
    pub jobs: mpsc::Sender<Job>,
    /// What the database is.
    pub instance: Arc<Instance>,
    /// What tells the database from others.
    pub origin: Arc<str>,
    /// Tells when it has ended.
    pub ended: Ended,
}

/// Starts the writer on a thread and a runtime of its own, with its connection on them: nothing is
/// handed from thread to thread between a statement and its answer. `open` is run there.
pub async fn start<F>(
    open: impl FnOnce() -> F + Send + 'static,
    announce: Announce,
) -> Result<Started, DbError>
where
    F: Future<Output = Result<(Tx, Option<Witness>, String), DbError>>,
{
    let (jobs, waiting) = mpsc::channel(WAITING);
    let (running, ended) = oneshot::channel();
    let (opened, opening) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(DbError::Thread)?;
    let body = move || {
        runtime.block_on(async move {
            match open().await {
                Ok((tx, witness, origin)) => {
                    // Whoever opens the database may have gone away; then nothing is written.
                    let _ = opened.send(Ok((tx.instance.clone(), origin)));
                    run(tx, waiting, announce, witness).await;
                }
                Err(error) => drop(opened.send(Err(error))),
            }
            drop(running);
        });
    };
    std::thread::Builder::new().name("writer".into()).spawn(body).map_err(DbError::Thread)?;
    let (instance, origin) = opening.await.map_err(|_| DbError::Missing)??;
    Ok(Started { jobs, instance, origin: origin.into(), ended: Ended(vec![ended]) })
}

async fn run(
    mut tx: Tx,
    mut waiting: mpsc::Receiver<Job>,
    announce: Announce,
    mut witness: Option<Witness>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut was_lost = false;
    while waiting.recv_many(&mut batch, BATCH).await > 0 {
        match tx.engine.reconnect().await {
            Ok(is_new) => was_lost |= is_new,
            Err(error) => {
                tracing::error!(%error, "there is no connection to the database");
                batch.clear();
                continue;
            }
        }
        if was_lost
            && !(put_first(&mut tx, &announce, resume).await
                && instance::restart(&tx).await.is_ok())
        {
            tx.has_failed.store(false, Ordering::Relaxed);
            batch.clear();
            continue;
        }
        was_lost = false;
        let mut done = commit(&mut tx, batch.drain(..)).await;
        let is_behind = match witness.as_mut().filter(|_| done.is_committed) {
            Some(witness) if done.has_wm => tx.wm().await.is_ok_and(|wm| witness.see(Some(wm))),
            Some(witness) => witness.see(None),
            None => false,
        };
        if !done.changes.is_empty() {
            announce(std::mem::take(&mut done.changes));
        }
        done.finish();
        if is_behind {
            put_first(&mut tx, &announce, renew).await;
        }
    }
    drop(tx);
    if let Some(witness) = witness {
        witness.close();
    }
}

type Body = for<'t> fn(&'t Tx) -> BoxFuture<'t, Result<(), ApiError>>;

fn resume(tx: &Tx) -> BoxFuture<'_, Result<(), ApiError>> {
    Box::pin(async move { Ok(instance::resume(tx).await?) })
}

fn renew(tx: &Tx) -> BoxFuture<'_, Result<(), ApiError>> {
    Box::pin(async move { Ok(instance::begin_epoch(tx, instance::random_name()).await?) })
}

/// Does something by itself before what waits; answers whether it is committed.
async fn put_first(tx: &mut Tx, announce: &Announce, body: Body) -> bool {
    let (answer, mut answered) = oneshot::channel();
    let mut done = commit(tx, std::iter::once(job(body, answer))).await;
    if !done.changes.is_empty() {
        announce(std::mem::take(&mut done.changes));
    }
    done.finish();
    matches!(answered.try_recv(), Ok(Ok(())))
}

/// What became of a batch.
pub struct Done {
    outcome: Result<(), DbError>,
    is_committed: bool,
    /// Whether it moved a stream.
    has_wm: bool,
    /// What others should hear of, and of nothing else.
    pub changes: Vec<Change>,
    finishes: Vec<Finish>,
}

impl Done {
    /// Answers those who wait.
    pub fn finish(self) {
        for finish in self.finishes {
            finish(self.outcome.as_ref().copied().map_err(|_| ApiError::retry()));
        }
    }
}

/// Runs what came in together, in one transaction. A job that fails leaves nothing behind; a commit
/// that fails leaves nothing of any.
pub async fn commit(tx: &mut Tx, batch: impl ExactSizeIterator<Item = Job>) -> Done {
    let mut finishes = Vec::with_capacity(batch.len());
    let mut outcome = tx.engine.begin().await;
    let is_alone = batch.len() == 1;
    let mut kept = !is_alone;
    for job in batch {
        if outcome.is_err() {
            continue;
        }
        if is_alone {
            let (keep, finish) = job(tx).await;
            finishes.push(finish);
            kept = keep;
            outcome = tx.is_whole(keep);
        } else {
            outcome = run_job(tx, job, &mut finishes).await;
        }
    }
    if outcome.is_ok() && kept {
        outcome = tx.commit().await;
    }
    let mut changes = std::mem::take(&mut *lock(&tx.changes));
    let has_wm = tx.has_wm.swap(false, Ordering::Relaxed);
    if let Err(error) = &outcome {
        let cause = error.cause();
        tracing::error!(%error, cause, "a commit failed and was rolled back");
    }
    let is_committed = outcome.is_ok() && kept;
    if !is_committed {
        tx.engine.rollback().await;
        tx.undo_epoch(&changes);
        changes.clear();
    }
    tx.has_failed.store(false, Ordering::Relaxed);
    Done { outcome, is_committed, has_wm: has_wm && is_committed, changes, finishes }
}

impl Tx {
    /// Whether everything that a job did was done. One that takes no notice of a statement's failure
    /// must not be committed: PostgreSQL would roll it back and call that a success.
    fn is_whole(&self, keep: bool) -> Result<(), DbError> {
        if keep && self.has_failed.load(Ordering::Relaxed) { Err(DbError::Failed) } else { Ok(()) }
    }

    /// The epoch is the one before what is undone.
    fn undo_epoch(&self, undone: &[Change]) {
        let first = undone.iter().find_map(|change| match change {
            Change::Epoch { was } => Some(was.clone()),
            _ => None,
        });
        if let Some(was) = first {
            self.instance.set_epoch(was);
        }
    }
}

/// Runs one of several jobs so that its failure undoes it alone.
async fn run_job(tx: &Tx, job: Job, finishes: &mut Vec<Finish>) -> Result<(), DbError> {
    let (announced, had_wm) = (lock(&tx.changes).len(), tx.has_wm.load(Ordering::Relaxed));
    tx.engine.defer("SAVEPOINT job")?;
    let (keep, finish) = job(tx).await;
    finishes.push(finish);
    tx.is_whole(keep)?;
    if keep {
        return tx.engine.defer("RELEASE job");
    }
    let undone = lock(&tx.changes).split_off(announced);
    tx.undo_epoch(&undone);
    tx.has_wm.store(had_wm, Ordering::Relaxed);
    tx.has_failed.store(false, Ordering::Relaxed);
    tx.engine.undo().await
}

impl Engine {
    /// Begins to write; nobody else writes until the commit.
    pub(super) async fn begin(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run("BEGIN IMMEDIATE"),
            Self::Postgres(handle) => {
                handle.begin();
                Ok(())
            }
        }
    }

    /// Connects again if the connection was lost; answers whether it was.
    async fn reconnect(&mut self) -> Result<bool, DbError> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(handle) => handle.reconnect().await,
        }
    }

    pub(super) async fn commit(&self) -> Result<(), DbError> {
        self.batch("COMMIT").await
    }

    /// Fails only where no transaction is open, which is what it is for.
    async fn rollback(&self) {
        if let Self::Postgres(handle) = self {
            handle.forget();
        }
        let _ = self.batch("ROLLBACK").await;
    }

    /// What nothing depends on is said with the next statement.
    fn defer(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => {
                handle.defer(sql);
                Ok(())
            }
        }
    }

    async fn undo(&self) -> Result<(), DbError> {
        self.defer("ROLLBACK TO job")?;
        self.batch("RELEASE job").await
    }

    pub(super) async fn batch(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => handle.batch(sql).await,
        }
    }
}
