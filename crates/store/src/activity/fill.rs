//! Fills the table `activity`, in the transaction that writes the messages.

use super::kind::ActivityKind;
use crate::error::Result;
use crate::keywords::Keywords;
use parlour_protocol::{MessageRow, Millis, Reaction, UserId};
use rusqlite::{Connection, OptionalExtension};
use std::collections::BTreeSet;
use uuid::Uuid;

parlour_sqlite::statements! {
    MIRROR = "SELECT user_id, keywords FROM mirror WHERE only_row = 1";
    /// $1 key.
    KINDS = "SELECT kind FROM activity WHERE key = $1";
    /// $1 key, $2 kind.
    REMOVE = "DELETE FROM activity WHERE key = $1 AND kind = $2";
    /// $1 key, $2 kind, $3 at, $4 is_all, $5 target.
    ADD = "INSERT INTO activity (key, kind, at, is_all, target) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (key, kind) DO UPDATE SET is_all = excluded.is_all, target = excluded.target";
    /// $1 id.
    SENDER = "SELECT users.id FROM messages CROSS JOIN users ON users.number = messages.sender
        WHERE substr(messages.id, 1, 8) = substr($1, 1, 8) AND messages.id = $1";
    /// $1 id of the message that they reply to.
    DELETE_OPEN = "DELETE FROM activity WHERE target = $1";
    /// $1 id of the message that they reply to.
    RESOLVE = "UPDATE activity SET kind = 'reply', target = NULL WHERE target = $1";
    /// $1 at, $2 changed_seq, $3 key.
    REACTED = "UPDATE activity SET at = max(at, $1), changed_seq = $2
        WHERE key = $3 AND kind = 'reaction'";
    /// $1 changed_seq, $2 key.
    REACTED_IN = "UPDATE conversations SET reacted_seq = max(reacted_seq, $1) WHERE number = $2 >> 32";
}

/// The kind of a reply to a message that the mirror does not have yet.
const UNRESOLVED: &str = "open";

/// Writes the rows of messages that may concern the user.
pub(crate) struct ActivityWriter {
    /// `None` in a mirror without a user, as some tests have.
    me: Option<UserId>,
    keywords: Keywords,
}

impl ActivityWriter {
    /// Creates a writer for the user and the keywords of the mirror.
    pub fn read(conn: &Connection) -> Result<Self> {
        let read = |row: &rusqlite::Row<'_>| {
            let keywords: String = row.get("keywords")?;
            Ok(Self { me: Some(UserId(row.get("user_id")?)), keywords: Keywords::parse(&keywords) })
        };
        let found = conn.prepare_cached(MIRROR)?.query_row([], read).optional()?;
        Ok(found.unwrap_or(Self { me: None, keywords: Keywords::default() }))
    }

    /// Updates the rows of a message that was just written, which has none yet if it `is_new`.
    pub fn update(
        &self,
        conn: &Connection,
        key: i64,
        row: &MessageRow,
        is_new: bool,
    ) -> Result<()> {
        let Some(me) = self.me else { return Ok(()) };
        let resolve = if row.sender_id == me { RESOLVE } else { DELETE_OPEN };
        conn.prepare_cached(resolve)?.execute([row.id.0])?;
        let kinds = self.kinds(conn, me, row)?;
        if !is_new {
            remove_others(conn, key, &kinds)?;
        }
        let is_all = !row.mentions.contains(&me);
        for kind in kinds {
            let target = row.reply_to.filter(|_| kind == UNRESOLVED).map(|id| id.0);
            let is_all = kind == ActivityKind::Mention.as_str() && is_all;
            conn.prepare_cached(ADD)?.execute((key, kind, row.sent_at.0, is_all, target))?;
        }
        Ok(())
    }

    fn kinds(&self, conn: &Connection, me: UserId, row: &MessageRow) -> Result<Vec<&'static str>> {
        let mut kinds = Vec::new();
        if row.deleted_at.is_some() {
            return Ok(kinds);
        }
        if row.sender_id == me {
            if row.reactions.iter().any(|reaction| has_other_users(reaction, me)) {
                kinds.push(ActivityKind::Reaction.as_str());
            }
            return Ok(kinds);
        }
        if row.mentions_all || row.mentions.contains(&me) {
            kinds.push(ActivityKind::Mention.as_str());
        }
        if let Some(target) = row.reply_to {
            match sender(conn, target.0)? {
                Some(sender) if sender == me => kinds.push(ActivityKind::Reply.as_str()),
                Some(_) => {}
                None => kinds.push(UNRESOLVED),
            }
        }
        if !self.keywords.is_empty()
            && self.keywords.are_in(&parlour_markup::authored_text(&row.body))
        {
            kinds.push(ActivityKind::Keyword.as_str());
        }
        Ok(kinds)
    }
}

/// Deletes the rows of a message of all but these kinds.
fn remove_others(conn: &Connection, key: i64, kinds: &[&str]) -> Result<()> {
    let mut statement = conn.prepare_cached(KINDS)?;
    let before = statement.query_map([key], |row| row.get::<_, String>(0))?;
    for kind in before.collect::<rusqlite::Result<BTreeSet<_>>>()? {
        if !kinds.contains(&&*kind) {
            conn.prepare_cached(REMOVE)?.execute((key, kind))?;
        }
    }
    Ok(())
}

/// Records that a message of the user got a new reaction.
pub(crate) fn set_reacted(conn: &Connection, key: i64, at: Millis, changed_seq: i64) -> Result<()> {
    conn.prepare_cached(REACTED)?.execute((at.0, changed_seq, key))?;
    conn.prepare_cached(REACTED_IN)?.execute((changed_seq, key))?;
    Ok(())
}

/// Adds a message with a keyword.
pub(super) fn add_keyword(conn: &Connection, key: i64, at: Millis) -> Result<()> {
    let (kind, is_all, target) = (ActivityKind::Keyword.as_str(), false, None::<Uuid>);
    conn.prepare_cached(ADD)?.execute((key, kind, at.0, is_all, target))?;
    Ok(())
}

fn sender(conn: &Connection, id: Uuid) -> Result<Option<UserId>> {
    let found = conn.prepare_cached(SENDER)?.query_row([id], |row| row.get(0)).optional()?;
    Ok(found.map(UserId))
}

/// Returns whether somebody other than this user gave this reaction.
fn has_other_users(reaction: &Reaction, me: UserId) -> bool {
    let own = i64::from(reaction.is_by(me).unwrap_or(false));
    reaction.users.iter().any(|user| *user != me) || reaction.count.0 > own
}
