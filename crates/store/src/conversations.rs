//! Conversations: their place in the list, and how far they are here and read.

use crate::outbox::{OpState, OpenOp};
use crate::unread::{self, Held};
use crate::{Mirror, Result, Store, messages};
use parlour_protocol::{
    Action, ConversationId, ConversationRow, ConversationType, Count, MembershipRow, Millis, Seq,
};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

parlour_sqlite::statements! {
    /// $1 id.
    NUMBER = "SELECT number FROM conversations WHERE id = $1";
    /// $1 id.
    INSERT = "INSERT INTO conversations (id) VALUES ($1)";
    /// $1 type, $2 title, $3 created, $4 changed_seq, $5 number.
    APPLY = "UPDATE conversations SET type = $1, title = $2, created_at = $3, changed_seq = $4,
            active_at = max(active_at, $3)
        WHERE number = $5 AND changed_seq < $4";
    /// $1 left, $2 last_read, $3 visible_from, $4 changed_seq, $5 number.
    APPLY_MEMBERSHIP = "UPDATE conversations SET left_at = $1, last_read_seq = $2,
            visible_from = $3, membership_changed_seq = $4
        WHERE number = $5 AND membership_changed_seq < $4";
    /// $1 number.
    VISIBLE_FROM = "SELECT visible_from FROM conversations WHERE number = $1";
    /// $1 seq, $2 sent_at, $3 number.
    ARRIVED = "UPDATE conversations SET last_seq = max(last_seq, $1), active_at = max(active_at, $2)
        WHERE number = $3";
    /// $1 floor, $2 number.
    SET_FLOOR = "UPDATE conversations SET floor_seq = $1 WHERE number = $2";
    /// $1 number.
    FLOOR = "SELECT floor_seq FROM conversations WHERE number = $1";
    /// $1 last_seq, $2 floor, $3 number.
    RESTART = "UPDATE conversations SET last_seq = $1, known_seq = max(known_seq, $1),
            floor_seq = $2,
            changed_seq = 0
        WHERE number = $3";
    /// $1 id.
    SUMMARY = "SELECT c.number, c.id, c.type, c.title, c.left_at, c.last_read_seq, c.last_seq,
            c.floor_seq, c.known_seq, c.visible_from, c.active_at,
            (SELECT users.username FROM members JOIN users ON users.number = members.user
             WHERE members.conversation = c.number AND c.type = 'p2p'
               AND users.id <> mirror.user_id LIMIT 1) AS peer,
            messages.body, messages.deleted_at, users.username AS sender,
            users.id = mirror.user_id AS own
        FROM conversations AS c
        JOIN mirror ON mirror.only_row = 1
        LEFT JOIN messages ON messages.key = (c.number << 32) + c.last_seq
        LEFT JOIN users ON users.number = messages.sender
        WHERE c.id = $1";
    /// $1 limit.
    NEWEST = "SELECT id FROM conversations ORDER BY active_at DESC LIMIT $1";
}

// Reads a row a conversation, for the sync line; not a message. Of what one left nothing is to come,
// and of what one may not see nothing counts.
const PROGRESS: &str = "SELECT coalesce(sum(here), 0) AS here,
        coalesce(sum(CASE WHEN left_at IS NULL THEN max(here, visible) ELSE here END), 0) AS total
    FROM (SELECT left_at, max(last_seq, known_seq) - visible_from + 1 AS visible,
            CASE WHEN floor_seq = 0 THEN 0
                ELSE max(last_seq - max(floor_seq, visible_from) + 1, 0) END AS here
        FROM conversations)";

/// Longest preview in the list, in characters.
const PREVIEW_CHARS: usize = 120;

/// A row of the conversation list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct ConversationSummary {
    /// Which.
    pub id: ConversationId,
    /// p2p or group.
    pub kind: ConversationType,
    /// A group's title, or the other person's name.
    pub title: String,
    /// The newest message's beginning; empty if there is none or it was deleted.
    pub preview: String,
    /// Who wrote it; nothing if there is none.
    pub sender: Option<String>,
    /// Whether I wrote it.
    pub own: bool,
    /// When something was last said.
    pub active_at: Millis,
    /// Messages past the read position.
    pub unread: Count,
    /// The newest message's position.
    pub last_seq: Seq,
    /// Up to where I have read.
    pub last_read_seq: Seq,
    /// Whether I left it: then it can be read and no more.
    pub left: bool,
    /// What I am writing there.
    pub draft: Option<String>,
    /// How many of my messages there wait or were refused.
    pub waiting: Count,
}

