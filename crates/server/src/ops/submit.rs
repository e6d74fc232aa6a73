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

/// The largest number of messages that wait; further ones are refused and have to be retried later.
const WAITING: usize = 4096;

/// A message to send, and the channel on which its caller waits for the result.
pub struct Waiting {
    /// An op whose action is `Send`.
    pub submission: Submission,
    /// The channel to which the result is sent.
    pub answer: oneshot::Sender<Result<OpDone, ApiError>>,
}

/// The queue between requests and the writer, with the messages that wait.
#[derive(Default, Clone)]
pub struct OpQueue(Arc<Mutex<Vec<Waiting>>>);

impl OpQueue {
    /// Does an op exactly once, however often it is submitted, and returns the result after the commit.
    ///
    /// # Errors
    /// Fails if the op is refused, or with a request to retry if too many messages wait or nothing could be
    /// stored.
    pub async fn submit(&self, db: &Db, submission: Submission) -> Result<OpDone, ApiError> {
        let Action::Send { .. } = submission.op.action else {
            return db.write(move |tx| Box::pin(async move { apply(tx, &submission).await })).await;
        };
        let (answer, answered) = oneshot::channel();
        if let Some(job) = self.push(Waiting { submission, answer })? {
            db.enqueue(job)?;
        }
        answered.await.map_err(|_| ApiError::retry())?
    }

    /// Adds a message to the queue. For the first one in the queue, returns the job that will take all of them.
    fn push(&self, new: Waiting) -> Result<Option<Job>, ApiError> {
        let mut waiting = lock(&self.0);
        if waiting.len() >= WAITING {
            return Err(ApiError::overloaded());
        }
        waiting.push(new);
        let taking = (waiting.len() == 1).then(|| Taking(Some(self.clone())));
        Ok(taking.map(|taking| batch(|| taking.take())))
    }
}

/// Takes all messages that wait. If its job is dropped without being run, the messages are dropped too,
/// because no further one would bring another job.
struct Taking(Option<OpQueue>);

impl Taking {
    fn take(mut self) -> Vec<Waiting> {
        self.0.take().map(|queue| std::mem::take(&mut *lock(&queue.0))).unwrap_or_default()
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            lock(&queue.0).clear();
        }
    }
}

/// Returns a job that sends the messages that `take` returns when it is the job's turn.
pub fn batch(take: impl FnOnce() -> Vec<Waiting> + Send + 'static) -> Job {
    Box::new(move |tx| {
        Box::pin(async move {
            let waiting = take().into_iter().map(|one| (one.submission, one.answer));
            let (submissions, answers): (Vec<_>, Vec<_>) = waiting.unzip();
            let sent = send_all(tx, &submissions).await;
            let keep = sent.is_ok();
            let finish = move |committed: Result<(), ApiError>| {
                let all = committed.and(sent);
                for (at, answer) in answers.into_iter().enumerate() {
                    let one = all.as_ref().map_err(Clone::clone).and_then(|all| all[at].clone());
                    // The caller may be gone; what was committed stays.
                    let _ = answer.send(one);
                }
            };
            (keep, Box::new(finish) as _)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, Millis, Op, OpId, UserId};
    use uuid::Uuid;

    fn waiting() -> (Waiting, oneshot::Receiver<Result<OpDone, ApiError>>) {
        let (answer, answered) = oneshot::channel();
        let id = Uuid::nil();
        let (conversation_id, action) = (ConversationId(id), Action::send("hello"));
        let op = Op { id: OpId(id), conversation_id, action };
        let submission = Submission { caller: UserId(id), op, epoch: None, now: Millis(0) };
        (Waiting { submission, answer }, answered)
    }

    /// The writer drops its jobs when it cannot begin a transaction.
    #[test]
    fn a_job_that_is_never_run_lets_those_go_who_wait_and_the_next_one_brings_another() {
        let queue = OpQueue::default();
        let ((one, first), (two, second), (three, _)) = (waiting(), waiting(), waiting());
        let job = queue.push(one).unwrap();
        assert!(job.is_some());
        assert!(queue.push(two).unwrap().is_none());
        drop(job);
        for mut answered in [first, second] {
            assert!(matches!(answered.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
        assert!(queue.push(three).unwrap().is_some());
    }
}
