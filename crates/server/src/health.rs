//! Whether a server can do its work, and whether its writer is stuck.

use crate::db::Db;
use crate::hub::Hub;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How long the database may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer is given again: anybody may ask.
const GOOD_FOR: Duration = Duration::from_secs(1);
/// Between two looks at the writer.
const CHECK_INTERVAL: Duration = Duration::from_secs(5);

/// Why a server cannot do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unready {
    /// It is ending.
    Ending,
    /// The database does not answer, or not in time.
    Database,
    /// A newer server changed the database's tables.
    Schema,
    /// The other servers on the database are not heard.
    Bus,
}

/// Whether a server can do its work, as it was last looked at.
#[derive(Default)]
pub struct Health {
    last: Mutex<Option<(Instant, Option<Unready>)>>,
}

impl Health {
    /// Why the server cannot do its work; nothing if it can. It looks once a second, however often it is asked.
    pub async fn unready(&self, db: &Db, hub: &Hub) -> Option<Unready> {
        let mut last = self.last.lock().await;
        if let Some((at, unready)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return unready;
        }
        let unready = examine(db, hub).await;
        let was = last.and_then(|(_, unready)| unready);
        if unready != was {
            match unready {
                Some(why) => tracing::warn!(?why, "the server is not ready"),
                None => tracing::info!("the server is ready again"),
            }
        }
        *last = Some((Instant::now(), unready));
        unready
    }
}

async fn examine(db: &Db, hub: &Hub) -> Option<Unready> {
    let database = async { (db.writer_answers().await, db.schema().await) };
    match timeout(TIMEOUT, database).await {
        Err(_) | Ok((false, _) | (_, Err(_))) => Some(Unready::Database),
        Ok((_, Ok((found, known)))) if found != known => Some(Unready::Schema),
        Ok(_) if !hub.is_bus_connected() => Some(Unready::Bus),
        Ok(_) => None,
    }
}

/// Tells each time that the writer has answered, and nothing while it is stuck.
pub async fn watch_writer(db: &Db, answered: &watch::Sender<Instant>) {
    let mut ticks = interval(CHECK_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if db.writer_answers().await {
            answered.send_replace(Instant::now());
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
    async fn a_writer_that_is_stuck_does_not_answer_until_it_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let address = DatabaseAddress::in_folder(dir.path());
        let (db, _ended) = Db::open(&address, Arc::new(|_| ())).await.unwrap();
        assert!(db.writer_answers().await);
        let ((go_on, told), (stuck, is_stuck)) = (std::sync::mpsc::channel(), oneshot::channel());
        let (answer, _answered) = oneshot::channel::<Result<(), ApiError>>();
        let blocking = job(
            move |_| {
                Box::pin(async move {
                    let _ = stuck.send(());
                    told.recv().map_err(|_| ApiError::retry())
                })
            },
            answer,
        );
        db.enqueue(blocking).map_err(|_| "full").unwrap();
        is_stuck.await.unwrap();
        let (answered, mut hears) = watch::channel(Instant::now());
        let mut asking = std::pin::pin!(db.writer_answers());
        let mut watching = std::pin::pin!(watch_writer(&db, &answered));
        // Both have asked once they were polled.
        tokio::select! {
            biased;
            () = &mut watching => unreachable!("it never ends"),
            _ = hears.changed() => panic!("it is stuck"),
            _ = &mut asking => panic!("it is stuck"),
            () = std::future::ready(()) => go_on.send(()).unwrap(),
        }
        tokio::select! {
            () = &mut watching => unreachable!("it never ends"),
            heard = hears.changed() => heard.unwrap(),
        }
        assert!(asking.await);
    }
}
