//! Failed sign-ins: they are counted, and written to the audit log as a few entries at a time.

use super::chain::record;
use super::event::{Action, Event, network};
use crate::db::Db;
use crate::error::ApiError;
use crate::lock::lock;
use parlour_protocol::{Millis, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;

/// The number of origins (accounts and networks) counted separately; failures of further ones are counted
/// together.
const MAX_ORIGINS: usize = 1000;
/// The largest number of origins that get an entry of their own at a time, so that nobody can fill the disk by
/// failing to sign in.
const MAX_ENTRIES: usize = 20;

/// The failed sign-ins that are not written yet.
#[derive(Default)]
pub struct Failures(Mutex<Counts>);

/// The account that was tried, if it exists, and the network that the attempt came from.
type Origin = (Option<UserId>, String);

#[derive(Default)]
struct Counts {
    by_origin: HashMap<Origin, u64>,
    others: u64,
}

impl Counts {
    fn add(&mut self, origin: Origin, times: u64) {
        if self.by_origin.len() >= MAX_ORIGINS && !self.by_origin.contains_key(&origin) {
            self.others += times;
        } else {
            *self.by_origin.entry(origin).or_default() += times;
        }
    }

    /// Returns the origins with the most failures, and the number of all other failures.
    fn entries(&self) -> (Vec<(Origin, u64)>, u64) {
        let mut by_origin: Vec<_> =
            self.by_origin.iter().map(|(origin, times)| (origin.clone(), *times)).collect();
        by_origin
            .sort_by(|(a, a_times), (b, b_times)| b_times.cmp(a_times).then_with(|| a.1.cmp(&b.1)));
        let rest = by_origin.split_off(by_origin.len().min(MAX_ENTRIES));
        (by_origin, self.others + rest.into_iter().map(|(_, times)| times).sum::<u64>())
    }
}

impl Failures {
    /// Counts one failure: the account, if it exists, and the address. The typed name and password are not stored.
    pub fn count(&self, user: Option<UserId>, address: IpAddr) {
        lock(&self.0).add((user, network(address)), 1);
    }

    fn take(&self) -> Counts {
        std::mem::take(&mut *lock(&self.0))
    }

    /// Adds counts that were taken to those since.
    fn put_back(&self, counts: Counts) {
        let mut current = lock(&self.0);
        current.others += counts.others;
        for (origin, times) in counts.by_origin {
            current.add(origin, times);
        }
    }

    /// Writes the counts to the audit log, as a few entries at most.
    ///
    /// # Errors
    /// Fails if the database does; the counts are then part of the next write.
    pub async fn write(&self, db: &Db, now: Millis) -> Result<(), ApiError> {
        let counts = self.take();
        let (by_origin, others) = counts.entries();
        if by_origin.is_empty() {
            return Ok(());
        }
        let written = db.write(move |tx| {
            Box::pin(async move {
                for ((user, network), times) in by_origin {
                    let details = format!("times={times}");
                    let (action, subject) = (Action::SignInFailed, user.map(|user| user.0));
                    let event = Event { action, actor: None, subject, network, details };
                    record(tx, event, now).await?;
                }
                if others > 0 {
                    let (action, details) = (Action::SignInFailed, format!("times={others}"));
                    let network = "other".to_owned();
                    let event = Event { action, actor: None, subject: None, network, details };
                    record(tx, event, now).await?;
                }
                Ok(())
            })
        });
        let written = written.await;
        if written.is_err() {
            self.put_back(counts);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn failures_from_many_origins_are_written_as_few_entries_without_losing_any() {
        let failures = Failures::default();
        for n in 0..5000_u32 {
            failures.count(None, IpAddr::from((n << 8).to_be_bytes()));
        }
        for _ in 0..7 {
            failures.count(Some(UserId(Uuid::nil())), IpAddr::from([0, 0, 0, 9]));
        }
        let counts = failures.take();
        let (by_origin, others) = counts.entries();
        assert_eq!(by_origin.len(), MAX_ENTRIES);
        assert_eq!(by_origin.iter().map(|(_, times)| times).sum::<u64>() + others, 5007);
        assert!(failures.take().by_origin.is_empty());
        // Nor are any lost if they are put back while there are new ones.
        failures.count(None, IpAddr::from([203, 0, 113, 1]));
        failures.put_back(counts);
        let counts = failures.take();
        assert_eq!(counts.by_origin.len(), MAX_ORIGINS);
        assert_eq!(counts.by_origin.values().sum::<u64>() + counts.others, 5008);
    }
}
