//! Messages by key (conversation number × 2^32 + seq): the table `messages`.

use super::users;
use crate::activity::fill::ActivityWriter;
use crate::error::Result;
use crate::index::{self, terms::Indexed};
use crate::packed::{Packed, Unpacked};
use parlour_protocol::{MessageFile, MessageId, MessageRow, Millis, Reaction, Seq, UserId};
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// Does nothing if the message is present.
    INSERT = concat!("INSERT INTO messages (", messages!(list), ") VALUES (", messages!(values), ")
        ON CONFLICT (key) DO NOTHING");
    /// A late page of history must not undo an edit; a row of the same state may add which
    /// reactions are this user's own.
    UPDATE = concat!("INSERT INTO messages (", messages!(list), ") VALUES (", messages!(values), ")
        ON CONFLICT (key) DO UPDATE SET ", messages!(excluded), "
        WHERE excluded.changed_seq > messages.changed_seq
            OR excluded.changed_seq = messages.changed_seq
                AND excluded.reactions IS NOT messages.reactions");
    /// $1 key.
    REACTIONS = "SELECT reactions FROM messages WHERE key = $1";
    ME = "SELECT user_id FROM mirror WHERE only_row = 1";
    /// $1 key.
    FILES = "SELECT files FROM messages WHERE key = $1";
    /// $1 first key, $2 last key, $3 changed_seq.
    CLEAR = "DELETE FROM messages WHERE key BETWEEN $1 AND $2 AND changed_seq <= $3";
    /// $1 id.
    KEY = "SELECT key FROM messages WHERE substr(id, 1, 8) = substr($1, 1, 8) AND id = $1";
}

/// Bits of a key that hold the seq.
const SEQ_BITS: u32 = 32;
/// The largest seq that a key can hold.
const MAX_SEQ: i64 = (1 << SEQ_BITS) - 1;

/// Returns the key of a conversation's message; clamps `seq` to the valid range.
pub(crate) fn key(conversation: i64, seq: i64) -> i64 {
    (conversation << SEQ_BITS) + in_range(seq)
}

/// Clamps a position to the valid range: the server may send any number, and stored ones are
/// calculated with.
pub(crate) fn in_range(seq: i64) -> i64 {
    seq.clamp(0, MAX_SEQ)
}

/// Returns the seq in a key.
pub(crate) fn seq_of(key: i64) -> i64 {
    key & MAX_SEQ
}

/// Returns the smallest and the largest key of a conversation.
pub(crate) fn range(conversation: i64) -> (i64, i64) {
    (key(conversation, 0), key(conversation, MAX_SEQ))
}

/// Writes messages that are newer than the stored ones; returns the lowest and highest seq of
/// `rows`, and when the message with the highest seq was sent. Skips rows with invalid positions.
pub(crate) fn apply<'r>(
    conn: &Connection,
    conversation: i64,
    rows: impl Iterator<Item = &'r MessageRow>,
) -> Result<Option<Applied>> {
    let mut rows: Vec<&MessageRow> =
        rows.filter(|row| (1..=MAX_SEQ).contains(&row.seq.0)).collect();
    // The full-text index flushes its pending terms whenever a key is lower than the previous one.
    rows.sort_by_key(|row| row.seq);
    let (mut insert, mut update) = (conn.prepare_cached(INSERT)?, conn.prepare_cached(UPDATE)?);
    let (mut senders, activity) = (HashMap::new(), ActivityWriter::read(conn)?);
    for row in &rows {
        let sender = match senders.get(&row.sender_id) {
            Some(number) => *number,
            None => {
                let number = users::number(conn, row.sender_id)?;
                senders.insert(row.sender_id, number);
                number
            }
        };
        let key = key(conversation, row.seq.0);
        let values = rusqlite::params![
            key,
            row.id.0,
            sender,
            Packed(&row.body),
            row.sent_at.0,
            row.edited_at.map(|at| at.0),
            row.deleted_at.map(|at| at.0),
            row.pinned_at.map(|at| at.0),
            row.reply_to.map(|id| id.0),
            json(&row.mentions)?,
            row.mentions_all,
            json(&with_own_reactions(conn, key, &row.reactions)?)?,
            row.changed_seq,
            json(&row.files)?,
        ];
        let is_new = insert.execute(values)? > 0;
        if is_new {
            index::insert(conn, key, &indexed(row, sender))?;
        }
        if is_new || update.execute(values)? > 0 {
            activity.update(conn, key, row, is_new)?;
        }
    }
    let ends = rows.first().zip(rows.last());
    Ok(ends.map(|(first, last)| Applied {
        low: first.seq.0,
        high: last.seq.0,
        sent_at: last.sent_at.0,
    }))
}

/// Returns the parts of a message that the index uses; `sender` is the number of its sender.
fn indexed(row: &MessageRow, sender: i64) -> Indexed<'_> {
    Indexed {
        body: &row.body,
        files: &row.files,
        sender,
        sent_at: row.sent_at.0,
        is_pinned: row.pinned_at.is_some(),
        has_reaction: !row.reactions.is_empty(),
    }
}

