//! Whether a server can do its work.

use crate::db::Db;
use crate::hub::Hub;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an answer is given again: anybody may ask.
const GOOD_FOR: Duration = Duration::from_secs(1);

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
        let unready = look(db, hub).await;
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

async fn look(db: &Db, hub: &Hub) -> Option<Unready> {
    let database = async { (db.writer_answers().await, db.schema().await) };
    match timeout(PATIENCE, database).await {
        Err(_) | Ok((false, _) | (_, Err(_))) => Some(Unready::Database),
        Ok((_, Ok((found, known)))) if found != known => Some(Unready::Schema),
        Ok(_) if !hub.is_on_the_bus() => Some(Unready::Bus),
        Ok(_) => None,
    }
}
