//! The entry point for ops. Messages that arrive while the writer is busy wait here, and are then stored
//! together.

use super::apply::apply;
use super::send::send_all;
use super::submission::Submission;
use crate::db::{Db, Job};
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::{Action, OpDone};
use std::sync::{Arc, Mutex};
use tokio::sync::oneshot;

/// The largest number of queued messages; further ones are refused and have to be retried later.
const MAX_WAITING: usize = 4096;

/// A message in the queue, with the channel for its result.
pub struct QueuedMessage {
    /// An op whose action is `Send`.
    pub submission: Submission,
    /// The channel to which the result is sent.
    pub result_sender: oneshot::Sender<Result<OpDone, ApiError>>,
}

/// The queue of messages between requests and the writer.
#[derive(Default, Clone)]
pub struct OpQueue(Arc<Mutex<Vec<QueuedMessage>>>);

impl OpQueue {
    /// Performs an op exactly once, however often it is submitted, and returns the result after the commit.
    ///
    /// # Errors
    /// Fails if the op is refused, or with a request to retry if too many messages wait or nothing could be
    /// stored.
    pub async fn submit(&self, db: &Db, submission: Submission) -> Result<OpDone, ApiError> {
        let Action::Send { .. } = submission.op.action else {
            return db.write(move |tx| Box::pin(async move { apply(tx, &submission).await })).await;
        };
        let (result_sender, result) = oneshot::channel();
        if let Some(job) = self.push(QueuedMessage { submission, result_sender })? {
            db.enqueue(job)?;
        }
        result.await.map_err(|_| ApiError::retry())?
    }

    /// Adds a message to the queue. If it is the first one, returns the job that will send the whole queue.
    fn push(&self, new: QueuedMessage) -> Result<Option<Job>, ApiError> {
        let mut waiting = lock(&self.0);
        if waiting.len() >= MAX_WAITING {
            return Err(ApiError::overloaded());
        }
        waiting.push(new);
        let drain = (waiting.len() == 1).then(|| Drain(Some(self.clone())));
        Ok(drain.map(|drain| batch(|| drain.take())))
    }
}

/// Takes all queued messages when the job runs. If the job is dropped instead, the messages are dropped too, because
/// only the first message in the queue creates a job.
struct Drain(Option<OpQueue>);

impl Drain {
    fn take(mut self) -> Vec<QueuedMessage> {
        self.0.take().map(|queue| std::mem::take(&mut *lock(&queue.0))).unwrap_or_default()
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            lock(&queue.0).clear();
        }
    }
}

/// Returns a job that sends the messages that `take` returns when the job runs.
pub fn batch(take: impl FnOnce() -> Vec<QueuedMessage> + Send + 'static) -> Job {
    Box::new(move |tx| {
        Box::pin(async move {
            let queued = take().into_iter().map(|queued| (queued.submission, queued.result_sender));
            let (submissions, result_senders): (Vec<_>, Vec<_>) = queued.unzip();
            let sent = send_all(tx, &submissions).await;
            let may_commit = sent.is_ok();
            let finish = move |committed: Result<(), ApiError>| {
                let results = committed.and(sent);
                for (index, result_sender) in result_senders.into_iter().enumerate() {
                    let result = match &results {
                        Ok(results) => results[index].clone(),
                        Err(error) => Err(error.clone()),
                    };
                    // The caller may have disconnected; the commit is valid anyway.
                    let _ = result_sender.send(result);
                }
            };
            (may_commit, Box::new(finish) as _)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, Millis, Op, OpId, UserId};
    use uuid::Uuid;

    fn queued() -> (QueuedMessage, oneshot::Receiver<Result<OpDone, ApiError>>) {
        let (result_sender, result) = oneshot::channel();
        let id = Uuid::nil();
        let (conversation_id, action) = (ConversationId(id), Action::send("hello"));
        let op = Op { id: OpId(id), conversation_id, action };
        let submission = Submission { caller: UserId(id), op, epoch: None, now: Millis(0) };
        (QueuedMessage { submission, result_sender }, result)
    }

    /// The writer drops its jobs when it cannot begin a transaction.
    #[test]
    fn dropping_a_job_fails_its_messages_and_the_next_message_creates_a_new_job() {
        let queue = OpQueue::default();
        let ((first, first_result), (second, second_result), (third, _)) =
            (queued(), queued(), queued());
        let job = queue.push(first).unwrap();
        assert!(job.is_some());
        assert!(queue.push(second).unwrap().is_none());
        drop(job);
        for mut result in [first_result, second_result] {
            assert!(matches!(result.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
        assert!(queue.push(third).unwrap().is_some());
    }
}
