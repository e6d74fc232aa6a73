//! The one row about the database itself.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    WM = "SELECT wm FROM instance WHERE only_row = 1";
    NEXT_WM = "UPDATE instance SET wm = wm + 1 WHERE only_row = 1 RETURNING wm";
}

/// The watermark: grows with every commit that moved a stream.
pub async fn wm(tx: &Tx) -> Result<i64, DbError> {
    tx.one(WM, &[]).await?.get("wm")
}

/// The watermark of the change being made.
pub async fn next_wm(tx: &Tx) -> Result<i64, DbError> {
    tx.one(NEXT_WM, &[]).await?.get("wm")
}
