//! Runs many jobs in one transaction.

use super::change::Change;
use super::error::DbError;
use super::job::{Finish, Job};
use super::tx::Tx;
use crate::error::ApiError;
use crate::lock::lock;
use std::sync::atomic::Ordering;

/// The outcome of a batch.
pub struct CommittedBatch {
    outcome: Result<(), DbError>,
    /// Whether it was committed to disk.
    pub is_committed: bool,
    /// Whether it increased the watermark, because something in it moved a stream.
    pub advanced_watermark: bool,
    /// The changes to announce; empty unless the batch was committed.
    pub changes: Vec<Change>,
    finishes: Vec<Finish>,
}

impl CommittedBatch {
    /// Sends the results to the callers that wait for them.
    pub fn finish(self) {
        for finish in self.finishes {
            finish(self.outcome.as_ref().copied().map_err(|_| ApiError::retry()));
        }
    }
}

/// Runs the jobs that arrived together in one transaction. A job that fails is rolled back alone; if the commit
/// fails, all of them are.
pub async fn commit(tx: &mut Tx, batch: impl ExactSizeIterator<Item = Job>) -> CommittedBatch {
    let mut finishes = Vec::with_capacity(batch.len());
    let mut outcome = tx.engine.begin().await;
    let is_single = batch.len() == 1;
    let mut may_commit = !is_single;
    for job in batch {
        if outcome.is_err() {
            continue;
        }
        if is_single {
            let (should_commit, finish) = job(tx).await;
            finishes.push(finish);
            may_commit = should_commit;
            outcome = tx.check_statements(may_commit);
        } else {
            outcome = run_job(tx, job, &mut finishes).await;
        }
    }
    if outcome.is_ok() && may_commit {
        outcome = tx.commit().await;
    }
    let mut changes = std::mem::take(&mut *lock(&tx.changes));
    let advanced_watermark = tx.advanced_watermark.swap(false, Ordering::Relaxed);
    if let Err(error) = &outcome {
        let cause = error.cause();
        tracing::error!(%error, cause, "a commit failed and was rolled back");
    }
    let is_committed = outcome.is_ok() && may_commit;
    if !is_committed {
        tx.engine.rollback().await;
        tx.restore_epoch(&changes);
        changes.clear();
    }
    tx.has_failed.store(false, Ordering::Relaxed);
    CommittedBatch {
        outcome,
        is_committed,
        advanced_watermark: advanced_watermark && is_committed,
        changes,
        finishes,
    }
}

/// Runs one of several jobs in a savepoint, so that its failure rolls back only the job itself.
async fn run_job(tx: &Tx, job: Job, finishes: &mut Vec<Finish>) -> Result<(), DbError> {
    let (announced, had_advanced) =
        (lock(&tx.changes).len(), tx.advanced_watermark.load(Ordering::Relaxed));
    tx.engine.defer("SAVEPOINT job")?;
    let (may_commit, finish) = job(tx).await;
    finishes.push(finish);
    tx.check_statements(may_commit)?;
    if may_commit {
        return tx.engine.defer("RELEASE job");
    }
    let undone = lock(&tx.changes).split_off(announced);
    tx.restore_epoch(&undone);
    tx.advanced_watermark.store(had_advanced, Ordering::Relaxed);
    tx.has_failed.store(false, Ordering::Relaxed);
    tx.engine.rollback_job().await
}
