//! Conversations: their properties, and the positions of their newest messages.

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use parlour_protocol::{
    ConversationId, ConversationRow, ConversationType, HistoryVisibility, Millis, OwnerlessGroup,
    Removal, Seq, limits,
};

parlour_sqlite::statements! {
    /// $1 id, $2 type, $3 created_by, $4 created_at, $5 title, $6 history, $7 changed_seq.
    INSERT = "INSERT INTO conversations
            (id, type, created_by, created_at, title, history, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// $1 id.
    FIND = "SELECT id, type, created_by, created_at, title, topic, history, removal,
            archived_at, member_count, last_seq, changed_seq
        FROM conversations WHERE id = $1";
    /// $1 title, $2 topic, $3 history, $4 removal, $5 archived_at, $6 changed_seq, $7 id.
    UPDATE = "UPDATE conversations
        SET title = $1, topic = $2, history = $3, removal = $4, archived_at = $5, changed_seq = $6
        WHERE id = $7";
    /// $1 limit. Reads the owner of every group.
    OWNERLESS = "SELECT c.id, c.title, c.created_at, c.member_count FROM conversations AS c
        WHERE c.type = 'group' AND c.member_count > 0 AND (
            SELECT count(*) FROM conversation_members AS m JOIN users AS u ON u.id = m.user_id
            WHERE m.conversation_id = c.id AND m.role = 'owner'
                AND u.deactivated_at IS NULL AND u.password_hash <> '!') = 0
        LIMIT $1";
    /// $1 after, $2 limit.
    PAGE = "SELECT id, type, title, created_at, archived_at, member_count FROM conversations
        WHERE id > $1 AND (member_count > 0 OR last_seq > 0) ORDER BY id LIMIT $2";
    /// $1 after, $2 limit.
    ALL_AFTER = "SELECT id, type, created_by, created_at, title, topic, history, removal,
            archived_at, member_count, last_seq, changed_seq
        FROM conversations WHERE id > $1 ORDER BY id LIMIT $2";
    /// $1 how many, $2 id.
    NEXT_SEQ = "UPDATE conversations SET last_seq = last_seq + $1 WHERE id = $2 RETURNING last_seq";
}

/// Sets the position of the newest message of several conversations.
const EXTEND: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id), ("last_seq", ColumnType::Int)],
    sql: "UPDATE conversations SET last_seq = input.last_seq FROM input
        WHERE conversations.id = input.id",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("EXTEND", &EXTEND)];

/// A conversation with its size.
pub struct StoredConversation {
    /// The row as members see it.
    pub row: ConversationRow,
    /// The number of current members.
    pub member_count: i64,
    /// The position of the newest message; 0 before the first.
    pub last_seq: i64,
}

impl StoredConversation {
    /// Returns whether it has so many members that some changes are coalesced instead of being announced at
    /// once.
    pub fn is_large(&self) -> bool {
        self.member_count > limits::LARGE_MEMBERS
    }

    /// Returns whether the members see how far the others have read.
    pub fn shows_reads(&self) -> bool {
        self.member_count <= limits::READS_SHOWN_MEMBERS
    }
}

/// Adds a conversation.
pub async fn insert(tx: &Tx, row: &ConversationRow) -> Result<(), DbError> {
    let params = [
        row.id.into(),
        row.kind.as_str().into(),
        row.created_by.into(),
        row.created_at.into(),
        row.title.as_str().into(),
        row.history.as_str().into(),
        row.changed_seq.into(),
    ];
    tx.execute(INSERT, &params).await.map(drop)
}

/// Returns a conversation, if it exists.
pub async fn find(tx: &Tx, id: ConversationId) -> Result<Option<StoredConversation>, DbError> {
    tx.optional(FIND, &[id.into()]).await?.map(|row| from_row(&row)).transpose()
}

