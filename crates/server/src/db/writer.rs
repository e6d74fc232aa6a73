//! The one writer: takes what wants to be written, puts what waits into one commit, and announces
//! it once it is on the disk.

use super::change::Change;
use super::commit::commit;
use super::epochs;
use super::error::DbError;
use super::instance::{Instance, random_name};
use super::job::{Job, job};
use super::tx::Tx;
use super::witness::Witness;
use crate::error::ApiError;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::{mpsc, oneshot};

/// Takes what was committed. Called by the writer, in commit order.
pub type Announce = Arc<dyn Fn(Vec<Change>) + Send + Sync>;

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
            && !(put_first(&mut tx, &announce, resume).await && epochs::restart(&tx).await.is_ok())
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
    Box::pin(async move { Ok(epochs::resume(tx).await?) })
}

fn renew(tx: &Tx) -> BoxFuture<'_, Result<(), ApiError>> {
    Box::pin(async move { Ok(epochs::begin(tx, random_name()).await?) })
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
