//! What the writer is given to do.

use super::tx::Tx;
use crate::error::ApiError;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// Answers whoever waits for a job, once it is known whether the commit came about.
pub type Finish = Box<dyn FnOnce(Result<(), ApiError>) + Send>;
/// One thing to write. Answers whether it is to be kept, and whom to tell once it is committed.
pub type Job = Box<dyn for<'t> FnOnce(&'t Tx) -> BoxFuture<'t, (bool, Finish)> + Send>;

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
