//! The two engines behind a transaction.

use super::error::DbError;
use super::{postgres, sqlite};

/// What a transaction runs on.
pub enum Engine {
    /// A file of our own.
    Sqlite(sqlite::Handle),
    /// A connection to a PostgreSQL.
    Postgres(postgres::Handle),
}

impl Engine {
    /// Begins to write; nobody else writes until the commit.
    pub async fn begin(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run("BEGIN IMMEDIATE"),
            Self::Postgres(handle) => {
                handle.begin();
                Ok(())
            }
        }
    }

    /// Connects again if the connection was lost; answers whether it was.
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

    /// Fails only where no transaction is open, which is what it is for.
    pub async fn rollback(&self) {
        if let Self::Postgres(handle) = self {
            handle.forget();
        }
        let _ = self.batch("ROLLBACK").await;
    }

    /// What nothing depends on is said with the next statement.
    pub fn defer(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => {
                handle.defer(sql);
                Ok(())
            }
        }
    }

    /// Undoes what was done since the savepoint `job`.
    pub async fn undo(&self) -> Result<(), DbError> {
        self.defer("ROLLBACK TO job")?;
        self.batch("RELEASE job").await
    }

    /// Runs what takes and answers nothing.
    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(handle) => handle.run(sql),
            Self::Postgres(handle) => handle.batch(sql).await,
        }
    }
}
