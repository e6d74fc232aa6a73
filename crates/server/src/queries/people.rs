//! Users as administrators see them, with details that others do not see.

use crate::db::{DbError, Row, Tx};
use crate::names::username_key;
use parlour_protocol::{Count, Millis, PersonInfo, UserId, UserRole};
use uuid::Uuid;

macro_rules! person_info {
    () => {
        "SELECT u.id AS id, u.username AS username, u.role AS role, u.last_seen AS last_seen,
            u.deactivated_at AS deactivated_at,
            CASE WHEN u.password_hash <> '!' THEN 1 ELSE 0 END AS has_password,
            (SELECT count(*) FROM sessions AS s
                WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > $1) AS session_count,
            (SELECT count(CASE WHEN (SELECT c.type FROM conversations AS c
                    WHERE c.id = m.conversation_id) = 'group' THEN 1 END)
                FROM conversation_members AS m
                WHERE m.user_id = u.id AND m.left_at IS NULL) AS group_count,
            (SELECT count(CASE WHEN m.role = 'owner' THEN 1 END) FROM conversation_members AS m
                WHERE m.user_id = u.id AND m.left_at IS NULL) AS owned_count
        FROM users AS u "
    };
}

parlour_sqlite::statements! {
    /// $1 now, $2 after, $3 limit. Reads the memberships of each user.
    PAGE = concat!(person_info!(), "WHERE u.id > $2 AND u.erased_at IS NULL ORDER BY u.id LIMIT $3");
    /// $1 now, $2 from, $3 below, $4 limit.
    NAMED = concat!(person_info!(), "WHERE u.username_key >= $2 AND u.username_key < $3
            AND u.erased_at IS NULL
        ORDER BY u.username_key LIMIT $4");
}

/// Appended to a prefix, sorts after all names with that prefix.
const ABOVE: char = char::MAX;

/// Returns at most `limit` users, ordered by id, from the first one or after `after`. Leaves out erased
/// accounts.
pub async fn page(
    tx: &Tx,
    after: Option<UserId>,
    now: Millis,
    limit: i64,
) -> Result<Vec<PersonInfo>, DbError> {
    let after = after.unwrap_or(UserId(Uuid::nil()));
    let rows = tx.query(PAGE, &[now.into(), after.into(), limit.into()]).await?;
    rows.iter().map(from_row).collect()
}

/// Returns at most `limit` users whose names begin with `beginning` in any spelling (RFC 8265), ordered by
/// name. Leaves out erased accounts.
pub async fn named(
    tx: &Tx,
    beginning: &str,
    now: Millis,
    limit: i64,
) -> Result<Vec<PersonInfo>, DbError> {
    let Some(from) = username_key(beginning) else { return Ok(Vec::new()) };
    let below = format!("{from}{ABOVE}");
    let params = [now.into(), from.as_str().into(), below.as_str().into(), limit.into()];
    tx.query(NAMED, &params).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<PersonInfo, DbError> {
    let role: String = row.get("role")?;
    Ok(PersonInfo {
        id: row.get("id")?,
        username: row.get("username")?,
        role: UserRole::parse(&role).ok_or(DbError::Column("role"))?,
        last_seen: row.get("last_seen")?,
        deactivated_at: row.get("deactivated_at")?,
        has_password: row.get::<i64>("has_password")? != 0,
        sessions: Count(row.get("session_count")?),
        groups: Count(row.get("group_count")?),
        owned: Count(row.get("owned_count")?),
    })
}
