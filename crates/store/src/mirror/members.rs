//! The members of each conversation: the table `members`.

use super::users;
use crate::error::Result;
use parlour_protocol::{MemberRole, MemberRow, Millis, Seq, UserId};
use rusqlite::{Connection, Row};

parlour_sqlite::statements! {
    APPLY = concat!("INSERT INTO members (", members!(list), ") VALUES (", members!(values), ")
        ON CONFLICT (conversation, user) DO UPDATE SET ", members!(excluded), "
        WHERE excluded.changed_seq > members.changed_seq");
    /// $1 conversation.
    IN = concat!("SELECT ", members!(qualified), ", users.id AS user_id
        FROM members CROSS JOIN users ON users.number = members.user
        WHERE members.conversation = $1");
    /// $1 conversation.
    CLEAR = "DELETE FROM members WHERE conversation = $1";
}

/// Writes a member, if the row is newer than the stored one.
pub(crate) fn apply(conn: &Connection, conversation: i64, row: &MemberRow) -> Result<()> {
    let user = users::number(conn, row.user_id)?;
    conn.prepare_cached(APPLY)?.execute((
        conversation,
        user,
        row.role.as_str(),
        row.joined_at.0,
        row.last_read_seq.map(|seq| seq.0),
        row.left_at.map(|at| at.0),
        row.changed_seq,
    ))?;
    Ok(())
}

/// Returns the role of this name; an unknown one counts as the role with the fewest rights.
pub(crate) fn role(name: &str) -> MemberRole {
    MemberRole::parse(name).unwrap_or(MemberRole::Member)
}

/// Deletes a conversation's members, so that they can be written again.
pub(crate) fn clear(conn: &Connection, conversation: i64) -> Result<()> {
    conn.prepare_cached(CLEAR)?.execute([conversation])?;
    Ok(())
}

/// Reads a row of the table, joined with the person's id as `user_id`.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<MemberRow> {
    Ok(MemberRow {
        user_id: UserId(row.get("user_id")?),
        role: role(&row.get::<_, String>("role")?),
        joined_at: Millis(row.get("joined_at")?),
        last_read_seq: row.get::<_, Option<i64>>("last_read_seq")?.map(Seq),
        left_at: row.get::<_, Option<i64>>("left_at")?.map(Millis),
        changed_seq: row.get("changed_seq")?,
    })
}

/// Returns all present and former members of a conversation.
pub(crate) fn all(conn: &Connection, conversation: i64) -> Result<Vec<MemberRow>> {
    let mut statement = conn.prepare_cached(IN)?;
    Ok(statement.query_map([conversation], read)?.collect::<rusqlite::Result<_>>()?)
}
