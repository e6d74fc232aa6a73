//! Messages that wait to be stored: those that come in while the writer is busy go together.

use crate::answers;
use crate::db::{Db, Job};
use crate::error::ApiError;
use crate::ops::Sending;
use parlour_protocol::OpDone;
use std::sync::{Arc, Mutex, PoisonError};
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
#[derive(Default)]
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
        self.push(db, Waiting { sending, epoch, answer })?;
        answered.await.map_err(|_| ApiError::overloaded())?
    }

    /// The first one that waits brings the job that takes all.
    fn push(&self, db: &Db, new: Waiting) -> Result<(), ApiError> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.is_empty() {
            let all = self.0.clone();
            db.enqueue(job(move || {
                std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner))
            }))?;
        }
        if waiting.len() >= WAITING {
            return Err(ApiError::overloaded());
        }
        waiting.push(new);
        Ok(())
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