/// Returns at most `limit` groups without an owner who can sign in, in no particular order.
pub async fn ownerless(tx: &Tx, limit: i64) -> Result<Vec<OwnerlessGroup>, DbError> {
    let group = |row: &Row| {
        Ok(OwnerlessGroup {
            id: row.get("id")?,
            title: row.get("title")?,
            created_at: row.get("created_at")?,
            member_count: row.get("member_count")?,
        })
    };
    tx.query(OWNERLESS, &[limit.into()]).await?.iter().map(group).collect()
}

/// A group in the list of all groups.
pub struct ListedConversation {
    /// The group's id.
    pub id: ConversationId,
    /// The group's title.
    pub title: String,
    /// When the group was created.
    pub created_at: Millis,
    /// Since when the group has been archived.
    pub archived_at: Option<Millis>,
    /// The number of current members.
    pub member_count: i64,
}

/// Returns the groups among the next `limit` conversations by id, except those without members and messages, and the
/// id to continue after, if there may be more.
pub async fn page(
    tx: &Tx,
    after: ConversationId,
    limit: i64,
) -> Result<(Vec<ListedConversation>, Option<ConversationId>), DbError> {
    let rows = tx.query(PAGE, &[after.into(), limit.into()]).await?;
    let last = rows.last().map(|row| row.get("id")).transpose()?;
    let groups = rows.iter().filter(|row| row.text("type").is_ok_and(|kind| kind == "group"));
    let listed = |row: &Row| {
        Ok(ListedConversation {
            id: row.get("id")?,
            title: row.get("title")?,
            created_at: row.get("created_at")?,
            archived_at: row.get("archived_at")?,
            member_count: row.get("member_count")?,
        })
    };
    Ok((groups.map(listed).collect::<Result<_, DbError>>()?, last))
}

/// Returns the next `limit` conversations of either kind by id.
pub async fn all_after(
    tx: &Tx,
    after: ConversationId,
    limit: i64,
) -> Result<Vec<StoredConversation>, DbError> {
    tx.query(ALL_AFTER, &[after.into(), limit.into()]).await?.iter().map(from_row).collect()
}

/// Updates the columns of a conversation that can change.
pub async fn update(tx: &Tx, row: &ConversationRow) -> Result<(), DbError> {
    let params = [
        row.title.as_str().into(),
        row.topic.as_str().into(),
        row.history.as_str().into(),
        row.removal.as_str().into(),
        row.archived_at.into(),
        row.changed_seq.into(),
        row.id.into(),
    ];
    tx.execute(UPDATE, &params).await.map(drop)
}

/// Sets the position of the newest message of several conversations.
pub async fn extend_to(
    tx: &Tx,
    seqs: impl Iterator<Item = (ConversationId, Seq)>,
) -> Result<(), DbError> {
    tx.write_batch(&EXTEND, seqs.map(|(id, seq)| vec![id.into(), seq.into()]).collect()).await
}

/// Reserves the positions of the next `count` messages, and returns the last of them.
pub async fn next_seqs(tx: &Tx, id: ConversationId, count: i64) -> Result<i64, DbError> {
    tx.one(NEXT_SEQ, &[count.into(), id.into()]).await?.get("last_seq")
}

fn from_row(row: &Row) -> Result<StoredConversation, DbError> {
    let (kind, history): (String, String) = (row.get("type")?, row.get("history")?);
    let removal: String = row.get("removal")?;
    let itself = ConversationRow {
        id: row.get("id")?,
        kind: ConversationType::parse(&kind).ok_or(DbError::Column("type"))?,
        title: row.get("title")?,
        topic: row.get("topic")?,
        history: HistoryVisibility::parse(&history).ok_or(DbError::Column("history"))?,
        removal: Removal::parse(&removal).ok_or(DbError::Column("removal"))?,
        archived_at: row.get("archived_at")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        changed_seq: row.get("changed_seq")?,
    };
    let (member_count, last_seq) = (row.get("member_count")?, row.get("last_seq")?);
    Ok(StoredConversation { row: itself, member_count, last_seq })
}
