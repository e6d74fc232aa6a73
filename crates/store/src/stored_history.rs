//! Reads whole conversations as the mirror has them, in pages: what an export needs. What waits in the outbox is left
//! out.

use crate::error::Result;
use crate::mirror::users::{self, Person};
use crate::mirror::{Mirror, conversations, members, messages};
use parlour_protocol::{
    ConversationId, ConversationRow, MemberRow, MessageRow, Seq, UserId, UserRow,
};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 number.
    PRESENT = "SELECT last_seq, floor_seq, known_seq, visible_from FROM conversations WHERE number = $1";
    /// $1 after key, $2 last key, $3 limit.
    AFTER = concat!("SELECT ", messages!(qualified), ", users.id AS sender_id
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key > $1 AND messages.key <= $2
        ORDER BY messages.key LIMIT $3");
    /// $1 key.
    AT = concat!("SELECT ", messages!(qualified), ", users.id AS sender_id
        FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE messages.key = $1");
}

/// A conversation as the server sent it, and how much of it is on this computer.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConversation {
    /// Its row. The server's clients do not store who created it: that is a nil id.
    pub row: ConversationRow,
    /// Its present and former members, in the order of their ids.
    pub members: Vec<MemberRow>,
    /// The position of the newest message on this computer; 0 if there is none.
    pub last: Seq,
    /// Whether older messages exist that the user may see and that are not on this computer.
    pub missing_older: bool,
    /// Whether newer messages are known to exist that are not on this computer yet.
    pub missing_newer: bool,
}

/// A person as the directory has them, and the name that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPerson {
    /// Their row; only the id is known until the directory has arrived.
    pub row: UserRow,
    /// The shown name: see [`Person`]. Empty until the directory has arrived.
    pub name: String,
}

impl Mirror {
    /// Returns a conversation; `None` if the server has not sent its row, or if the user must not keep it.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stored_conversation(&self, id: ConversationId) -> Result<Option<StoredConversation>> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(None) };
            if conversations::is_purged(conn, number)? {
                return Ok(None);
            }
            let Some(row) = conversations::find_row(conn, number)? else { return Ok(None) };
            let mut members = members::all(conn, number)?;
            members.sort_by_key(|member| member.user_id);
            let (last, missing_older, missing_newer) = present(conn, number)?;
            Ok(Some(StoredConversation { row, members, last, missing_older, missing_newer }))
        })
    }

    /// Returns about how many messages of a conversation are on this computer: without gaps in them, exactly.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stored_count(&self, id: ConversationId) -> Result<u64> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(0) };
            let (last, floor): (i64, i64) = conn
                .prepare_cached(PRESENT)?
                .query_row([number], |row| Ok((row.get("last_seq")?, row.get("floor_seq")?)))?;
            Ok(if floor == 0 { 0 } else { u64::try_from(last - floor + 1).unwrap_or(0) })
        })
    }

    /// Returns at most `limit` messages of a conversation after a position, in the order of the conversation; none if
    /// there are no more. The messages of a page are from one snapshot.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stored_messages(
        &self,
        id: ConversationId,
        after: Seq,
        limit: u32,
    ) -> Result<Vec<MessageRow>> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let (_, last) = messages::range(number);
            let params = (messages::key(number, after.0), last, limit);
            let mut statement = conn.prepare_cached(AFTER)?;
            Ok(statement.query_map(params, messages::read)?.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns the messages of a conversation at these positions, without those that are not on this computer.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stored_messages_at(
        &self,
        id: ConversationId,
        positions: &[Seq],
    ) -> Result<Vec<MessageRow>> {
        self.read(|conn| {
            let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
            let mut statement = conn.prepare_cached(AT)?;
            let mut found = Vec::with_capacity(positions.len());
            for position in positions {
                let key = messages::key(number, position.0);
                found.extend(statement.query_row([key], messages::read).optional()?);
            }
            Ok(found)
        })
    }

    /// Returns a person; `None` if nothing refers to them.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn stored_person(&self, id: UserId) -> Result<Option<StoredPerson>> {
        self.read(|conn| {
            let Some(row) = users::find(conn, id)? else { return Ok(None) };
            let Person { name, .. } = users::person_or_unnamed(conn, id);
            Ok(Some(StoredPerson { row, name }))
        })
    }
}

/// Returns the position of the newest present message, and whether older and newer ones are missing.
fn present(conn: &Connection, number: i64) -> Result<(Seq, bool, bool)> {
    let mut statement = conn.prepare_cached(PRESENT)?;
    Ok(statement.query_row([number], |row| {
        let (last, floor): (i64, i64) = (row.get("last_seq")?, row.get("floor_seq")?);
        let (known, visible_from): (i64, i64) = (row.get("known_seq")?, row.get("visible_from")?);
        let is_empty = floor == 0;
        let missing_older = !is_empty && floor > visible_from.max(1);
        let missing_newer = known > last && known >= visible_from;
        Ok((Seq(last), missing_older, missing_newer))
    })?)
}
