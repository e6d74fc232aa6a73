//! The jobs of the writer.

use super::tx::Tx;
use crate::error::ApiError;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tracing::Instrument;

/// Sends a job's result to the caller that waits for it, once it is known whether the commit succeeded.
pub type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;
/// Something to write. Returns whether to keep it, and what to call after the commit.
pub type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, (bool, Finish)> + Send>;

/// Makes a job from its body and the sender through which the caller receives the result. What it logs is in the
/// caller's span.
pub fn job<T: Send + 'static>(
    body: impl for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, Result<T, ApiError>> + Send + 'static,
    answer: oneshot::Sender<Result<T, ApiError>>,
) -> Job {
    let span = tracing::Span::current();
    Box::new(move |tx| {
        let running = body(tx).instrument(span);
        Box::pin(async move {
            let result = running.await;
            let keep = result.is_ok();
            let finish: Finish = Box::new(move |committed| {
                // The caller may be gone; what was committed stays.
                let _ = answer.send(committed.and(result));
            });
            (keep, finish)
        })
    })
}
