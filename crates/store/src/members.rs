//! Who is in a conversation.

use crate::{Mirror, Result, conversations, users};
use parlour_protocol::{ConversationId, MemberRow, Millis, UserId};
use rusqlite::Connection;
use serde::Serialize;

parlour_sqlite::statements! {
    /// $1 conversation, $2 user, $3 joined, $4 left, $5 changed_seq.
    APPLY = "INSERT INTO members (conversation, user, joined_at, left_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (conversation, user) DO UPDATE SET joined_at = excluded.joined_at,
            left_at = excluded.left_at, changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > members.changed_seq";
    /// $1 conversation, $2 limit.
    LIST = "SELECT users.id AS id, users.username AS username, members.joined_at AS joined_at
        FROM members JOIN users ON users.number = members.user
        WHERE members.conversation = $1 AND members.left_at IS NULL
        LIMIT $2";
    /// $1 conversation.
    CLEAR = "DELETE FROM members WHERE conversation = $1";
    /// $1 conversation.
    COUNT = "SELECT count(*) FROM members WHERE conversation = $1 AND left_at IS NULL";
}

/// Most members that a list shows.
const LISTED: i64 = 5000;

/// A person in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Who.
    pub id: UserId,
    /// As its owner writes it.
    pub username: String,
    /// When they last joined.
    pub joined_at: Millis,
}

/// Writes a member, if it is newer than the one held.
pub(crate) fn apply(conn: &Connection, conversation: i64, row: &MemberRow) -> Result<()> {
    let user = users::number(conn, row.user_id)?;
    let left_at = row.left_at.map(|at| at.0);
    let params = (conversation, user, row.joined_at.0, left_at, row.changed_seq);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Forgets a conversation's members, to begin anew.
pub(crate) fn clear(conn: &Connection, conversation: i64) -> Result<()> {
    conn.prepare_cached(CLEAR)?.execute([conversation])?;
    Ok(())
}

impl Mirror {
    /// How many people are in the conversation.
    pub fn member_count(&self, id: ConversationId) -> Result<i64> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(0) };
            Ok(conn.prepare_cached(COUNT)?.query_row([number], |row| row.get(0))?)
        })
    }

    /// Who is in the conversation, by name.
    pub fn members(&self, id: ConversationId) -> Result<Vec<Member>> {
        let mut members: Vec<Member> = self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let mut statement = conn.prepare_cached(LIST)?;
            let rows = statement.query_map((number, LISTED), |row| {
                Ok(Member {
                    id: UserId(row.get("id")?),
                    username: row.get("username")?,
                    joined_at: Millis(row.get("joined_at")?),
                })
            })?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })?;
        members.sort_by_cached_key(|member| member.username.to_lowercase());
        Ok(members)
    }
}
