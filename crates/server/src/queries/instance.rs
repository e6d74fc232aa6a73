//! The one row about the database itself.

use crate::db::{DbError, Tx};

parlour_sqlite::statements! {
    WM = "SELECT wm FROM instance WHERE only_row = 1";
}

/// The watermark: grows with every commit that moved a stream.
pub async fn wm(tx: &Tx) -> Result<i64, DbError> {
    tx.one(WM, &[]).await?.get("wm")
}
