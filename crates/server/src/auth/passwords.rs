//! Hashing and checking passwords. Both are slow on purpose, so only a few run at a time, off the async threads.

use super::password_rules::{check_password, forms};
use crate::error::ApiError;
use crate::tokens::new_token;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The number of passwords hashed or checked at the same time; each takes a core for about a quarter second.
const HASHING: usize = 2;
/// The largest number of requests that wait to be hashed or are being hashed.
const HASHING_WAITING: usize = 64;
/// How many of `HASHING_WAITING` are reserved for users who are signed in, or who have signed in from the same
/// network before.
const HASHING_RESERVED: usize = 16;

/// Hashes and checks passwords off the async threads, a few at a time.
pub struct Passwords {
    cost: u32,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// A hash that is checked when the user is unknown, so that this takes as long as checking a wrong password.
    placeholder_hash: String,
}

impl Passwords {
    /// Creates it with a bcrypt cost of 4 to 31; each step doubles the time.
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            permits: Arc::new(Semaphore::new(HASHING)),
            waiting: Arc::new(Semaphore::new(HASHING_WAITING)),
            placeholder_hash: bcrypt::hash(new_token(), cost)
                .expect("the cost is in bcrypt's range"),
        }
    }

    /// Returns a bcrypt hash of a password that passes [`check_password`], in the normal form that it returns.
    pub async fn hash(&self, password: String) -> Result<String, ApiError> {
        let password = check_password(&password)?;
        let cost = self.cost;
        self.run(HASHING_RESERVED, move || bcrypt::hash(password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "bcrypt failed");
            ApiError::internal()
        })
    }

    /// Returns whether `password` matches `hash`, either in its normal form or as it was typed, for hashes
    /// made by an earlier version or another program. How long that takes depends only on what was typed:
    /// without a hash it takes as long and returns false.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, ApiError> {
        self.compare(0, password, hash).await
    }

    /// Does the same as [`verify`](Self::verify) for strangers, who cannot take the places reserved for known
    /// users.
    pub async fn verify_stranger(
        &self,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        self.compare(HASHING_RESERVED, password, hash).await
    }

    async fn compare(
        &self,
        reserved: usize,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let usable = hash.filter(|hash| hash.starts_with("$2"));
        let is_known = usable.is_some();
        let hash = usable.unwrap_or_else(|| self.placeholder_hash.clone());
        let matches = self.run(reserved, move || {
            let forms = forms(&password);
            // Every form is checked, even after one has matched, so that the time does not tell which one it was.
            let found = forms.iter().filter(|form| bcrypt::verify(form, &hash).unwrap_or(false));
            let matches = found.count() > 0;
            if forms.is_empty() {
                let _ = bcrypt::verify("", &hash);
            }
            matches
        });
        Ok(matches.await? && is_known)
    }

    /// Runs `work` when it is its turn, unless no more than `reserved` places are free, which are reserved
    /// for others. Its turn lasts as long as the work does, even if the caller no longer waits for it.
    async fn run<T: Send + 'static>(
        &self,
        reserved: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        if self.waiting.available_permits() <= reserved {
            return Err(ApiError::overloaded());
        }
        let overloaded = |_| ApiError::overloaded();
        let waiting = self.waiting.clone().try_acquire_owned().map_err(overloaded)?;
        let turn = self.permits.clone().acquire_owned().await;
        let turn = turn.map_err(|_| ApiError::overloaded())?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((turn, waiting));
            done
        });
        worked.await.map_err(|_| ApiError::retry())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::ErrorCode;
    use std::time::Duration;

    #[tokio::test]
    async fn strangers_leave_places_to_who_was_here_before() {
        let passwords = Passwords::new(4);
        let all = u32::try_from(HASHING_WAITING - HASHING_RESERVED).unwrap();
        let strangers = passwords.waiting.acquire_many(all).await.unwrap();
        let refused = passwords.verify_stranger("correct horse".into(), None).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Overloaded);
        assert!(!passwords.verify("correct horse".into(), None).await.unwrap());
        drop(strangers);
        assert!(!passwords.verify_stranger("correct horse".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn who_hangs_up_does_not_give_back_the_turn_of_work_that_goes_on() {
        let passwords = Passwords::new(4);
        let (go_on, held) = std::sync::mpsc::channel::<()>();
        let working = passwords.run(0, move || held.recv());
        let hung_up = tokio::time::timeout(Duration::ZERO, working).await;
        assert!(hung_up.is_err());
        assert_eq!(passwords.permits.available_permits(), HASHING - 1);
        go_on.send(()).unwrap();
        let all = passwords.permits.acquire_many(u32::try_from(HASHING).unwrap()).await;
        assert!(all.is_ok());
    }
}