/// Adds to reactions what the server leaves out when it sends them to all members at once: which
/// are this user's own. The list of names decides, or else the stored row. `own` is always set
/// where the names are incomplete, as in rows that the server sends to one person, so that both
/// come to the same digest.
fn with_own_reactions<'r>(
    conn: &Connection,
    key: i64,
    reactions: &'r [Reaction],
) -> Result<Cow<'r, [Reaction]>> {
    // Hardly any message has so many reactions that the list of names is incomplete.
    if !reactions.iter().any(|reaction| reaction.is_cut() && reaction.own.is_none()) {
        return Ok(reactions.into());
    }
    let me = conn.prepare_cached(ME)?.query_row([], |row| row.get(0).map(UserId)).optional()?;
    let held = self::reactions(conn, key)?;
    let Some(me) = me else { return Ok(reactions.into()) };
    let was_own = |emoji: &str| {
        let known = held.as_ref()?.iter().find(|known| known.emoji == emoji);
        known.map_or(Some(false), |known| known.is_by(me))
    };
    let filled = reactions.iter().map(|reaction| {
        let is_left_out = reaction.is_cut() && reaction.own.is_none();
        let is_own = || reaction.is_by(me).or_else(|| was_own(&reaction.emoji));
        Reaction { own: if is_left_out { is_own() } else { reaction.own }, ..reaction.clone() }
    });
    Ok(filled.collect::<Vec<_>>().into())
}

/// Returns the reactions to a message; `None` if it is not present.
pub(crate) fn reactions(conn: &Connection, key: i64) -> Result<Option<Vec<Reaction>>> {
    let mut statement = conn.prepare_cached(REACTIONS)?;
    Ok(statement.query_row([key], |row| list::<Reaction>(row, "reactions")).optional()?)
}

/// Returns a list as it is stored: NULL if it is empty, as nearly all are.
fn json<T: Serialize>(list: &[T]) -> Result<Option<String>> {
    Ok(if list.is_empty() { None } else { Some(serde_json::to_string(list)?) })
}

/// Reads a list that [`json`] stored; an unreadable one is empty, because it is fetched again.
fn list<T: DeserializeOwned>(row: &Row<'_>, name: &str) -> rusqlite::Result<Vec<T>> {
    let text = row.get_ref(name)?.as_str_or_null().ok().flatten();
    Ok(text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default())
}

/// Reads the descriptions of a message's files.
pub(crate) fn files(row: &Row<'_>) -> rusqlite::Result<Vec<MessageFile>> {
    list(row, "files")
}

/// Returns the descriptions of the files of a message that is present.
pub(crate) fn files_at(conn: &Connection, key: i64) -> Result<Vec<MessageFile>> {
    Ok(conn.prepare_cached(FILES)?.query_row([key], files)?)
}

/// Reads a row of the table, joined with the sender's id as `sender_id`.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let Unpacked(body) = row.get("body")?;
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(Millis));
    Ok(MessageRow {
        id: MessageId(row.get("id")?),
        seq: Seq(seq_of(row.get("key")?)),
        sender_id: UserId(row.get("sender_id")?),
        body,
        sent_at: Millis(row.get("sent_at")?),
        edited_at: time("edited_at")?,
        deleted_at: time("deleted_at")?,
        pinned_at: time("pinned_at")?,
        reply_to: row.get::<_, Option<Uuid>>("reply_to")?.map(MessageId),
        mentions: list(row, "mentions")?,
        mentions_all: row.get("mentions_all")?,
        files: files(row)?,
        reactions: list(row, "reactions")?,
        changed_seq: row.get("changed_seq")?,
    })
}

/// The range of messages that a write covered.
pub(crate) struct Applied {
    /// The lowest seq.
    pub low: i64,
    /// The highest seq.
    pub high: i64,
    /// The time at which the message with the highest seq was sent.
    pub sent_at: i64,
}

/// Deletes a conversation's messages whose last change is at most `changed_seq`, to begin again.
pub(crate) fn clear(conn: &Connection, conversation: i64, changed_seq: i64) -> Result<()> {
    let (first, last) = range(conversation);
    conn.prepare_cached(CLEAR)?.execute((first, last, changed_seq))?;
    Ok(())
}

/// Deletes a conversation's messages below a position.
pub(crate) fn clear_below(conn: &Connection, conversation: i64, seq: i64) -> Result<()> {
    let (first, last) = (key(conversation, 0), key(conversation, seq) - 1);
    conn.prepare_cached(CLEAR)?.execute((first, last, i64::MAX))?;
    Ok(())
}

/// Returns whether the mirror contains the message.
pub(crate) fn is_present(conn: &Connection, id: MessageId) -> Result<bool> {
    Ok(find(conn, id)?.is_some())
}

/// Returns a message's key.
pub(crate) fn find(conn: &Connection, id: MessageId) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(KEY)?.query_row([id.0], |row| row.get(0)).optional()?)
}
