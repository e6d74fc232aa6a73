//! Delays attempts after wrong passphrases.

use crate::account_id::AccountId;
use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Number of wrong attempts before the next one has to wait.
const FREE_ATTEMPTS: u32 = 3;
/// The longest delay of an attempt.
const MAX_BACKOFF: Duration = Duration::from_secs(300);

/// The wrong passphrases of this run, per account.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<BTreeMap<AccountId, (u32, Instant)>>);

impl Attempts {
    /// Checks whether another passphrase may be tried now.
    ///
    /// # Errors
    /// Fails with [`Error::TooManyAttempts`] if it is too early.
    pub fn check(&self, id: &AccountId) -> Result<()> {
        let attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((count, last)) = attempts.get(id) else { return Ok(()) };
        let wait = backoff_after(*count).saturating_sub(last.elapsed());
        if wait.is_zero() { Ok(()) } else { Err(Error::TooManyAttempts(wait)) }
    }

    /// Records the result of an attempt: a correct one resets the count of wrong ones.
    pub fn record(&self, id: &AccountId, is_correct: bool) {
        let mut attempts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_correct {
            attempts.remove(id);
        } else {
            let count = attempts.get(id).map_or(0, |(count, _)| *count);
            attempts.insert(id.clone(), (count + 1, Instant::now()));
        }
    }
}

/// Returns how long the next attempt must wait: three are free, then the delay doubles from one
/// second.
fn backoff_after(wrong: u32) -> Duration {
    let doubled = wrong.checked_sub(FREE_ATTEMPTS).map(|excess| 1_u64 << excess.min(16));
    Duration::from_secs(doubled.unwrap_or(0)).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_attempts_are_free_and_then_the_delay_doubles_up_to_a_limit() {
        let waits: Vec<u64> = (0..7).map(|wrong| backoff_after(wrong).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8]);
        assert_eq!(backoff_after(1000), MAX_BACKOFF);
    }
}
