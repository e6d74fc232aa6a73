//! The members of conversations: when they joined, and how far they have read. Every read of a conversation goes
//! through [`require`].

use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use crate::error::ApiError;
use parlour_protocol::{ConversationId, MemberRole, MemberRow, MembershipRow, Millis, Seq, UserId};
use std::collections::HashSet;

/// Expands to the columns of a member as the others see them; see `member`.
macro_rules! public_columns {
    () => {
        "user_id, role, joined_at, left_at, shown_read_seq, changed_seq"
    };
}

/// Expands to all columns of a member; see `from_row`.
macro_rules! member {
    () => {
        concat!(
            public_columns!(),
            ", conversation_id, term, visible_from, last_read_seq, muted_until, pinned_at, hidden_at,
            marked_unread, purged, removed_by, account_seq"
        )
    };
}

pub mod join;
pub mod listed;

parlour_sqlite::statements! {
    /// $1 left, $2 removed_by, $3 purged, $4 changed_seq, $5 account_seq, $6 conversation, $7 user.
    LEAVE = concat!("UPDATE conversation_members SET left_at = $1, role = 'member', removed_by = $2,
            purged = $3, changed_seq = $4, account_seq = $5
        WHERE conversation_id = $6 AND user_id = $7
        RETURNING ", member!());
    /// $1 removed_by, $2 purged, $3 account_seq, $4 conversation, $5 user. The row that the others see does not
    /// change.
    BAN = concat!("UPDATE conversation_members SET removed_by = $1, purged = $2, account_seq = $3
        WHERE conversation_id = $4 AND user_id = $5 AND left_at IS NOT NULL
        RETURNING ", member!());
    /// $1 role, $2 changed_seq, $3 conversation, $4 user.
    SET_ROLE = concat!("UPDATE conversation_members SET role = $1, changed_seq = $2
        WHERE conversation_id = $3 AND user_id = $4
        RETURNING ", member!());
    /// $1 seq, $2 seq shown to the others, $3 changed_seq, $4 account_seq, $5 conversation, $6 user.
    READ = concat!("UPDATE conversation_members SET last_read_seq = $1, shown_read_seq = $2,
            marked_unread = 0, changed_seq = $3, account_seq = $4
        WHERE conversation_id = $5 AND user_id = $6
        RETURNING ", member!());
    /// $1 muted_until, $2 pinned_at, $3 hidden_at, $4 marked_unread, $5 last_read_seq, $6 account_seq,
    /// $7 conversation, $8 user.
    UPDATE_MEMBERSHIP = concat!("UPDATE conversation_members SET muted_until = $1, pinned_at = $2, hidden_at = $3,
            marked_unread = $4, last_read_seq = $5, account_seq = $6
        WHERE conversation_id = $7 AND user_id = $8
        RETURNING ", member!());
    /// $1 visible_from, $2 seq, $3 seq shown to the others, $4 changed_seq, $5 account_seq, $6 conversation, $7 user.
    /// The new term makes their mirrors reload the conversation.
    RENUMBER = concat!("UPDATE conversation_members SET term = term + 1, visible_from = $1,
            last_read_seq = $2, shown_read_seq = $3, changed_seq = $4, account_seq = $5
        WHERE conversation_id = $6 AND user_id = $7
        RETURNING ", member!());
    /// $1 conversation, $2 user.
    FIND = concat!("SELECT ", member!(), "
        FROM conversation_members WHERE conversation_id = $1 AND user_id = $2");
    /// $1 conversation, $2 since, $3 limit.
    CHANGED = concat!("SELECT ", public_columns!(), "
        FROM conversation_members
        WHERE conversation_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3");
    /// $1 user, $2 since, $3 limit.
    CHANGED_OF_ACCOUNT = concat!("SELECT ", member!(), "
        FROM conversation_members WHERE user_id = $1 AND account_seq > $2
        ORDER BY account_seq LIMIT $3");
    /// $1 user.
    CONVERSATIONS_OF = "SELECT conversation_id, visible_from FROM conversation_members
        WHERE user_id = $1 AND left_at IS NULL";
    /// $1 time.
    LEFT_SINCE = "SELECT user_id FROM conversation_members
        WHERE left_at IS NOT NULL AND left_at > $1";
    /// $1 time.
    JOINED_SINCE = "SELECT user_id FROM conversation_members
        WHERE visible_from > 1 AND joined_at > $1 AND left_at IS NULL";
    /// $1 conversation. Reads every member; used when an owner leaves.
    PRESENT = concat!("SELECT ", public_columns!(), ",
            (SELECT CASE WHEN u.deactivated_at IS NULL AND u.password_hash <> '!'
                    THEN 1 ELSE 0 END
                FROM users AS u WHERE u.id = m.user_id) AS can_sign_in
        FROM conversation_members AS m WHERE m.conversation_id = $1 AND m.left_at IS NULL");
    /// $1 conversation.
    OWNER = "SELECT m.user_id FROM conversation_members AS m JOIN users AS u ON u.id = m.user_id
        WHERE m.conversation_id = $1 AND m.role = 'owner'
            AND u.deactivated_at IS NULL AND u.password_hash <> '!'";
    /// $1 conversation. Reads each administrator of the server, of whom there are few; it counts instead of joining,
    /// so that no plan reads all members.
    ADMINISTRATOR = "SELECT id FROM users
        WHERE role = 'administrator' AND deactivated_at IS NULL AND password_hash <> '!'
            AND (SELECT count(*) FROM conversation_members AS m
                WHERE m.conversation_id = $1 AND m.user_id = users.id AND m.left_at IS NULL) > 0
        LIMIT 1";
    /// $1 change, $2 conversation.
    COUNT_CHANGED = "UPDATE conversations SET member_count = member_count + $1 WHERE id = $2";
}

/// Selects those of some users who are in a conversation.
const FILTER_CURRENT: BatchStatement = BatchStatement {
    columns: &[("conversation_id", ColumnType::Id), ("user_id", ColumnType::Id)],
    sql: "SELECT m.user_id AS user_id FROM input CROSS JOIN conversation_members AS m
        WHERE m.conversation_id = input.conversation_id AND m.user_id = input.user_id
            AND m.left_at IS NULL",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] =
    &[("FILTER_CURRENT", &FILTER_CURRENT)];

/// A current or former member of a conversation, with positions in both streams.
pub struct Member {
    /// The row that the other members see.
    pub row: MemberRow,
    /// The row that the user themselves sees.
    pub membership: MembershipRow,
    /// The user who removed them, if they were removed.
    pub removed_by: Option<UserId>,
}

impl Member {
    /// Returns whether they are a member now.
    pub fn is_present(&self) -> bool {
        self.row.left_at.is_none()
    }

    /// Returns whether they were in the conversation until it was removed by undoing its import.
    pub fn was_withdrawn(&self) -> bool {
        !self.is_present() && self.membership.purged && self.removed_by.is_none()
    }
}

/// How a member was removed.
#[derive(Debug, Clone, Copy)]
pub struct Removed {
    /// The user who removed them; `None` if the conversation was removed by undoing its import.
    pub remover: Option<UserId>,
    /// Whether their devices should delete what they have of the conversation.
    pub purged: bool,
}

/// Returns those of `users` who are in a conversation.
pub async fn filter_current(
    tx: &Tx,
    conversation: ConversationId,
    users: &[UserId],
) -> Result<HashSet<UserId>, DbError> {
    let input = users.iter().map(|user| vec![conversation.into(), (*user).into()]);
    let rows = tx.query_batch(&FILTER_CURRENT, input.collect()).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}

/// Removes a user who leaves or is removed. Their row stays.
pub async fn leave(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    (now, removed): (Millis, Option<Removed>),
    (changed_seq, account_seq): (i64, i64),
) -> Result<Member, DbError> {
    tx.execute(COUNT_CHANGED, &[(-1).into(), conversation.into()]).await?;
    let params = [
        now.into(),
        removed.and_then(|removed| removed.remover).into(),
        i64::from(removed.is_some_and(|removed| removed.purged)).into(),
        changed_seq.into(),
        account_seq.into(),
        conversation.into(),
        user.into(),
    ];
    from_row(&tx.one(LEAVE, &params).await?)
}

/// Marks a user who left as removed, so that ordinary members cannot add them again.
pub async fn ban(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    removed: Removed,
    account_seq: i64,
) -> Result<Member, DbError> {
    let params = [
        removed.remover.into(),
        i64::from(removed.purged).into(),
        account_seq.into(),
        conversation.into(),
        user.into(),
    ];
    from_row(&tx.one(BAN, &params).await?)
}

/// Sets a member's role.
pub async fn set_role(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    role: MemberRole,
    changed_seq: i64,
) -> Result<Member, DbError> {
    let params = [role.as_str().into(), changed_seq.into(), conversation.into(), user.into()];
    from_row(&tx.one(SET_ROLE, &params).await?)
}

/// Stores how far a user has read, and how far the other members see that they have.
pub async fn read(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    (seq, shown): (Seq, Seq),
    (changed_seq, account_seq): (i64, i64),
) -> Result<Member, DbError> {
    let params = [
        seq.into(),
        shown.into(),
        changed_seq.into(),
        account_seq.into(),
        conversation.into(),
        user.into(),
    ];
    from_row(&tx.one(READ, &params).await?)
}

/// Updates a member of a conversation whose messages were moved: the first visible position, how far the user has
/// read, and how far the others see that they have. The new term makes their mirrors reload the conversation.
pub async fn renumber(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    (visible_from, read, shown): (Seq, Seq, Seq),
    (changed_seq, account_seq): (i64, i64),
) -> Result<Member, DbError> {
    let params = [
        visible_from.into(),
        read.into(),
        shown.into(),
        changed_seq.into(),
        account_seq.into(),
        conversation.into(),
        user.into(),
    ];
    from_row(&tx.one(RENUMBER, &params).await?)
}

/// Stores how a conversation appears in a user's own list.
pub async fn update_membership(
    tx: &Tx,
    user: UserId,
    membership: &MembershipRow,
    account_seq: i64,
) -> Result<Member, DbError> {
    let params = [
        membership.muted_until.map(|at| at.0).into(),
        membership.pinned_at.map(|at| at.0).into(),
        membership.hidden_at.map(|at| at.0).into(),
        i64::from(membership.marked_unread).into(),
        membership.last_read_seq.into(),
        account_seq.into(),
        membership.conversation_id.into(),
        user.into(),
    ];
    from_row(&tx.one(UPDATE_MEMBERSHIP, &params).await?)
}

/// Returns a current or former member of a conversation.
pub async fn find(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
) -> Result<Option<Member>, DbError> {
    tx.optional(FIND, &[conversation.into(), user.into()]).await?.as_ref().map(from_row).transpose()
}

/// Returns a current member, or refuses. Every read of a conversation goes through this.
pub async fn require(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
) -> Result<Member, ApiError> {
    let member = find(tx, conversation, user).await?;
    member.filter(Member::is_present).ok_or_else(ApiError::not_member)
}

/// Returns the members who joined, left, changed roles or read on after `since`, oldest change first. With
/// `with_reads`, the rows contain how far they have read; large conversations leave that out.
pub async fn changed(
    tx: &Tx,
    conversation: ConversationId,
    (since, limit): (i64, i64),
    with_reads: bool,
) -> Result<Vec<MemberRow>, DbError> {
    let params = [conversation.into(), since.into(), limit.into()];
    let mut rows: Vec<MemberRow> =
        tx.query(CHANGED, &params).await?.iter().map(member).collect::<Result<_, _>>()?;
    if !with_reads {
        rows.iter_mut().for_each(|row| row.last_read_seq = None);
    }
    Ok(rows)
}

/// Returns a user's own memberships changed after `since`, oldest change first.
pub async fn changed_of_account(
    tx: &Tx,
    user: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<MembershipRow>, DbError> {
    let rows = tx.query(CHANGED_OF_ACCOUNT, &[user.into(), since.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok(from_row(row)?.membership)).collect()
}

/// Returns the users who left a conversation after `time` and have not joined it again.
pub async fn left_since(tx: &Tx, time: Millis) -> Result<Vec<UserId>, DbError> {
    let rows = tx.query(LEFT_SINCE, &[time.into()]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}

/// Returns the users who joined a conversation after `time` of which they cannot see the first message.
pub async fn joined_since(tx: &Tx, time: Millis) -> Result<Vec<UserId>, DbError> {
    let rows = tx.query(JOINED_SINCE, &[time.into()]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}

/// A current member of a conversation, and whether they can sign in.
pub struct PresentMember {
    /// The row that the other members see.
    pub row: MemberRow,
    /// Whether they can sign in. False for users who are deactivated or erased, or have no password, such as
    /// those whom an import created.
    pub can_sign_in: bool,
}

/// Returns all current members of the conversation.
pub async fn present(tx: &Tx, conversation: ConversationId) -> Result<Vec<PresentMember>, DbError> {
    let rows = tx.query(PRESENT, &[conversation.into()]).await?;
    let present = |row: &Row| {
        Ok(PresentMember { row: member(row)?, can_sign_in: row.get::<i64>("can_sign_in")? != 0 })
    };
    rows.iter().map(present).collect()
}

/// Returns whether the conversation has an owner who can sign in.
pub async fn has_owner(tx: &Tx, conversation: ConversationId) -> Result<bool, DbError> {
    Ok(tx.optional(OWNER, &[conversation.into()]).await?.is_some())
}

/// Returns whether an administrator of the server who can sign in is in a conversation.
pub async fn has_administrator(tx: &Tx, conversation: ConversationId) -> Result<bool, DbError> {
    Ok(tx.optional(ADMINISTRATOR, &[conversation.into()]).await?.is_some())
}

/// Returns the conversations that a user is in, and the first message that they may see in each.
pub async fn conversations_of(
    tx: &Tx,
    user: UserId,
) -> Result<Vec<(ConversationId, Seq)>, DbError> {
    let rows = tx.query(CONVERSATIONS_OF, &[user.into()]).await?;
    rows.iter().map(|row| Ok((row.get("conversation_id")?, row.get("visible_from")?))).collect()
}

fn member(row: &Row) -> Result<MemberRow, DbError> {
    let role: String = row.get("role")?;
    Ok(MemberRow {
        user_id: row.get("user_id")?,
        role: MemberRole::parse(&role).ok_or(DbError::Column("role"))?,
        joined_at: row.get("joined_at")?,
        last_read_seq: Some(row.get("shown_read_seq")?),
        left_at: row.get("left_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}

fn from_row(row: &Row) -> Result<Member, DbError> {
    let membership = MembershipRow {
        conversation_id: row.get("conversation_id")?,
        term: row.get("term")?,
        joined_at: row.get("joined_at")?,
        left_at: row.get("left_at")?,
        purged: row.get::<i64>("purged")? != 0,
        visible_from: row.get("visible_from")?,
        last_read_seq: row.get("last_read_seq")?,
        muted_until: row.get("muted_until")?,
        pinned_at: row.get("pinned_at")?,
        hidden_at: row.get("hidden_at")?,
        marked_unread: row.get::<i64>("marked_unread")? != 0,
        changed_seq: row.get("account_seq")?,
    };
    Ok(Member { row: member(row)?, membership, removed_by: row.get("removed_by")? })
}
