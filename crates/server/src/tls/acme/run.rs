//! Obtains the first certificate and renews it. If that fails, the existing certificate stays in use, and
//! the next attempt follows after a growing pause.

use super::challenges::Challenges;
use super::error::AcmeError;
use super::files;
use super::order::obtain;
use super::progress::{Failure, Progress};
use super::settings::Acme;
use rand::RngExt;
use rustls::crypto::CryptoProvider;
use std::time::{Duration, SystemTime};
use tokio::time::{sleep, timeout};

/// The longest time of one attempt.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// The longest pause between two attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(6 * 3600);
/// The longest time between two checks whether renewal is due. The computer may sleep, and its clock may be
/// changed.
const CHECK_INTERVAL: Duration = Duration::from_secs(3600);

/// Obtains a new certificate whenever one is due, and calls `on_renewed` afterwards.
pub async fn run(
    acme: &Acme,
    challenges: &Challenges,
    provider: &CryptoProvider,
    progress: &Progress,
    on_renewed: impl Fn(),
) {
    let mut failures = 0;
    loop {
        let time_to_renewal = time_to_renewal(acme, provider);
        let wait = if time_to_renewal.is_zero() {
            match timeout(ATTEMPT_TIMEOUT, obtain(acme, challenges, provider)).await {
                Ok(Ok(())) => {
                    failures = 0;
                    progress.set_failure(None);
                    on_renewed();
                    continue;
                }
                Ok(Err(error)) => handle_failure(&error, acme, &mut failures, progress),
                Err(_) => handle_failure(&AcmeError::TimedOut, acme, &mut failures, progress),
            }
        } else {
            time_to_renewal.min(CHECK_INTERVAL)
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = progress.retry_requested() => {}
        }
    }
}

/// Returns the time until renewal is due.
fn time_to_renewal(acme: &Acme, provider: &CryptoProvider) -> Duration {
    let due = files::renewal_time(acme, provider);
    due.and_then(|due| due.duration_since(SystemTime::now()).ok()).unwrap_or_default()
}

/// Logs and stores a failure, and returns the pause until the next attempt.
fn handle_failure(
    error: &AcmeError,
    acme: &Acme,
    failures: &mut u32,
    progress: &Progress,
) -> Duration {
    let delay =
        retry_delay(acme.first_retry_delay, *failures).mul_f64(rand::rng().random_range(1.0..1.25));
    *failures += 1;
    let reason = error.one_line();
    let domains = acme.domains.join(", ");
    tracing::error!(reason, domains, next_try = ?delay, "cannot obtain a certificate by ACME");
    progress.set_failure(Some(Failure { reason, retry_at: SystemTime::now() + delay }));
    delay
}

/// Returns the pause after `failures` earlier failures.
fn retry_delay(first: Duration, failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures)).min(MAX_RETRY_DELAY)
}

#[cfg(test)]
mod tests {
    use super::super::settings::FIRST_RETRY_DELAY;
    use super::*;

    #[test]
    fn retry_delays_grow_to_six_hours_with_five_attempts_in_the_first_hour() {
        let delays: Vec<Duration> =
            (0..60).map(|failures| retry_delay(FIRST_RETRY_DELAY, failures)).collect();
        assert!(delays.is_sorted());
        assert_eq!(delays.last(), Some(&MAX_RETRY_DELAY));
        let mut since = Duration::ZERO;
        let attempts = delays.iter().take_while(|delay| {
            since += **delay;
            since < Duration::from_secs(3600)
        });
        assert_eq!(1 + attempts.count(), 5);
    }
}
