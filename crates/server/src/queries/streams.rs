//! The heads of the streams.

use crate::db::{BatchStatement, Change, ColumnType, DbError, Row, Tx, Value};
use parlour_protocol::{ConversationId, Head, Newest, Page, Seq, StreamId, UserId};
use std::collections::HashMap;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 kind, $2 id, $3 how many.
    ADVANCE = "INSERT INTO streams (kind, id, head, wm)
        SELECT $1, $2, $3, wm FROM instance WHERE only_row = 1
        ON CONFLICT (kind, id) DO UPDATE
            SET head = streams.head + excluded.head, wm = excluded.wm
        RETURNING head";
    /// $1 kind, $2 id.
    HEAD = "SELECT head FROM streams WHERE kind = $1 AND id = $2";
    /// $1 user.
    FLOOR = "SELECT floor FROM streams WHERE kind = 'account' AND id = $1";
    /// $1 change, $2 user.
    RAISE_FLOOR = "UPDATE streams SET floor = $1
        WHERE kind = 'account' AND id = $2 AND floor < $1";
    /// $1 watermark, $2 user. Starts from the streams that moved, which is fast for a device that was
    /// connected recently.
    MOVED_RECENTLY = "SELECT s.id AS id, s.head AS head, m.term AS term,
            n.seq AS seq, n.sent_at AS sent_at
        FROM streams AS s CROSS JOIN conversation_members AS m
            LEFT JOIN conversations AS c ON c.id = s.id
            LEFT JOIN messages AS n ON n.conversation_id = c.id AND n.seq = c.last_seq
                AND n.seq >= m.visible_from
        WHERE s.kind = 'conversation' AND s.wm > $1
            AND m.conversation_id = s.id AND m.user_id = $2 AND m.left_at IS NULL";
    /// $1 user, $2 watermark. Starts from the user's memberships, which is fast for a device that was disconnected
    /// for long.
    MOVED_LONG_AGO = "SELECT s.id AS id, s.head AS head, m.term AS term,
            n.seq AS seq, n.sent_at AS sent_at
        FROM conversation_members AS m CROSS JOIN streams AS s
            LEFT JOIN conversations AS c ON c.id = s.id
            LEFT JOIN messages AS n ON n.conversation_id = c.id AND n.seq = c.last_seq
                AND n.seq >= m.visible_from
        WHERE m.user_id = $1 AND m.left_at IS NULL
            AND s.kind = 'conversation' AND s.id = m.conversation_id AND s.wm > $2";
    /// $1 the directory's id, $2 user, $3 watermark.
    MOVED_OTHERS = "SELECT kind, id, head FROM streams
        WHERE ((kind = 'directory' AND id = $1) OR (kind = 'account' AND id = $2)) AND wm > $3";
}

/// Sets the heads of several conversations' streams.
const MOVE: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id), ("head", ColumnType::Int)],
    sql: "INSERT INTO streams (kind, id, head, wm)
        SELECT 'conversation', input.id, input.head, i.wm
        FROM input CROSS JOIN instance AS i WHERE i.only_row = 1
        ON CONFLICT (kind, id) DO UPDATE SET head = excluded.head, wm = excluded.wm",
};

/// Reserves the next change number of several accounts' streams, and changes the count of groups that each account is
/// in.
const MOVE_ACCOUNTS: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id), ("group_change", ColumnType::Int)],
    sql: "INSERT INTO streams (kind, id, head, wm, group_count)
        SELECT 'account', input.id, 1, i.wm, input.group_change
        FROM input CROSS JOIN instance AS i WHERE i.only_row = 1
        ON CONFLICT (kind, id) DO UPDATE SET head = streams.head + 1, wm = excluded.wm,
            group_count = streams.group_count + excluded.group_count
        RETURNING id, head",
};

