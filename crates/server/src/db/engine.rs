//! The two database engines behind a transaction.

use super::error::DbError;
use super::{postgres, sqlite};

/// The engine that a transaction runs on.
pub enum Engine {
    /// SQLite, on a file of our own.
    Sqlite(sqlite::Handle),
    /// A connection to a PostgreSQL server.
    Postgres(postgres::Handle),
}

impl Engine {
    /// Begins a transaction that writes. No other one can write until it is committed.
    pub async fn begin(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run("BEGIN IMMEDIATE"),
            Self::Postgres(handle) => {
                handle.begin();
                Ok(())
            }
        }
    }

    /// Reconnects if the connection was lost, and returns whether it was.
    pub async fn reconnect(&mut self) -> Result<bool, DbError> {
        match self {
            Self::Sqlite(_) => Ok(false),
            Self::Postgres(handle) => handle.reconnect().await,
        }
    }

    /// Commits the transaction.
    pub async fn commit(&self) -> Result<(), DbError> {
        self.batch("COMMIT").await
    }

    /// Rolls the transaction back. Errors are ignored: this fails only if no transaction is open, which is
    /// the goal.
    pub async fn rollback(&self) {
        if let Self::Postgres(handle) = self {
            handle.discard_deferred();
        }
        let _ = self.batch("ROLLBACK").await;
    }

    /// Runs a statement whose result nothing depends on. On PostgreSQL it is sent together with the next one.
    pub fn defer(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => {
                handle.defer(sql);
                Ok(())
            }
        }
    }

    /// Rolls back to the savepoint `job`, and releases it.
    pub async fn rollback_job(&self) -> Result<(), DbError> {
        self.defer("ROLLBACK TO job")?;
        self.batch("RELEASE job").await
    }

    /// Runs SQL that takes no parameters and returns no rows.
    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => handle.batch(sql).await,
        }
    }
}
