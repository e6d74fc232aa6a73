//! Keeps all servers on a PostgreSQL database from removing unused files while one of them makes a backup of files.

use super::error::DbError;
use super::lease::try_lock;
use super::postgres::connect;
use tokio_postgres::Client;

/// Acquire the lock. Its number is arbitrary but must never change.
const SHARE: &str = "SELECT pg_advisory_lock_shared(7205759403792796)";
const ACQUIRE: &str = "SELECT pg_try_advisory_lock(7205759403792796)::text";

/// The right to remove unused files, or to rely on the fact that nobody does. It ends with its connection, and so with
/// the server at the latest.
pub struct RemovalLock {
    _session: Client,
}

impl RemovalLock {
    /// Ensures that no server removes unused files. Waits until one that does is done.
    ///
    /// # Errors
    /// Fails if there is no connection to PostgreSQL.
    pub async fn share(url: &str) -> Result<Self, DbError> {
        let session = session(url).await?;
        session.simple_query(SHARE).await?;
        Ok(Self { _session: session })
    }

    /// Acquires the right to remove unused files, unless another server has it, or makes a backup of files.
    ///
    /// # Errors
    /// Fails if there is no connection to PostgreSQL.
    pub async fn try_acquire(url: &str) -> Result<Option<Self>, DbError> {
        let session = session(url).await?;
        Ok(try_lock(&session, ACQUIRE).await?.then_some(Self { _session: session }))
    }
}

async fn session(url: &str) -> Result<Client, DbError> {
    let (client, running) = connect(url).await?;
    tokio::spawn(running);
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    /// Does nothing without PostgreSQL.
    #[tokio::test]
    async fn no_server_removes_files_while_another_makes_a_backup_of_them() {
        let Ok(url) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let backups =
            [RemovalLock::share(&url).await.unwrap(), RemovalLock::share(&url).await.unwrap()];
        assert!(RemovalLock::try_acquire(&url).await.unwrap().is_none());
        drop(backups);
        // PostgreSQL releases the locks once it notices that the connections are closed.
        let acquire = async {
            loop {
                if let Some(lock) = RemovalLock::try_acquire(&url).await.unwrap() {
                    return lock;
                }
            }
        };
        let removal = timeout(Duration::from_secs(20), acquire).await.unwrap();
        assert!(RemovalLock::try_acquire(&url).await.unwrap().is_none());
        let backup = tokio::spawn({
            let url = url.clone();
            async move { RemovalLock::share(&url).await }
        });
        drop(removal);
        timeout(Duration::from_secs(20), backup).await.unwrap().unwrap().unwrap();
    }
}