/// Selects the heads of the given streams.
const HEADS: BatchStatement = BatchStatement {
    columns: &[("kind", ColumnType::Text), ("id", ColumnType::Id)],
    sql: "SELECT s.kind AS kind, s.id AS id, s.head AS head FROM input CROSS JOIN streams AS s
        WHERE s.kind = input.kind AND s.id = input.id",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] =
    &[("MOVE", &MOVE), ("MOVE_ACCOUNTS", &MOVE_ACCOUNTS), ("HEADS", &HEADS)];

/// [`MOVED_RECENTLY`] is used if there were at most this many commits since the device's last request.
const RECENT_COMMITS: i64 = 2000;

fn key(stream: StreamId) -> (Value, Value) {
    let (kind, id) = match stream {
        StreamId::Directory => ("directory", Uuid::nil()),
        StreamId::Account(user) => ("account", user.0),
        StreamId::Conversation(conversation) => ("conversation", conversation.0),
    };
    (kind.into(), Value::Id(id))
}

/// Reserves the stream's next change number and returns it.
pub async fn advance(tx: &Tx, stream: StreamId) -> Result<i64, DbError> {
    advance_by(tx, stream, 1).await
}

/// Reserves the stream's next `count` change numbers, and returns the last of them.
pub async fn advance_by(tx: &Tx, stream: StreamId, count: i64) -> Result<i64, DbError> {
    let (kind, id) = key(stream);
    let params = [kind, id, count.into()];
    tx.advance_watermark().await?;
    tx.one(ADVANCE, &params).await?.get("head")
}

/// Reserves the next change number of several accounts' streams, and returns them. Adds `group_change` to each
/// account's count of groups.
pub async fn advance_accounts(
    tx: &Tx,
    users: impl Iterator<Item = UserId>,
    group_change: i64,
) -> Result<HashMap<UserId, i64>, DbError> {
    tx.advance_watermark().await?;
    let input = users.map(|user| vec![user.into(), group_change.into()]).collect();
    let rows = tx.query_batch(&MOVE_ACCOUNTS, input).await?;
    rows.iter().map(|row| Ok((row.get("id")?, row.get("head")?))).collect()
}

/// Reserves the next change number of the stream of an account that leaves a group.
pub async fn advance_leaving(tx: &Tx, user: UserId) -> Result<i64, DbError> {
    let heads = advance_accounts(tx, std::iter::once(user), -1).await?;
    heads.get(&user).copied().ok_or(DbError::Missing)
}

/// Sets the heads of several conversations' streams.
pub async fn move_to(
    tx: &Tx,
    heads: impl Iterator<Item = (ConversationId, i64)>,
) -> Result<(), DbError> {
    tx.advance_watermark().await?;
    tx.write_batch(&MOVE, heads.map(|(id, head)| vec![id.into(), head.into()]).collect()).await
}

/// Returns the stream's newest change number; 0 before the first.
pub async fn head(tx: &Tx, stream: StreamId) -> Result<i64, DbError> {
    let (kind, id) = key(stream);
    let row = tx.optional(HEAD, &[kind, id]).await?;
    row.map_or(Ok(0), |row| row.get("head"))
}

/// Returns the number of the newest forgotten change in an account's stream; 0 if there is none.
pub async fn floor(tx: &Tx, user: UserId) -> Result<i64, DbError> {
    let row = tx.optional(FLOOR, &[user.into()]).await?;
    row.map_or(Ok(0), |row| row.get("floor"))
}

/// Records that a change of an account's stream was forgotten.
pub async fn raise_floor(tx: &Tx, user: UserId, change: i64) -> Result<(), DbError> {
    tx.execute(RAISE_FLOOR, &[change.into(), user.into()]).await.map(drop)
}

/// Returns the heads of these streams.
pub async fn heads_of(
    tx: &Tx,
    streams: impl IntoIterator<Item = StreamId>,
) -> Result<Vec<Head>, DbError> {
    let input = streams.into_iter().map(key).map(|(kind, id)| vec![kind, id]);
    let rows = tx.query_batch(&HEADS, input.collect()).await?;
    let head = |row: &Row| {
        let kind: String = row.get("kind")?;
        let stream = match kind.as_str() {
            "account" => StreamId::Account(row.get("id")?),
            "conversation" => StreamId::Conversation(row.get("id")?),
            _ => StreamId::Directory,
        };
        Ok(Head { stream, term: 0, head: row.get("head")? })
    };
    rows.iter().map(head).collect()
}

/// Returns the heads of a user's streams that moved after the watermark `since`, and the newest message of
/// each conversation among them. `now` is the newest watermark.
pub async fn heads(
    tx: &Tx,
    user: UserId,
    since: i64,
    now: i64,
) -> Result<(Vec<Head>, Vec<Newest>), DbError> {
    let directory = Value::Id(Uuid::nil());
    let others = tx.query(MOVED_OTHERS, &[directory, user.into(), since.into()]).await?;
    let mut heads = others
        .iter()
        .map(|row| {
            let account = row.get::<String>("kind")? == "account";
            let stream = if account { StreamId::Account(user) } else { StreamId::Directory };
            Ok(Head { stream, term: 0, head: row.get("head")? })
        })
        .collect::<Result<Vec<_>, DbError>>()?;
    let conversations = if now - since <= RECENT_COMMITS {
        tx.query(MOVED_RECENTLY, &[since.into(), user.into()]).await?
    } else {
        tx.query(MOVED_LONG_AGO, &[user.into(), since.into()]).await?
    };
    let mut newest = Vec::new();
    for row in &conversations {
        heads.push(from_row(row)?);
        if let Some(seq) = row.get::<Option<i64>>("seq")? {
            let (conversation_id, sent_at) = (row.get("id")?, row.get("sent_at")?);
            newest.push(Newest { conversation_id, seq: Seq(seq), sent_at });
        }
    }
    Ok((heads, newest))
}

/// Announces a stream's change at `to` to its followers, once it is committed.
pub fn announce(tx: &Tx, stream: StreamId, to: i64, rows: Vec<parlour_protocol::Row>) {
    tx.announce(Change::Rows(page(tx, stream, to, rows)));
}

/// Announces a stream's changes after `from`, up to `to`, to its followers.
pub fn announce_all(
    tx: &Tx,
    stream: StreamId,
    (from, to): (i64, i64),
    rows: Vec<parlour_protocol::Row>,
) {
    tx.announce(Change::Rows(Page { from, ..page(tx, stream, to, rows) }));
}

/// Announces a change as [`announce`] does, but together with the stream's next rows, or a little later.
pub fn announce_later(tx: &Tx, stream: StreamId, to: i64, rows: Vec<parlour_protocol::Row>) {
    tx.announce(Change::Deferrable(page(tx, stream, to, rows)));
}

/// Announces a stream's change at `to`. The rows lack data that the devices of `caller` need, so those devices get only
/// the head, and pull. With `can_wait`, the rows may wait as in [`announce_later`].
pub fn announce_rows_except_to(
    tx: &Tx,
    (caller, can_wait): (UserId, bool),
    stream: StreamId,
    to: i64,
    rows: Vec<parlour_protocol::Row>,
) {
    tx.announce(Change::RowsExceptTo { caller, page: page(tx, stream, to, rows), can_wait });
}

/// Announces only a stream's new head, when there are too many rows to send; the followers pull.
pub fn announce_head(tx: &Tx, stream: StreamId, head: i64) {
    tx.announce(Change::Moved(Head { stream, term: 0, head }));
}

fn page(tx: &Tx, stream: StreamId, to: i64, rows: Vec<parlour_protocol::Row>) -> Page {
    Page { epoch: tx.epoch(), stream, term: 0, from: to - 1, to, head: to, rows }
}

fn from_row(row: &Row) -> Result<Head, DbError> {
    let id: ConversationId = row.get("id")?;
    Ok(Head { stream: StreamId::Conversation(id), term: row.get("term")?, head: row.get("head")? })
}
