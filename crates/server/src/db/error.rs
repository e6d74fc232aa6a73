//! What goes wrong in a database, whichever the engine.

/// Why a database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// SQLite's file.
    #[error("the database file")]
    File(#[from] parlour_sqlite::Error),
    /// SQLite refused a statement.
    #[error("a statement")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused a statement, or is not there.
    #[error("PostgreSQL")]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL was to be had.
    #[error("connecting to PostgreSQL")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// The address of the database cannot be used.
    #[error("the database's address: {0}")]
    Address(String),
    /// The tables were made by a newer version.
    #[error("the database has schema {found}, newer than {known}, the newest known here")]
    Newer {
        /// Its schema's number.
        found: i64,
        /// The newest that we know.
        known: i64,
    },
    /// A column is missing or of another kind than the code expects.
    #[error("column {0} is not what it should be")]
    Column(&'static str),
    /// A row that must be there is not.
    #[error("a row is missing")]
    Missing,
    /// The writer's thread did not start.
    #[error("starting the writer")]
    Thread(#[source] std::io::Error),
}