/// How much of the history is here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Messages in all.
    pub total: Count,
    /// Messages here.
    pub here: Count,
}

/// A conversation's number, if it is known.
pub(crate) fn find(conn: &Connection, id: ConversationId) -> Result<Option<i64>> {
    Ok(conn.prepare_cached(NUMBER)?.query_row([id.0], |row| row.get(0)).optional()?)
}

/// A conversation's number, given to it if it has none yet.
pub(crate) fn number(conn: &Connection, id: ConversationId) -> Result<i64> {
    if let Some(number) = find(conn, id)? {
        return Ok(number);
    }
    conn.prepare_cached(INSERT)?.execute([id.0])?;
    Ok(conn.last_insert_rowid())
}

/// Writes the conversation's own row, if it is newer than the one held.
pub(crate) fn apply(conn: &Connection, row: &ConversationRow) -> Result<()> {
    let number = number(conn, row.id)?;
    let params = (row.kind.as_str(), &row.title, row.created_at.0, row.changed_seq, number);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Writes one's own place in a conversation, if it is newer than the one held.
pub(crate) fn apply_membership(conn: &Connection, row: &MembershipRow) -> Result<()> {
    let number = number(conn, row.conversation_id)?;
    let left_at = row.left_at.map(|at| at.0);
    let params = (left_at, row.last_read_seq.0, row.visible_from, row.changed_seq, number);
    let is_news = conn.prepare_cached(APPLY_MEMBERSHIP)?.execute(params)? > 0;
    if is_news && row.visible_from > 1 {
        messages::clear_below(conn, number, row.visible_from)?;
    }
    Ok(())
}

/// Notes that messages up to `seq` are here.
pub(crate) fn arrived(conn: &Connection, number: i64, seq: i64, sent_at: i64) -> Result<()> {
    conn.prepare_cached(ARRIVED)?.execute((seq, sent_at, number))?;
    Ok(())
}

/// The first message that one may see.
pub(crate) fn visible_from(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(VISIBLE_FROM)?.query_row([number], |row| row.get(0))?)
}

pub(crate) fn floor(conn: &Connection, number: i64) -> Result<i64> {
    Ok(conn.prepare_cached(FLOOR)?.query_row([number], |row| row.get(0))?)
}

pub(crate) fn set_floor(conn: &Connection, number: i64, floor: i64) -> Result<()> {
    conn.prepare_cached(SET_FLOOR)?.execute((floor, number))?;
    Ok(())
}

/// Begins a conversation anew, with nothing of it here.
pub(crate) fn restart(conn: &Connection, number: i64, last_seq: i64, floor: i64) -> Result<()> {
    conn.prepare_cached(RESTART)?.execute((last_seq, floor, number))?;
    Ok(())
}

impl Mirror {
    /// How much of the history is here.
    pub fn progress(&self) -> Result<Progress> {
        self.read(|conn| {
            Ok(conn.prepare_cached(PROGRESS)?.query_row([], |row| {
                Ok(Progress { total: Count(row.get("total")?), here: Count(row.get("here")?) })
            })?)
        })
    }
}

