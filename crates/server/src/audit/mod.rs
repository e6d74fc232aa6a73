//! The audit log: a record for administrators of sign-ins and of changes to accounts.
//!
//! Each entry contains a hash over its content and the hash of the previous entry, so that nothing can be
//! changed, inserted or removed without changing every later hash. Somebody with write access to the database
//! can still recompute the whole chain; to detect that, note the newest hash elsewhere from time to time
//! (`parlour-server audit` prints it). Entries contain ids instead of names and networks instead of
//! addresses; they never contain a password, a token or a text.

mod chain;
mod event;
mod failures;
mod pending;

pub use chain::{FIRST_HASH, PAGE_SIZE, forget_old, hash, record};
pub use event::{Action, Event};
pub use failures::Failures;
pub use pending::Pending;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseAddress, Db};
    use crate::queries::audit;
    use parlour_protocol::Millis;
    use std::net::IpAddr;
    use std::sync::Arc;

    async fn run(db: &Db, sql: &'static str) {
        let done = db.write(move |tx| {
            Box::pin(async move {
                tx.execute(sql, &[]).await?;
                Ok(())
            })
        });
        done.await.unwrap();
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_with_the_next_events() {
        let dir = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::in_folder(dir.path());
        let (db, _ended) = Db::open(&address, Arc::new(|_| ())).await.unwrap();
        let (failures, pending, now) = (Failures::default(), Pending::default(), Millis(1));
        let from = IpAddr::from([192, 0, 2, 7]);
        failures.count(None, from);
        pending.add(Event::on_schedule(Action::BackedUp));
        run(&db, "ALTER TABLE audit RENAME TO missing").await;
        failures.write(&db, now).await.unwrap_err();
        pending.write(&db, now).await.unwrap_err();
        run(&db, "ALTER TABLE missing RENAME TO audit").await;
        failures.count(None, from);
        pending.add(Event::on_schedule(Action::KeyRenewed));
        for _ in 0..2 {
            failures.write(&db, now).await.unwrap();
            pending.write(&db, now).await.unwrap();
        }
        let entries = audit::after(&db.read().await.unwrap(), 0, PAGE_SIZE).await.unwrap();
        let entries: Vec<_> =
            entries.iter().map(|entry| (entry.action.as_str(), entry.details.as_str())).collect();
        assert_eq!(
            entries,
            [("sign_in_failed", "times=2"), ("backed_up", ""), ("key_renewed", "")]
        );
    }
}
