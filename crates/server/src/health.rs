//! Whether a server is ready, and whether its writer is stuck.

use crate::db::Db;
use crate::hub::Hub;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long the database may take to respond.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long a result is cached, because anybody may request it.
const CACHE_TIME: Duration = Duration::from_secs(1);
/// The time between two checks of the writer.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Why a server is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unready {
    /// The server is shutting down.
    Ending,
    /// The database does not respond, or not in time.
    Database,
    /// A newer server changed the database's tables.
    Schema,
    /// The server is not connected to the other servers on the database.
    Bus,
}

/// Whether a server is ready, as of the last check.
#[derive(Default)]
pub struct Health {
    last: Mutex<Option<(Instant, Option<Unready>)>>,
}

impl Health {
    /// Returns why the server is not ready; `None` if it is. Checks at most once per second.
    pub async fn unready(&self, db: &Db, hub: &Hub) -> Option<Unready> {
        let mut last = self.last.lock().await;
        if let Some((at, unready)) = *last
            && at.elapsed() < CACHE_TIME
        {
            return unready;
        }
        let unready = examine(db, hub).await;
        let previous = last.and_then(|(_, unready)| unready);
        if unready != previous {
            match unready {
                Some(reason) => tracing::warn!(?reason, "the server is not ready"),
                None => tracing::info!("the server is ready again"),
            }
        }
        *last = Some((Instant::now(), unready));
        unready
    }
}

async fn examine(db: &Db, hub: &Hub) -> Option<Unready> {
    let database = async { (db.is_writer_responsive().await, db.schema().await) };
    match timeout(TIMEOUT, database).await {
        Err(_) | Ok((false, _) | (_, Err(_))) => Some(Unready::Database),
        Ok((_, Ok((found, known)))) if found != known => Some(Unready::Schema),
        Ok(_) if !hub.is_bus_connected() => Some(Unready::Bus),
        Ok(_) => None,
    }
}

/// Updates `responsive_at` each time that the writer responds; never returns.
pub async fn watch_writer(db: &Db, responsive_at: &watch::Sender<Instant>) {
    let mut ticks = interval(CHECK_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if db.is_writer_responsive().await {
            responsive_at.send_replace(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseAddress, job};
    use crate::error::ApiError;
    use std::sync::Arc;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn a_stuck_writer_is_not_responsive_until_it_resumes() {
        let dir = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::in_folder(dir.path());
        let (db, _ended) = Db::open(&address, Arc::new(|_| ())).await.unwrap();
        assert!(db.is_writer_responsive().await);
        let ((resume, resumed), (stuck, is_stuck)) =
            (std::sync::mpsc::channel(), oneshot::channel());
        let (result_sender, _answered) = oneshot::channel::<Result<(), ApiError>>();
        let blocking = job(
            move |_| {
                Box::pin(async move {
                    let _ = stuck.send(());
                    resumed.recv().map_err(|_| ApiError::retry())
                })
            },
            result_sender,
        );
        db.enqueue(blocking).map_err(|_| "full").unwrap();
        is_stuck.await.unwrap();
        let (responsive_at, mut receiver) = watch::channel(Instant::now());
        let mut probe = std::pin::pin!(db.is_writer_responsive());
        let mut watch_task = std::pin::pin!(watch_writer(&db, &responsive_at));
        // Both have sent a probe once they were polled.
        tokio::select! {
            biased;
            () = &mut watch_task => unreachable!("it never ends"),
            _ = receiver.changed() => panic!("it is stuck"),
            _ = &mut probe => panic!("it is stuck"),
            () = std::future::ready(()) => resume.send(()).unwrap(),
        }
        tokio::select! {
            () = &mut watch_task => unreachable!("it never ends"),
            changed = receiver.changed() => changed.unwrap(),
        }
        assert!(probe.await);
    }
}