impl Store {
    /// The conversations in which something was said last, newest first, at most `limit`.
    pub fn conversations(&self, limit: i64) -> Result<Vec<ConversationSummary>> {
        let ids: Vec<ConversationId> = self.mirror.read(|conn| {
            let mut statement = conn.prepare_cached(NEWEST)?;
            let ids = statement.query_map([limit], |row| Ok(ConversationId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut summaries = self.conversations_by_id(&ids)?;
        let here: std::collections::HashSet<_> = ids.into_iter().collect();
        let waiting = self.outbox.open_ops()?.into_iter().map(|op| op.op.conversation_id);
        let elsewhere: std::collections::BTreeSet<_> =
            waiting.filter(|id| !here.contains(id)).collect();
        summaries.extend(self.conversations_by_id(&elsewhere.into_iter().collect::<Vec<_>>())?);
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.active_at));
        Ok(summaries)
    }

    /// These conversations as the list shows them; one that is not known is left out.
    pub fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        let mut open: BTreeMap<ConversationId, Vec<OpenOp>> = BTreeMap::new();
        for op in self.outbox.open_ops()? {
            open.entry(op.op.conversation_id).or_default().push(op);
        }
        let mut drafts: HashMap<ConversationId, String> =
            self.outbox.drafts()?.into_iter().collect();
        self.mirror.read(|conn| {
            let mut summaries = Vec::with_capacity(ids.len());
            for id in ids {
                let ops = open.remove(id).unwrap_or_default();
                let found = conn.prepare_cached(SUMMARY)?.query_row([id.0], summary).optional()?;
                let (held, found) = found.flatten().unzip();
                let Some(mut summary) = found.or_else(|| begun(conn, *id, &ops)) else { continue };
                for op in &ops {
                    overlay(conn, &mut summary, op)?;
                }
                if let Some(held) = held.filter(|_| !summary.left) {
                    summary.unread = unread::count(conn, held, summary.last_read_seq.0)?;
                }
                summary.draft = drafts.remove(id);
                summaries.push(summary);
            }
            Ok(summaries)
        })
    }
}

/// Nothing for a conversation whose own row has not come yet.
fn summary(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<(Held, ConversationSummary)>> {
    let kind: String = row.get("type")?;
    let Some(kind) = ConversationType::parse(&kind) else { return Ok(None) };
    let (last_seq, last_read_seq): (i64, i64) = (row.get("last_seq")?, row.get("last_read_seq")?);
    let deleted = row.get::<_, Option<i64>>("deleted_at")?.is_some();
    let body: Option<String> = row.get("body")?;
    let left = row.get::<_, Option<i64>>("left_at")?.is_some();
    let held = Held {
        number: row.get("number")?,
        floor: row.get("floor_seq")?,
        last: last_seq,
        known: row.get("known_seq")?,
        visible_from: row.get("visible_from")?,
    };
    let summary = ConversationSummary {
        id: ConversationId(row.get("id")?),
        kind,
        title: match kind {
            ConversationType::P2p => row.get::<_, Option<String>>("peer")?.unwrap_or_default(),
            ConversationType::Group => row.get("title")?,
        },
        preview: body.filter(|_| !deleted).as_deref().map(preview).unwrap_or_default(),
        sender: row.get("sender")?,
        own: row.get::<_, Option<bool>>("own")?.unwrap_or(false),
        active_at: Millis(row.get("active_at")?),
        unread: Count(0),
        last_seq: Seq(last_seq),
        last_read_seq: Seq(last_read_seq),
        left,
        draft: None,
        waiting: Count(0),
    };
    Ok(Some((held, summary)))
}

/// A conversation that was created here and that the server does not have yet.
fn begun(conn: &Connection, id: ConversationId, ops: &[OpenOp]) -> Option<ConversationSummary> {
    ops.iter().find_map(|op| {
        let Action::Create { kind, title, members, .. } = &op.op.action else { return None };
        let peer = members.first().and_then(|peer| crate::users::name(conn, *peer).ok());
        Some(ConversationSummary {
            id,
            kind: *kind,
            title: if *kind == ConversationType::P2p { peer? } else { title.clone() },
            preview: String::new(),
            sender: None,
            own: true,
            active_at: op.created_at,
            unread: Count(0),
            last_seq: Seq(0),
            last_read_seq: Seq(0),
            left: false,
            draft: None,
            waiting: Count(0),
        })
    })
}

/// Shows what waits as if it were done.
fn overlay(conn: &Connection, summary: &mut ConversationSummary, open: &OpenOp) -> Result<()> {
    match &open.op.action {
        Action::Send { body, .. } => {
            if messages::is_held(conn, parlour_protocol::MessageId(open.op.id.0))? {
                return Ok(());
            }
            summary.waiting.0 += 1;
            summary.preview = preview(body);
            summary.sender = Some(String::new());
            summary.own = true;
            summary.active_at = summary.active_at.max(open.created_at);
        }
        Action::Read { seq } if open.state == OpState::Waiting => {
            summary.last_read_seq = summary.last_read_seq.max(*seq);
        }
        Action::Leave if open.state == OpState::Waiting => summary.left = true,
        _ => {}
    }
    Ok(())
}

/// One line of a message.
fn preview(body: &str) -> String {
    let line = body.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(PREVIEW_CHARS).collect()
}
