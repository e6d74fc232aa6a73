//! Hashing and checking passwords. Both are slow on purpose, so only a few run at a time, off the async threads.

use super::password_rules::{check_password, forms};
use crate::error::ApiError;
use crate::limits::{FairSemaphore, Requester};

/// The number of passwords hashed or checked at the same time; each takes a core for about a quarter second.
const MAX_CONCURRENT: usize = 2;
/// The number of characters after the cost in a bcrypt hash.
const SALT_AND_HASH_LENGTH: usize = 53;

/// Hashes and checks passwords off the async threads, a few at a time.
pub struct Passwords {
    cost: u32,
    semaphore: FairSemaphore,
    /// A hash that is checked when the user is unknown, so that this takes as long as checking a wrong password.
    placeholder_hash: String,
}

impl Passwords {
    /// Creates a hasher with a bcrypt cost of 4 to 31; each step doubles the time.
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            semaphore: FairSemaphore::new(MAX_CONCURRENT),
            placeholder_hash: placeholder_hash(cost),
        }
    }

    /// Returns a bcrypt hash of a password that passes [`check_password`], in the normal form that it returns.
    ///
    /// # Errors
    /// Fails if the password does not pass, or if too many requests are waiting.
    pub async fn hash(&self, requester: Requester, password: String) -> Result<String, ApiError> {
        let password = check_password(&password)?;
        let cost = self.cost;
        self.run(requester, move || bcrypt::hash(password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "bcrypt failed");
            ApiError::internal()
        })
    }

    /// Returns whether `password` matches `hash`, either in its normal form or as it was typed, for hashes
    /// made by an earlier version or another program. How long that takes depends only on what was typed:
    /// without a hash it takes as long and returns false.
    ///
    /// # Errors
    /// Fails if too many requests are waiting.
    pub async fn verify(
        &self,
        requester: Requester,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let usable = hash.filter(|hash| hash.starts_with("$2"));
        let is_known = usable.is_some();
        let hash = usable.unwrap_or_else(|| self.placeholder_hash.clone());
        let matches = self.run(requester, move || {
            let forms = forms(&password);
            // Every form is checked, even after one has matched, so that the time does not reveal which one it was.
            let found = forms.iter().filter(|form| bcrypt::verify(form, &hash).unwrap_or(false));
            let matches = found.count() > 0;
            if forms.is_empty() {
                let _ = bcrypt::verify("", &hash);
            }
            matches
        });
        Ok(matches.await? && is_known)
    }

    /// Runs `work` with a permit, which is held until the work is finished, even if this future is dropped.
    async fn run<T: Send + 'static>(
        &self,
        requester: Requester,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let permit = self.semaphore.acquire(requester).await?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            drop(permit);
            result
        });
        task.await.map_err(|_| ApiError::retry())
    }
}

/// Returns text in the format of a hash with this cost: checking a password against it takes as long as against a hash.
/// To hash a password for it would delay each start, and each command without a server, by a quarter second.
fn placeholder_hash(cost: u32) -> String {
    // Without a salt: whether a password matches makes no difference.
    format!("$2b${cost:02}${}", ".".repeat(SALT_AND_HASH_LENGTH))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bcrypt::HashParts;
    use std::time::Duration;

    #[test]
    fn checking_the_placeholder_costs_as_much_as_checking_a_hash() {
        for cost in 4..=31 {
            let parts: HashParts = placeholder_hash(cost).parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
        let hash = bcrypt::hash("hunter2", 4).unwrap();
        assert_eq!(placeholder_hash(4).len(), hash.len());
        assert!(!bcrypt::verify("hunter2", &placeholder_hash(4)).unwrap());
    }

    #[tokio::test]
    async fn a_cancelled_request_does_not_release_the_permit_of_work_that_still_runs() {
        let passwords = Passwords::new(4);
        let (resume, blocked) = std::sync::mpsc::channel::<()>();
        let working = passwords.run(Requester::command_line(), move || blocked.recv());
        let timed_out = tokio::time::timeout(Duration::ZERO, working).await;
        assert!(timed_out.is_err());
        assert_eq!(passwords.semaphore.available(), MAX_CONCURRENT - 1);
        resume.send(()).unwrap();
        while passwords.semaphore.available() < MAX_CONCURRENT {
            tokio::task::yield_now().await;
        }
    }
}
