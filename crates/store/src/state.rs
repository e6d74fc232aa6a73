//! What a stream has beside messages, compared with the server's: titles, members, one's own places,
//! devices, drafts, saved messages and choices, and people. By one digest; and all of it anew where
//! that differs.

use crate::{Changes, Mirror, Result, apply, conversations, members, streams, verify};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, DraftRow, HistoryVisibility, MemberRow,
    MembershipRow, MessageId, Millis, Removal, Row, SavedRow, Seq, SessionId, SessionRow,
    SettingRow, StreamId, UserId, UserRole, UserRow, row_digest, rows_digest,
};
use rusqlite::Connection;
use std::collections::BTreeSet;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 conversation.
    CONVERSATION = "SELECT id, type, title, topic, history, removal, archived_at, created_at,
            changed_seq
        FROM conversations WHERE number = $1 AND changed_seq > 0";
    /// $1 conversation.
    MEMBERS = "SELECT users.id AS id, members.role AS role, members.joined_at AS joined_at,
            members.left_at AS left_at, members.changed_seq AS changed_seq
        FROM members CROSS JOIN users ON users.number = members.user
        WHERE members.conversation = $1";
    /// $1 conversation.
    FORGET_CONVERSATION = "UPDATE conversations SET changed_seq = 0 WHERE number = $1";
}

// These read everything that there is of a kind, once a day, while there is nothing else to do. Messages are
// not among them.
const MEMBERSHIPS: &str = "SELECT id, left_at, visible_from, last_read_seq, muted_until, pinned_at,
        hidden_at, marked_unread, purged, membership_changed_seq AS changed_seq
    FROM conversations WHERE membership_changed_seq > 0";
const SESSIONS: &str = "SELECT id, device, created_at, revoked_at, changed_seq FROM sessions
    WHERE revoked_at IS NULL";
const DRAFTS: &str = "SELECT conversation_id, body, reply_to, changed_seq FROM drafts";
const SAVED: &str = "SELECT message_id, conversation_id, saved_at, changed_seq FROM saved";
const SETTINGS: &str = "SELECT name, value, changed_seq FROM settings";
const USERS: &str = "SELECT id, username, role, deactivated_at, erased_at, changed_seq
    FROM users WHERE changed_seq > 0";
// Whoever is in the directory is written again at once.
const FORGET_DIRECTORY: &str = "UPDATE users SET username = '', role = 'member',
    deactivated_at = NULL, erased_at = NULL, changed_seq = 0";
const FORGET_ACCOUNT: &str = "UPDATE conversations SET membership_changed_seq = 0;
    DELETE FROM sessions; DELETE FROM drafts; DELETE FROM saved; DELETE FROM settings";

/// How far a stream is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Which.
    pub stream: StreamId,
    /// One's join of the conversation; 0 for other streams.
    pub term: i64,
    /// Up to which change it is applied.
    pub cursor: i64,
}

impl Mirror {
    /// How far a stream is here; nothing before it was fetched.
    pub fn standing(&self, stream: StreamId) -> Result<Option<Standing>> {
        self.read(|conn| {
            let found = verify::stands(conn, stream)?;
            Ok(found.map(|(term, cursor)| Standing { stream, term, cursor }))
        })
    }

    /// How many rows there are beside messages, and the digest of them; nothing if the stream has moved
    /// since, or if an op's answer was ahead of it.
    pub fn state_digest(&self, standing: &Standing) -> Result<Option<(i64, String)>> {
        self.read(|conn| Ok(held(conn, standing)?.map(|rows| rows_digest(&rows))))
    }

    /// Makes a stream, but for its messages, what the server has in an epoch up to the cursor; answers how
    /// many rows differed. Does nothing if the stream has moved since, or the epoch is over.
    pub fn repair_state(
        &self,
        standing: &Standing,
        epoch: &str,
        rows: &[Row],
    ) -> Result<(i64, Changes)> {
        self.write(|conn| {
            let is_over = streams::epoch(conn)? != epoch;
            let Some(held) = held(conn, standing)?.filter(|_| !is_over) else {
                return Ok((0, Changes::default()));
            };
            let digests = |rows: &[Row]| rows.iter().filter_map(row_digest).collect();
            let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (digests(&held), digests(rows));
            // A row that reads otherwise is in both differences.
            let differ = ours.difference(&theirs).count().max(theirs.difference(&ours).count());
            if differ == 0 {
                return Ok((0, Changes::default()));
            }
            forget(conn, standing.stream)?;
            let changes = apply::rows(conn, standing.stream, rows)?;
            if matches!(standing.stream, StreamId::Account(_)) {
                streams::abandon(conn)?;
            }
            let differ = i64::try_from(differ).unwrap_or(i64::MAX);
            verify::count(conn, differ)?;
            Ok((differ, changes))
        })
    }
}

fn forget(conn: &Connection, stream: StreamId) -> Result<()> {
    match stream {
        StreamId::Directory => conn.execute_batch(FORGET_DIRECTORY)?,
        StreamId::Account(_) => conn.execute_batch(FORGET_ACCOUNT)?,
        StreamId::Conversation(id) => {
            let number = conversations::number(conn, id)?;
            conn.prepare_cached(FORGET_CONVERSATION)?.execute([number])?;
            members::clear(conn, number)?;
        }
    }
    Ok(())
}

