//! Work that a migration leaves to the program: folding names.

use crate::index::fold::Folded;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// Names that an earlier version did not fold.
    NOT_FOLDED = "SELECT number, username FROM users WHERE folded = '' AND username <> ''";
    /// $1 folded, $2 number.
    FOLD = "UPDATE users SET folded = $1 WHERE number = $2";
}

/// Folds the names that an earlier version did not fold.
pub(super) fn fold_names(conn: &Connection) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(NOT_FOLDED)?;
    let names = statement.query_map([], |row| Ok((row.get("number")?, row.get("username")?)))?;
    let names: Vec<(i64, String)> = names.collect::<rusqlite::Result<_>>()?;
    if names.is_empty() {
        return Ok(());
    }
    let tx = conn.unchecked_transaction()?;
    for (number, name) in names {
        tx.prepare_cached(FOLD)?.execute((Folded::new(&name).text, number))?;
    }
    tx.commit()
}
