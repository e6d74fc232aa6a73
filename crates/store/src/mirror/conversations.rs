//! Conversations, this user's membership in each, and how much of each is present: the table
//! `conversations`.

use super::{members, messages};
use crate::error::Result;
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, HistoryVisibility, MembershipRow, Millis,
    Removal, Seq, UserId,
};
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id.
    NUMBER = "SELECT number FROM conversations WHERE id = $1";
    /// $1 id.
    INSERT = "INSERT INTO conversations (id) VALUES ($1)";
    /// As in `conversation_row`, and $9 number.
    APPLY = concat!("UPDATE conversations SET ", conversation_row!(set), ",
            active_at = max(active_at, $6)
        WHERE number = $9 AND changed_seq < $8");
    /// As in `membership_row`, and $10 number.
    APPLY_MEMBERSHIP = concat!("UPDATE conversations SET ", membership_row!(set), "
        WHERE number = $10 AND membership_changed_seq < $9");
    /// $1 number. Only if the server has sent the row.
    FIND = concat!("SELECT id, ", conversation_row!(list), "
        FROM conversations WHERE number = $1 AND changed_seq > 0");
    /// $1 number.
    READ_TO = "SELECT last_read_seq FROM conversations WHERE number = $1";
    /// $1 number.
    IS_PURGED = "SELECT purged FROM conversations WHERE number = $1";
    /// $1 number. Rows that the server sends later count as new.
    PURGE = "UPDATE conversations SET title = '', topic = '', last_seq = 0, floor_seq = 0,
            known_seq = 0, changed_seq = 0, reacted_seq = 0
        WHERE number = $1";
    /// $1 number.
    VISIBLE_FROM = "SELECT visible_from FROM conversations WHERE number = $1";
    /// $1 seq, $2 sent_at, $3 number.
    UPDATE_NEWEST = "UPDATE conversations SET last_seq = max(last_seq, $1), active_at = max(active_at, $2)
        WHERE number = $3";
    /// $1 floor, $2 number.
    SET_FLOOR = "UPDATE conversations SET floor_seq = $1 WHERE number = $2";
    /// $1 number.
    FLOOR = "SELECT floor_seq FROM conversations WHERE number = $1";
    /// $1 number.
    FORGET_NEWEST = "UPDATE conversations SET known_seq = 0, active_at = 0 WHERE number = $1";
    /// $1 last_seq, $2 floor, $3 number.
    RESTART = "UPDATE conversations SET last_seq = $1, known_seq = max(known_seq, $1),
            floor_seq = $2,
            changed_seq = 0, reacted_seq = 0
        WHERE number = $3";
}

/// Returns a conversation's number, if it is known.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(NUMBER)?.query_row([id.0], |row| row.get(0)).optional()?)
}

/// Returns a conversation's number; assigns one if it has none yet.
pub(crate) fn number(conn: &Connection, id: ConversationId) -> Result<i64> {
    if let Some(number) = find(conn, id)? {
        return Ok(number);
    }
    conn.prepare_cached(INSERT)?.execute([id.0])?;
    Ok(conn.last_insert_rowid())
}

// Reads one row per conversation, once a day.
const MEMBERSHIPS: &str = concat!(
    "SELECT id, ",
    membership_row!(list),
    "
    FROM conversations WHERE membership_changed_seq > 0"
);

/// Returns the conversation's row as the server sent it, if it has.
pub(crate) fn find_row(conn: &Connection, number: i64) -> Result<Option<ConversationRow>> {
    Ok(conn.prepare_cached(FIND)?.query_row([number], read).optional()?)
}

/// Returns this user's memberships as the server sent them.
pub(crate) fn memberships(conn: &Connection) -> Result<Vec<MembershipRow>> {
    let mut statement = conn.prepare_cached(MEMBERSHIPS)?;
    Ok(statement.query_map([], read_membership)?.collect::<rusqlite::Result<_>>()?)
}

/// Reads a conversation's row from a result with `id` and the columns of `conversation_row`.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<ConversationRow> {
    let (kind, history): (String, String) = (row.get("type")?, row.get("history")?);
    let kind = ConversationType::parse(&kind).unwrap_or(ConversationType::Group);
    let created_at = Millis(row.get("created_at")?);
    let (id, title): (Uuid, String) = (row.get("id")?, row.get("title")?);
    let nobody = UserId(Uuid::nil());
    // An unknown value for removal deletes nothing.
    let removal = Removal::parse(&row.get::<_, String>("removal")?).unwrap_or(Removal::Keep);
    Ok(ConversationRow {
        topic: row.get("topic")?,
        history: HistoryVisibility::parse(&history).unwrap_or(HistoryVisibility::Beginning),
        removal,
        archived_at: time(row, "archived_at")?,
        changed_seq: row.get("changed_seq")?,
        ..ConversationRow::new(ConversationId(id), kind, title, nobody, created_at)
    })
}