/// Every row of the stream but messages, with what the digest is of; nothing if the stream is not where
/// it was, or if a row is ahead of it.
fn held(conn: &Connection, standing: &Standing) -> Result<Option<Vec<Row>>> {
    let stands = verify::stands(conn, standing.stream)?;
    if stands != Some((standing.term, standing.cursor)) {
        return Ok(None);
    }
    let rows = match standing.stream {
        StreamId::Directory => all(conn, USERS, [], user)?,
        StreamId::Account(_) => of_account(conn)?,
        StreamId::Conversation(id) => {
            let number = conversations::number(conn, id)?;
            let mut rows = all(conn, CONVERSATION, [number], conversation)?;
            rows.extend(all(conn, MEMBERS, [number], member)?);
            rows
        }
    };
    let is_ahead = rows.iter().any(|row| row.changed_seq() > standing.cursor);
    Ok((!is_ahead).then_some(rows))
}

fn of_account(conn: &Connection) -> Result<Vec<Row>> {
    let mut rows = all(conn, MEMBERSHIPS, [], membership)?;
    rows.extend(all(conn, SESSIONS, [], session)?);
    rows.extend(all(conn, DRAFTS, [], draft)?);
    rows.extend(all(conn, SAVED, [], saved)?);
    rows.extend(all(conn, SETTINGS, [], setting)?);
    Ok(rows)
}

fn all(
    conn: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: fn(&rusqlite::Row<'_>) -> rusqlite::Result<Row>,
) -> Result<Vec<Row>> {
    let mut statement = conn.prepare_cached(sql)?;
    Ok(statement.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
}

fn time(row: &rusqlite::Row<'_>, name: &str) -> rusqlite::Result<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(name)?.map(Millis))
}

fn conversation(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let (kind, history): (String, String) = (row.get("type")?, row.get("history")?);
    let kind = ConversationType::parse(&kind).unwrap_or(ConversationType::Group);
    let created_at = Millis(row.get("created_at")?);
    let (id, title): (Uuid, String) = (row.get("id")?, row.get("title")?);
    let nobody = UserId(Uuid::nil());
    Ok(Row::Conversation(ConversationRow {
        topic: row.get("topic")?,
        history: HistoryVisibility::parse(&history).unwrap_or(HistoryVisibility::Beginning),
        removal: removal(&row.get::<_, String>("removal")?),
        archived_at: time(row, "archived_at")?,
        changed_seq: row.get("changed_seq")?,
        ..ConversationRow::new(ConversationId(id), kind, title, nobody, created_at)
    }))
}

/// By its name; one that is not known deletes nothing.
pub(crate) fn removal(name: &str) -> Removal {
    Removal::parse(name).unwrap_or(Removal::Keep)
}

fn member(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Member(MemberRow {
        user_id: UserId(row.get("id")?),
        role: members::role(&row.get::<_, String>("role")?),
        joined_at: Millis(row.get("joined_at")?),
        last_read_seq: None,
        left_at: time(row, "left_at")?,
        changed_seq: row.get("changed_seq")?,
    }))
}

fn membership(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Membership(MembershipRow {
        left_at: time(row, "left_at")?,
        visible_from: row.get("visible_from")?,
        last_read_seq: Seq(row.get("last_read_seq")?),
        muted_until: time(row, "muted_until")?,
        pinned_at: time(row, "pinned_at")?,
        hidden_at: time(row, "hidden_at")?,
        marked_unread: row.get("marked_unread")?,
        purged: row.get("purged")?,
        changed_seq: row.get("changed_seq")?,
        ..MembershipRow::new(ConversationId(row.get("id")?), Millis(0))
    }))
}

fn session(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Session(SessionRow {
        id: SessionId(row.get("id")?),
        device: row.get("device")?,
        created_at: Millis(row.get("created_at")?),
        expires_at: Millis(0),
        revoked_at: time(row, "revoked_at")?,
        changed_seq: row.get("changed_seq")?,
    }))
}

fn draft(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Draft(DraftRow {
        conversation_id: ConversationId(row.get("conversation_id")?),
        body: row.get("body")?,
        reply_to: row.get::<_, Option<Uuid>>("reply_to")?.map(MessageId),
        updated_at: Millis(0),
        changed_seq: row.get("changed_seq")?,
    }))
}

fn saved(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Saved(SavedRow {
        message_id: MessageId(row.get("message_id")?),
        conversation_id: ConversationId(row.get("conversation_id")?),
        saved_at: time(row, "saved_at")?,
        changed_seq: row.get("changed_seq")?,
    }))
}

fn setting(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    Ok(Row::Setting(SettingRow {
        name: row.get("name")?,
        value: row.get("value")?,
        changed_seq: row.get("changed_seq")?,
    }))
}

fn user(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let (id, username, role): (Uuid, String, String) =
        (row.get("id")?, row.get("username")?, row.get("role")?);
    let role = UserRole::parse(&role).unwrap_or(UserRole::Member);
    Ok(Row::User(UserRow {
        deactivated_at: time(row, "deactivated_at")?,
        erased_at: time(row, "erased_at")?,
        ..UserRow::new(UserId(id), username, role, row.get("changed_seq")?)
    }))
}
