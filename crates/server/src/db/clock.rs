//! The latest time that the server's clock returned, as stored in the database.

use super::error::DbError;
use super::tx::Tx;

parlour_sqlite::statements! {
    /// $1 time in milliseconds.
    SET = "UPDATE instance SET clock = $1 WHERE only_row = 1 AND clock < $1";
    /// $1 time, $2 the time that was stored before.
    STOP = "UPDATE instance SET clock = $1 WHERE only_row = 1 AND clock = $2";
    RESET = "UPDATE instance SET clock = 0 WHERE only_row = 1";
}

/// Stores that the clock may have returned times up to `until`, in milliseconds.
pub async fn set(tx: &Tx, until: i64) -> Result<(), DbError> {
    tx.execute(SET, &[until.into()]).await.map(drop)
}

/// Stores the newest time that the clock returned, unless another server has stored a different one since `stored`.
pub async fn stop(tx: &Tx, newest: i64, stored: i64) -> Result<(), DbError> {
    tx.execute(STOP, &[newest.into(), stored.into()]).await.map(drop)
}

/// Forgets which times the clock returned.
pub async fn reset(tx: &Tx) -> Result<(), DbError> {
    tx.execute(RESET, &[]).await.map(drop)
}
