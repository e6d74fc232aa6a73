//! A lease, for work that only one of the servers on a PostgreSQL database does.

use super::error::DbError;
use super::postgres::connect;
use tokio_postgres::{Client, SimpleQueryMessage};

/// Acquires the lock. Its number is arbitrary but must never change.
const ACQUIRE: &str = "SELECT pg_try_advisory_lock(7205759403792795)::text";

/// The right to make backups, which one server on a PostgreSQL database has at a time. It ends with its
/// connection, and therefore with the server at the latest.
pub struct Lease(Client);

impl Lease {
    /// Acquires the lease, unless another server has it.
    ///
    /// # Errors
    /// Fails if there is no connection to PostgreSQL.
    pub async fn acquire(url: &str) -> Result<Option<Self>, DbError> {
        let (client, running) = connect(url).await?;
        tokio::spawn(running);
        Ok(try_lock(&client, ACQUIRE).await?.then_some(Self(client)))
    }

    /// Returns whether this server still has the lease.
    pub async fn is_held(&self) -> bool {
        self.0.simple_query("SELECT 1").await.is_ok()
    }
}

/// Runs a statement that tries to acquire a lock of the session; returns whether it did.
pub(super) async fn try_lock(client: &Client, sql: &str) -> Result<bool, DbError> {
    let messages = client.simple_query(sql).await?;
    Ok(messages.iter().any(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0) == Some("true"),
        _ => false,
    }))
}
