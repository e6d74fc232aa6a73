//! Messages that wait to be stored: those that come in while the writer is busy go together.

use crate::answers;
use crate::db::{Db, Job};
use crate::error::ApiError;
use crate::ops::Sending;
use parlour_protocol::OpDone;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Most messages that wait; further ones are told to come back.
const WAITING: usize = 4096;

/// A message, in which state of the server it was meant, and who waits for its answer.
pub struct Waiting {
    /// What is sent.
    pub sending: Sending,
    /// Refused in any other; nothing for whichever.
    pub epoch: Option<String>,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Result<OpDone, ApiError>>,
}

/// The messages that wait.
#[derive(Default, Clone)]
pub struct Sends(Arc<Mutex<Vec<Waiting>>>);

impl Sends {
    /// Sends a message, and answers once it is committed.
    ///
    /// # Errors
    /// Why it cannot be sent; "try again" where too much waits or nothing could be stored.
    pub async fn send(
        &self,
        db: &Db,
        sending: Sending,
        epoch: Option<String>,
    ) -> Result<OpDone, ApiError> {
        let (answer, answered) = oneshot::channel();
        if let Some(job) = self.push(Waiting { sending, epoch, answer })? {
            db.enqueue(job)?;
        }
        answered.await.map_err(|_| ApiError::retry())?
    }

    /// The first one that waits brings the job that takes all.
    fn push(&self, new: Waiting) -> Result<Option<Job>, ApiError> {
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING {
            return Err(ApiError::overloaded());
        }
        waiting.push(new);
        let taking = (waiting.len() == 1).then(|| Taking(Some(self.clone())));
        Ok(taking.map(|taking| job(|| taking.take())))
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes all that wait. A job that is never run lets them go, or nobody would bring another one.
struct Taking(Option<Sends>);

impl Taking {
    fn take(mut self) -> Vec<Waiting> {
        self.0.take().map(|sends| std::mem::take(&mut *sends.waiting())).unwrap_or_default()
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        if let Some(sends) = self.0.take() {
            sends.waiting().clear();
        }
    }
}

/// Stores what `take` answers when it is this job's turn.
pub fn job(take: impl FnOnce() -> Vec<Waiting> + Send + 'static) -> Job {
    Box::new(move |tx| {
        Box::pin(async move {
            let (mut sending, mut answers) = (Vec::new(), Vec::new());
            for Waiting { sending: what, epoch, answer } in take() {
                sending.push((what, epoch));
                answers.push(answer);
            }
            let sent = answers::sends(tx, sending).await;
            let keep = sent.is_ok();
            let finish = move |committed: Result<(), ApiError>| {
                let all = committed.and(sent);
                for (at, answer) in answers.into_iter().enumerate() {
                    let one = all.as_ref().map_err(Clone::clone).and_then(|all| all[at].clone());
                    // Who asked may have gone away; what was committed stays.
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
    use parlour_protocol::{Action, ConversationId, Millis, Op, OpId, UserId};
    use uuid::Uuid;

    fn waiting() -> (Waiting, oneshot::Receiver<Result<OpDone, ApiError>>) {
        let (answer, answered) = oneshot::channel();
        let id = Uuid::nil();
        let (conversation_id, action) = (ConversationId(id), Action::send("hello"));
        let op = Op { id: OpId(id), conversation_id, action };
        let sending = Sending { caller: UserId(id), op, now: Millis(0) };
        (Waiting { sending, epoch: None, answer }, answered)
    }

    /// The writer drops its jobs where it cannot begin.
    #[test]
    fn a_job_that_is_never_run_lets_those_go_who_wait_and_the_next_one_brings_another() {
        let sends = Sends::default();
        let ((one, first), (two, second), (three, _)) = (waiting(), waiting(), waiting());
        let job = sends.push(one).unwrap();
        assert!(job.is_some());
        assert!(sends.push(two).unwrap().is_none());
        drop(job);
        for mut answered in [first, second] {
            assert!(matches!(answered.try_recv(), Err(oneshot::error::TryRecvError::Closed)));
        }
        assert!(sends.push(three).unwrap().is_some());
    }
}