/// Reads this user's membership from a result with `id` and the columns of `membership_row`.
pub(crate) fn read_membership(row: &Row<'_>) -> rusqlite::Result<MembershipRow> {
    Ok(MembershipRow {
        left_at: time(row, "left_at")?,
        visible_from: row.get("visible_from")?,
        last_read_seq: Seq(row.get("last_read_seq")?),
        muted_until: time(row, "muted_until")?,
        pinned_at: time(row, "pinned_at")?,
        hidden_at: time(row, "hidden_at")?,
        marked_unread: row.get("marked_unread")?,
        purged: row.get("purged")?,
        changed_seq: row.get("membership_changed_seq")?,
        ..MembershipRow::new(ConversationId(row.get("id")?), Millis(0))
    })
}

fn time(row: &Row<'_>, name: &str) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(name)?.map(Millis))
}

/// Writes the conversation's own row, if it is newer than the stored one.
pub(crate) fn apply(conn: &Connection, row: &ConversationRow) -> Result<()> {
    let number = number(conn, row.id)?;
    conn.prepare_cached(APPLY)?.execute((
        row.kind.as_str(),
        &row.title,
        &row.topic,
        row.history.as_str(),
        row.archived_at.map(|at| at.0),
        row.created_at.0,
        row.removal.as_str(),
        row.changed_seq,
        number,
    ))?;
    Ok(())
}

/// Writes this user's membership in a conversation, if it is newer than the stored one. Returns whether the
/// read position moved.
pub(crate) fn apply_membership(conn: &Connection, row: &MembershipRow) -> Result<bool> {
    let number = number(conn, row.conversation_id)?;
    let read: i64 = conn.prepare_cached(READ_TO)?.query_row([number], |row| row.get(0))?;
    let visible_from = messages::in_range(row.visible_from);
    let params = (
        row.left_at.map(|at| at.0),
        messages::in_range(row.last_read_seq.0),
        visible_from,
        row.muted_until.map(|at| at.0),
        row.pinned_at.map(|at| at.0),
        row.hidden_at.map(|at| at.0),
        row.marked_unread,
        row.purged,
        row.changed_seq,
        number,
    );
    let is_newer = conn.prepare_cached(APPLY_MEMBERSHIP)?.execute(params)? > 0;
    if is_newer && row.purged {
        purge(conn, number)?;
    } else if is_newer && visible_from > 1 {
        messages::clear_below(conn, number, visible_from)?;
    }
    Ok(is_newer && read > 0 && messages::in_range(row.last_read_seq.0) > read)
}

/// Returns whether this user must delete the mirror's data of a conversation.
pub(crate) fn is_purged(conn: &Connection, number: i64) -> Result<bool> {
    Ok(conn.prepare_cached(IS_PURGED)?.query_row([number], |row| row.get(0))?)
}

/// Deletes the mirror's data of a conversation, including its search terms.
pub(crate) fn purge(conn: &Connection, number: i64) -> Result<()> {
    messages::clear(conn, number, i64::MAX)?;
    members::clear(conn, number)?;
    conn.prepare_cached(PURGE)?.execute([number])?;
    Ok(())
}

/// Updates the newest position and the time of the last activity.
pub(crate) fn update_newest(conn: &Connection, number: i64, seq: i64, sent_at: i64) -> Result<()> {
    conn.prepare_cached(UPDATE_NEWEST)?.execute((seq, sent_at, number))?;
    Ok(())
}

/// Returns the position of the first message that this user may see.
pub(crate) fn visible_from(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(VISIBLE_FROM)?.query_row([number], |row| row.get(0))?)
}

/// Returns the position of the oldest message that is present.
pub(crate) fn floor(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(FLOOR)?.query_row([number], |row| row.get(0))?)
}

/// Sets the position of the oldest message that is present.
pub(crate) fn set_floor(conn: &Connection, number: i64, floor: i64) -> Result<()> {
    conn.prepare_cached(SET_FLOOR)?.execute((messages::in_range(floor), number))?;
    Ok(())
}

/// Forgets the position and time of the newest message, before a bootstrap that contains every known change: undoing an
/// import takes messages away.
pub(crate) fn forget_newest(conn: &Connection, number: i64) -> Result<()> {
    conn.prepare_cached(FORGET_NEWEST)?.execute([number])?;
    Ok(())
}

/// Resets a conversation's row for a bootstrap, whose rows replace the old ones.
pub(crate) fn restart(conn: &Connection, number: i64, last_seq: i64, floor: i64) -> Result<()> {
    let (last_seq, floor) = (messages::in_range(last_seq), messages::in_range(floor));
    conn.prepare_cached(RESTART)?.execute((last_seq, floor, number))?;
    Ok(())
}
