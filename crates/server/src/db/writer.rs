//! The single writer: runs all waiting jobs in one commit, and announces their changes once they are on the disk.

use super::change::Change;
use super::commit::commit;
use super::epochs;
use super::error::DbError;
use super::instance::{Instance, random_name};
use super::job::{Job, job};
use super::timings::{Timings, observe};
use super::tx::Tx;
use super::witness::Witness;
use crate::error::ApiError;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::{mpsc, oneshot};

/// Receives the changes that were committed. The writer calls it in commit order.
pub type Announce = Arc<dyn Fn(Vec<Change>) + Send + Sync>;

/// The largest number of jobs in one commit.
const MAX_BATCH: usize = 256;
/// The largest number of jobs that wait for the writer; further ones are refused and have to be retried.
const MAX_WAITING: usize = 4096;

/// Signals that the last connection of a database is closed, and that the other servers have been notified.
pub struct Shutdown(Vec<oneshot::Receiver<()>>);

impl Shutdown {
    /// Adds another signal to wait for.
    pub fn also(mut self, other: oneshot::Receiver<()>) -> Self {
        self.0.push(other);
        self
    }

    /// Waits for all of them.
    pub async fn wait(self) {
        for ended in self.0 {
            // Nothing is ever sent: the drop of the sender is the signal.
            let _ = ended.await;
        }
    }
}

/// A running writer.
pub struct StartedWriter {
    /// The queue of the writer's jobs.
    pub jobs: mpsc::Sender<Job>,
    /// What the server knows of the database.
    pub instance: Arc<Instance>,
    /// The origin, which distinguishes this database from others.
    pub origin: Arc<str>,
    /// Signals that the writer has ended.
    pub ended: Shutdown,
}

/// Starts the writer on a thread and a runtime of its own, together with its connection, so that nothing moves
/// between threads while a statement runs. `open` is called there.
pub async fn start<F>(
    open: impl FnOnce() -> F + Send + 'static,
    announce: Announce,
    timings: Timings,
) -> Result<StartedWriter, DbError>
where
    F: Future<Output = Result<(Tx, Option<Witness>, String), DbError>>,
{
    let (jobs, receiver) = mpsc::channel(MAX_WAITING);
    let (ended_sender, ended) = oneshot::channel();
    let (opened_sender, opened) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(DbError::Thread)?;
    let body = move || {
        runtime.block_on(async move {
            match open().await {
                Ok((tx, witness, origin)) => {
                    // The caller may have stopped waiting; then the queue is closed and nothing is written.
                    let _ = opened_sender.send(Ok((tx.instance.clone(), origin)));
                    run(tx, receiver, announce, (witness, timings)).await;
                }
                Err(error) => drop(opened_sender.send(Err(error))),
            }
            drop(ended_sender);
        });
    };
    std::thread::Builder::new().name("writer".into()).spawn(body).map_err(DbError::Thread)?;
    let (instance, origin) = opened.await.map_err(|_| DbError::Missing)??;
    Ok(StartedWriter { jobs, instance, origin: origin.into(), ended: Shutdown(vec![ended]) })
}

async fn run(
    mut tx: Tx,
    mut receiver: mpsc::Receiver<Job>,
    announce: Announce,
    (mut witness, timings): (Option<Witness>, Timings),
) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    let mut has_reconnected = false;
    while receiver.recv_many(&mut batch, MAX_BATCH).await > 0 {
        match tx.engine.reconnect().await {
            Ok(is_new) => has_reconnected |= is_new,
            Err(error) => {
                tracing::error!(%error, "there is no connection to the database");
                batch.clear();
                continue;
            }
        }
        if has_reconnected
            && !(write_first(&mut tx, &announce, resume).await
                && epochs::reset_watermarks(&tx).await.is_ok())
        {
            tx.has_failed.store(false, Ordering::Relaxed);
            batch.clear();
            continue;
        }
        has_reconnected = false;
        let began = Instant::now();
        let mut committed = commit(&mut tx, batch.drain(..)).await;
        observe(&timings.commit, began);
        let is_behind = match witness.as_mut().filter(|_| committed.is_committed) {
            Some(witness) if committed.advanced_watermark => {
                tx.watermark().await.is_ok_and(|watermark| witness.record_commit(Some(watermark)))
            }
            Some(witness) => witness.record_commit(None),
            None => false,
        };
        if !committed.changes.is_empty() {
            announce(std::mem::take(&mut committed.changes));
        }
        committed.finish();
        if is_behind {
            write_first(&mut tx, &announce, begin_epoch).await;
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

fn begin_epoch(tx: &Tx) -> BoxFuture<'_, Result<(), ApiError>> {
    Box::pin(async move { Ok(epochs::begin(tx, random_name()).await?) })
}

/// Runs `body` in a commit of its own before the waiting jobs, and returns whether it was committed.
async fn write_first(tx: &mut Tx, announce: &Announce, body: Body) -> bool {
    let (result_sender, mut result) = oneshot::channel();
    let mut committed = commit(tx, std::iter::once(job(body, result_sender))).await;
    if !committed.changes.is_empty() {
        announce(std::mem::take(&mut committed.changes));
    }
    committed.finish();
    matches!(result.try_recv(), Ok(Ok(())))
}
