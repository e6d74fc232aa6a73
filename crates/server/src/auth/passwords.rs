//! Hashing and checking passwords. Both are slow on purpose, so only a few run at a time, off the async threads.

use super::password_rules::{check_password, forms};
use crate::error::ApiError;
use crate::limits::{Asker, Turns};
use crate::tokens::new_token;

/// The number of passwords hashed or checked at the same time; each takes a core for about a quarter second.
const HASHING: usize = 2;

/// Hashes and checks passwords off the async threads, a few at a time.
pub struct Passwords {
    cost: u32,
    turns: Turns,
    /// A hash that is checked when the user is unknown, so that this takes as long as checking a wrong password.
    placeholder_hash: String,
}

impl Passwords {
    /// Creates it with a bcrypt cost of 4 to 31; each step doubles the time.
    pub fn new(cost: u32) -> Self {
        Self {
            cost,
            turns: Turns::new(HASHING),
            placeholder_hash: bcrypt::hash(new_token(), cost)
                .expect("the cost is in bcrypt's range"),
        }
    }

    /// Returns a bcrypt hash of a password that passes [`check_password`], in the normal form that it returns.
    ///
    /// # Errors
    /// Fails if the password does not pass, or if too many wait for their turn.
    pub async fn hash(&self, asker: Asker, password: String) -> Result<String, ApiError> {
        let password = check_password(&password)?;
        let cost = self.cost;
        self.run(asker, move || bcrypt::hash(password, cost)).await?.map_err(|error| {
            tracing::error!(%error, "bcrypt failed");
            ApiError::internal()
        })
    }

    /// Returns whether `password` matches `hash`, either in its normal form or as it was typed, for hashes
    /// made by an earlier version or another program. How long that takes depends only on what was typed:
    /// without a hash it takes as long and returns false.
    ///
    /// # Errors
    /// Fails if too many wait for their turn.
    pub async fn verify(
        &self,
        asker: Asker,
        password: String,
        hash: Option<String>,
    ) -> Result<bool, ApiError> {
        let usable = hash.filter(|hash| hash.starts_with("$2"));
        let is_known = usable.is_some();
        let hash = usable.unwrap_or_else(|| self.placeholder_hash.clone());
        let matches = self.run(asker, move || {
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

    /// Runs `work` when it is its turn, which lasts as long as the work does, even if the caller no longer waits
    /// for it.
    async fn run<T: Send + 'static>(
        &self,
        asker: Asker,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = self.turns.take(asker).await?;
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        worked.await.map_err(|_| ApiError::retry())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn who_hangs_up_does_not_give_back_the_turn_of_work_that_goes_on() {
        let passwords = Passwords::new(4);
        let (go_on, held) = std::sync::mpsc::channel::<()>();
        let working = passwords.run(Asker::command_line(), move || held.recv());
        let hung_up = tokio::time::timeout(Duration::ZERO, working).await;
        assert!(hung_up.is_err());
        assert_eq!(passwords.turns.free(), HASHING - 1);
        go_on.send(()).unwrap();
        while passwords.turns.free() < HASHING {
            tokio::task::yield_now().await;
        }
    }
}
