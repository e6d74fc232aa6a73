//! The errors of the database, of either engine.

use crate::error::ApiError;

/// Why the database could not do what was requested.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite's file could not be opened or used.
    #[error("the database file")]
    File(#[from] parlour_sqlite::Error),
    /// SQLite refused a statement.
    #[error("a statement")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused a statement, or is not available.
    #[error("PostgreSQL")]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL was available.
    #[error("connecting to PostgreSQL")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// The address of the database cannot be used.
    #[error("the database's address: {0}")]
    Address(String),
    /// The destination of a copy already has rows in this table.
    #[error("the destination is not empty: {0}")]
    NotEmpty(&'static str),
    /// The copy of this table differs from the original.
    #[error("the copy of {0} differs from the original")]
    CopyDiffers(&'static str),
    /// The tables were created by a newer version.
    #[error("the database has schema {found}, newer than {known}, the newest known here")]
    Newer {
        /// The version of the database's schema.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// A column is missing or does not have the type that the code expects.
    #[error("column {0} is missing or has an unexpected type")]
    Column(&'static str),
    /// A row that must exist is missing.
    #[error("a row is missing")]
    Missing,
    /// An earlier statement of the transaction failed; nothing of the transaction is committed.
    #[error("an earlier statement of the transaction failed")]
    Failed,
    /// A long operation was cancelled.
    #[error("the operation was stopped")]
    Stopped,
    /// The writer's thread could not be started.
    #[error("starting the writer")]
    Thread(#[source] std::io::Error),
}

impl DbError {
    /// Returns the error of SQLite if it means that the file is damaged.
    pub fn damage(&self) -> Option<&rusqlite::Error> {
        let cause = match self {
            Self::Sqlite(cause) => cause,
            Self::File(parlour_sqlite::Error::Open { source, .. }) => source,
            _ => return None,
        };
        parlour_sqlite::is_damage(cause).then_some(cause)
    }

    /// Returns the cause, for the log. PostgreSQL's details are left out, because they quote the row.
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::Postgres(error) => match error.as_db_error() {
                Some(details) => Some(format!("{} ({})", details.message(), details.code().code())),
                None => Some(error.to_string()),
            },
            other => std::error::Error::source(other).map(ToString::to_string),
        }
    }
}

impl From<DbError> for ApiError {
    /// Logs the cause, which is not sent to the client.
    fn from(error: DbError) -> Self {
        let cause = error.cause();
        tracing::error!(%error, cause, "the database failed");
        Self::internal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs PostgreSQL, because only its errors quote rows; does nothing without it.
    #[tokio::test]
    async fn the_contents_of_rows_are_not_logged() {
        let Ok(server) = std::env::var("PARLOUR_TEST_POSTGRES") else { return };
        let (client, running) = crate::db::connect(&server).await.unwrap();
        tokio::spawn(running);
        let table = "CREATE TEMP TABLE said (body TEXT CHECK (length(body) < 3))";
        client.batch_execute(table).await.unwrap();
        let insert = "INSERT INTO said VALUES ('between us')";
        let error = DbError::from(client.batch_execute(insert).await.unwrap_err());
        let source = std::error::Error::source(&error).unwrap();
        assert!(format!("{source:?}").contains("between us"), "PostgreSQL quotes the row");
        let cause = error.cause().unwrap();
        assert!(cause.contains("23514") && !cause.contains("between us"), "{cause}");
        assert!(!error.to_string().contains("between us"));
    }
}
