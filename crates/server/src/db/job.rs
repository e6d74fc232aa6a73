//! The jobs of the writer.

use super::tx::Tx;
use crate::error::ApiError;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tracing::Instrument;

/// Sends a job's result to the caller that waits for it, once it is known whether the commit succeeded.
pub type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;
/// Something to write. Returns whether to commit it, and what to call after the commit.
pub type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, (bool, Finish)> + Send>;

/// Creates a job from its body and the sender for its result. Its log lines are in the caller's span.
pub fn job<T: Send + 'static>(
    body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    result_sender: oneshot::Sender<Result<T, ApiError>>,
) -> Job {
    let span = tracing::Span::current();
    Box::new(move |tx| {
        let future = body(tx).instrument(span);
        Box::pin(async move {
            let result = future.await;
            let may_commit = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                // The caller may have disconnected; the commit is valid anyway.
                let _ = result_sender.send(committed.and(result));
            });
            (may_commit, finish)
        })
    })
}
