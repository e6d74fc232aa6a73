//! Who is in a conversation, since when, and how far they have read. Every read of a conversation
//! goes through [`require`].

use crate::db::{DbError, Row, Tx};
use crate::error::ApiError;
use parlour_protocol::{ConversationId, MemberRow, MembershipRow, Millis, Seq, UserId};

parlour_sqlite::statements! {
    /// $1 user, $2 joined, $3 changed_seq, $4 account_seq, $5 conversation. What was said before one
    /// joined is not unread; joining again is a new term.
    JOIN = "INSERT INTO conversation_members
            (conversation_id, user_id, joined_at, changed_seq, account_seq, last_read_seq)
        SELECT id, $1, $2, $3, $4, last_seq FROM conversations WHERE id = $5
        ON CONFLICT (conversation_id, user_id) DO UPDATE SET
            joined_at = excluded.joined_at, left_at = NULL, term = conversation_members.term + 1,
            last_read_seq = excluded.last_read_seq,
            changed_seq = excluded.changed_seq, account_seq = excluded.account_seq
        RETURNING conversation_id, user_id, joined_at, left_at, term, last_read_seq, changed_seq,
            account_seq";
    /// $1 left, $2 changed_seq, $3 account_seq, $4 conversation, $5 user.
    LEAVE = "UPDATE conversation_members SET left_at = $1, changed_seq = $2, account_seq = $3
        WHERE conversation_id = $4 AND user_id = $5
        RETURNING conversation_id, user_id, joined_at, left_at, term, last_read_seq, changed_seq,
            account_seq";
    /// $1 seq, $2 account_seq, $3 conversation, $4 user.
    READ = "UPDATE conversation_members SET last_read_seq = $1, account_seq = $2
        WHERE conversation_id = $3 AND user_id = $4
        RETURNING conversation_id, user_id, joined_at, left_at, term, last_read_seq, changed_seq,
            account_seq";
    /// $1 conversation, $2 user.
    FIND = "SELECT conversation_id, user_id, joined_at, left_at, term, last_read_seq, changed_seq,
            account_seq
        FROM conversation_members WHERE conversation_id = $1 AND user_id = $2";
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = "SELECT user_id, joined_at, left_at, changed_seq FROM conversation_members
        WHERE conversation_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3";
    /// $1 user, $2 since, $3 limit.
    CHANGED_OF_ACCOUNT = "SELECT conversation_id, user_id, joined_at, left_at, term, last_read_seq,
            changed_seq, account_seq
        FROM conversation_members WHERE user_id = $1 AND account_seq > $2
        ORDER BY account_seq LIMIT $3";
    /// $1 user.
    CONVERSATIONS_OF = "SELECT conversation_id FROM conversation_members
        WHERE user_id = $1 AND left_at IS NULL";
}

/// One person's place in one conversation, with both streams' positions.
pub struct Place {
    /// As the other members see it.
    pub member: MemberRow,
    /// As its owner sees it.
    pub membership: MembershipRow,
}

/// Lets a person in.
pub async fn join(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
    changed_seq: i64,
    account_seq: i64,
) -> Result<Place, DbError> {
    let params =
        [user.into(), now.into(), changed_seq.into(), account_seq.into(), conversation.into()];
    from_row(&tx.one(JOIN, &params).await?)
}

/// Lets a person out. Their row stays.
pub async fn leave(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
    changed_seq: i64,
    account_seq: i64,
) -> Result<Place, DbError> {
    let params =
        [now.into(), changed_seq.into(), account_seq.into(), conversation.into(), user.into()];
    from_row(&tx.one(LEAVE, &params).await?)
}

/// Notes how far a person has read.
pub async fn read(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    seq: Seq,
    account_seq: i64,
) -> Result<Place, DbError> {
    let params = [seq.into(), account_seq.into(), conversation.into(), user.into()];
    from_row(&tx.one(READ, &params).await?)
}

/// A person's place, also if they left.
pub async fn find(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
) -> Result<Option<Place>, DbError> {
    tx.optional(FIND, &[conversation.into(), user.into()]).await?.as_ref().map(from_row).transpose()
}

/// A person's place, or a refusal: the one door to what is in a conversation.
pub async fn require(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
) -> Result<Place, ApiError> {
    let place = find(tx, conversation, user).await?;
    place.filter(|place| place.member.left_at.is_none()).ok_or_else(ApiError::not_member)
}

/// Members who joined or left since, oldest change first.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    since: i64,
    limit: i64,
) -> Result<Vec<MemberRow>, DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    tx.query(CHANGED, &params).await?.iter().map(member).collect()
}

/// A person's own places changed since, oldest change first.
pub async fn changed_of_account(
    tx: &Tx,
    user: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<MembershipRow>, DbError> {
    let rows = tx.query(CHANGED_OF_ACCOUNT, &[user.into(), since.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok(from_row(row)?.membership)).collect()
}

/// The conversations that a person is in.
pub async fn conversations_of(tx: &Tx, user: UserId) -> Result<Vec<ConversationId>, DbError> {
    let rows = tx.query(CONVERSATIONS_OF, &[user.into()]).await?;
    rows.iter().map(|row| row.get("conversation_id")).collect()
}

fn member(row: &Row) -> Result<MemberRow, DbError> {
    Ok(MemberRow {
        user_id: row.get("user_id")?,
        joined_at: row.get("joined_at")?,
        left_at: row.get("left_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}

fn from_row(row: &Row) -> Result<Place, DbError> {
    let membership = MembershipRow {
        conversation_id: row.get("conversation_id")?,
        term: row.get("term")?,
        joined_at: row.get("joined_at")?,
        left_at: row.get("left_at")?,
        last_read_seq: row.get("last_read_seq")?,
        changed_seq: row.get("account_seq")?,
    };
    Ok(Place { member: member(row)?, membership })
}
