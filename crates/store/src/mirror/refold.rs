//! Work that a migration leaves to the program: computes the folded forms and the skeletons of usernames.

use parlour_protocol::fold::Folded;
use parlour_protocol::looks::looks;
use rusqlite::Connection;

parlour_sqlite::statements! {
    /// Usernames for which an earlier version did not compute these.
    NOT_FOLDED = "SELECT number, username FROM users
        WHERE username <> '' AND (folded = '' OR looks = '')";
    /// $1 folded, $2 looks, $3 number.
    FOLD = "UPDATE users SET folded = $1, looks = $2, username_looks = $2 WHERE number = $3";
}

/// Folds the usernames that an earlier version did not fold. There are no display names then: the earlier
/// version had none.
pub(super) fn fold_names(conn: &Connection) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(NOT_FOLDED)?;
    let names = statement.query_map([], |row| Ok((row.get("number")?, row.get("username")?)))?;
    let names: Vec<(i64, String)> = names.collect::<rusqlite::Result<_>>()?;
    if names.is_empty() {
        return Ok(());
    }
    let tx = conn.unchecked_transaction()?;
    for (number, name) in names {
        tx.prepare_cached(FOLD)?.execute((Folded::new(&name).text, looks(&name), number))?;
    }
    tx.commit()
}
