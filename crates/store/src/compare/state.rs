//! Compares everything in a stream except messages with the server's: titles, members, this user's
//! memberships, devices, drafts, saved messages and settings, and people. Compares one digest, and
//! fetches all of it again where the digests differ.

use super::repairs;
use crate::apply;
use crate::changes::Changes;
use crate::error::Result;
use crate::mirror::{
    Mirror, conversations, drafts, members, saved, sessions, streams, synced_settings, users,
};
use parlour_protocol::{ConversationId, Millis, Row, StreamId, row_digest, rows_digest};
use rusqlite::Connection;
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 conversation.
    CLEAR_CONVERSATION = "UPDATE conversations SET changed_seq = 0 WHERE number = $1";
}

// The people of the directory are written again at once.
const CLEAR_DIRECTORY: &str = "UPDATE users SET username = '', role = 'member',
    deactivated_at = NULL, erased_at = NULL, display_name = '', about = '', time_zone = '',
    display_folded = '', looks = '', username_looks = '', picture = NULL, status_emoji = '',
    status_text = '', status_until = NULL, changed_seq = 0";
const CLEAR_ACCOUNT: &str = "UPDATE conversations SET membership_changed_seq = 0;
    DELETE FROM sessions; DELETE FROM drafts; DELETE FROM saved; DELETE FROM settings";

/// A stream with the change up to which it is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCursor {
    /// The stream.
    pub stream: StreamId,
    /// The number of this user's join of the conversation; 0 for other streams.
    pub term: i64,
    /// The change up to which it is applied.
    pub cursor: i64,
}

impl Mirror {
    /// Returns how far a stream is applied; `None` before it was fetched.
    pub fn stream_cursor(&self, stream: StreamId) -> Result<Option<StreamCursor>> {
        self.read(|conn| {
            let found = streams::term_and_cursor(conn, stream)?;
            Ok(found.map(|(term, cursor)| StreamCursor { stream, term, cursor }))
        })
    }

    /// Returns the number of rows other than messages and their digest. Returns `None` if the
    /// stream has moved since, or if a row from the response to an op is newer than the cursor.
    pub fn state_digest(&self, applied: &StreamCursor) -> Result<Option<(i64, String)>> {
        self.read(|conn| Ok(read_rows(conn, applied)?.map(|rows| rows_digest(&rows))))
    }

    /// Makes a stream, except its messages, equal to what the server has in an epoch up to the
    /// cursor; returns how many rows differed. Returns `None`, and changes nothing, if the stream
    /// has moved since or the epoch is over: the stream is still to be compared.
    pub fn repair_state(
        &self,
        applied: &StreamCursor,
        epoch: &str,
        rows: &[Row],
    ) -> Result<Option<(i64, Changes)>> {
        self.write(|conn| {
            let has_ended = streams::epoch(conn)? != epoch;
            let Some(mirrored) = read_rows(conn, applied)?.filter(|_| !has_ended) else {
                return Ok(None);
            };
            let digests = |rows: &[Row]| rows.iter().filter_map(row_digest).collect();
            let (local, server): (BTreeSet<_>, BTreeSet<_>) = (digests(&mirrored), digests(rows));
            // A row with different contents is in both differences.
            let differing =
                local.difference(&server).count().max(server.difference(&local).count());
            if differing == 0 {
                return Ok(Some((0, Changes::default())));
            }
            clear(conn, applied.stream)?;
            let changes = apply::rows(conn, applied.stream, rows, Millis(0))?;
            if matches!(applied.stream, StreamId::Account(_)) {
                streams::mark_left(conn)?;
            }
            let differing = i64::try_from(differing).unwrap_or(i64::MAX);
            repairs::count(conn, differing)?;
            Ok(Some((differing, changes)))
        })
    }
}

fn clear(conn: &Connection, stream: StreamId) -> Result<()> {
    match stream {
        StreamId::Directory => conn.execute_batch(CLEAR_DIRECTORY)?,
        StreamId::Account(_) => conn.execute_batch(CLEAR_ACCOUNT)?,
        StreamId::Conversation(id) => {
            let number = conversations::number(conn, id)?;
            conn.prepare_cached(CLEAR_CONVERSATION)?.execute([number])?;
            members::clear(conn, number)?;
        }
    }
    Ok(())
}

/// Returns every row of the stream that the digest covers, which is all but messages. Returns
/// `None` if the stream has moved since, or if a row is newer than the cursor.
fn read_rows(conn: &Connection, applied: &StreamCursor) -> Result<Option<Vec<Row>>> {
    let now = streams::term_and_cursor(conn, applied.stream)?;
    if now != Some((applied.term, applied.cursor)) {
        return Ok(None);
    }
    let rows = match applied.stream {
        StreamId::Directory => users::all(conn)?.into_iter().map(Row::User).collect(),
        StreamId::Account(_) => account_rows(conn)?,
        StreamId::Conversation(id) => conversation_rows(conn, id)?,
    };
    let is_ahead = rows.iter().any(|row| row.changed_seq() > applied.cursor);
    Ok((!is_ahead).then_some(rows))
}

fn conversation_rows(conn: &Connection, id: ConversationId) -> Result<Vec<Row>> {
    let number = conversations::number(conn, id)?;
    let conversation = conversations::find_row(conn, number)?.map(Row::Conversation);
    let members = members::all(conn, number)?.into_iter().map(Row::Member);
    Ok(conversation.into_iter().chain(members).collect())
}

fn account_rows(conn: &Connection) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> =
        conversations::memberships(conn)?.into_iter().map(Row::Membership).collect();
    rows.extend(sessions::all(conn)?.into_iter().map(Row::Session));
    rows.extend(drafts::all(conn)?.into_iter().map(Row::Draft));
    rows.extend(saved::all(conn)?.into_iter().map(Row::Saved));
    rows.extend(synced_settings::all(conn)?.into_iter().map(Row::Setting));
    Ok(rows)
}
