//! Users as administrators see them, with details that others do not see.

use super::name_keys;
use crate::db::{DbError, Row, Tx};
use parlour_protocol::{Count, Millis, PersonInfo, UserId, UserRole};
use std::collections::HashSet;
use uuid::Uuid;

/// Expands to a statement that reads these details of users, without its conditions.
macro_rules! person_info {
    ($from:literal) => {
        concat!(
            "SELECT u.id AS id, u.username AS username, p.display_name AS display_name, u.role AS role,
                u.last_seen AS last_seen, u.deactivated_at AS deactivated_at,
                CASE WHEN u.password_hash <> '!' THEN 1 ELSE 0 END AS has_password,
                (SELECT count(*) FROM sessions AS s
                    WHERE s.user_id = u.id AND s.revoked_at IS NULL AND s.expires_at > $1) AS session_count,
                (SELECT count(CASE WHEN (SELECT c.type FROM conversations AS c
                        WHERE c.id = m.conversation_id) = 'group' THEN 1 END)
                    FROM conversation_members AS m
                    WHERE m.user_id = u.id AND m.left_at IS NULL) AS group_count,
                (SELECT count(CASE WHEN m.role = 'owner' THEN 1 END) FROM conversation_members AS m
                    WHERE m.user_id = u.id AND m.left_at IS NULL) AS owned_count
            FROM ",
            $from,
            " LEFT JOIN profiles AS p ON p.user_id = u.id "
        )
    };
}

parlour_sqlite::statements! {
    /// $1 now, $2 after, $3 limit. Reads the memberships of each user.
    PAGE = concat!(person_info!("users AS u"), "WHERE u.id > $2 AND u.erased_at IS NULL
        ORDER BY u.id LIMIT $3");
    /// $1 now, $2 from, $3 below, $4 limit. Returns a user once for each name that matches.
    FIND_BY_NAME = concat!(person_info!("name_keys AS k JOIN users AS u ON u.id = k.user_id"),
        "WHERE k.folded >= $2 AND k.folded < $3 ORDER BY k.folded, k.user_id LIMIT $4");
}

/// Appended to a prefix, sorts after all names with that prefix.
const AFTER_PREFIX: char = char::MAX;

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

/// Returns users whose username, or a word of whose display name, begins with `prefix`, regardless of letter case
/// and accents, ordered by the name that matches; each user once, and at most `limit`. Leaves out erased accounts.
pub async fn find_by_name(
    tx: &Tx,
    prefix: &str,
    now: Millis,
    limit: i64,
) -> Result<Vec<PersonInfo>, DbError> {
    let from = name_keys::folded(prefix);
    // No name contains NUL, and PostgreSQL does not accept it.
    if from.contains('\0') {
        return Ok(Vec::new());
    }
    let below = format!("{from}{AFTER_PREFIX}");
    let params = [now.into(), from.as_str().into(), below.as_str().into(), limit.into()];
    let (mut people, mut seen) = (Vec::new(), HashSet::new());
    for row in tx.query(FIND_BY_NAME, &params).await? {
        let person = from_row(&row)?;
        if seen.insert(person.id) {
            people.push(person);
        }
    }
    Ok(people)
}

fn from_row(row: &Row) -> Result<PersonInfo, DbError> {
    let role: String = row.get("role")?;
    Ok(PersonInfo {
        id: row.get("id")?,
        username: row.get("username")?,
        display_name: row.get::<Option<String>>("display_name")?.unwrap_or_default(),
        role: UserRole::parse(&role).ok_or(DbError::Column("role"))?,
        last_seen: row.get("last_seen")?,
        deactivated_at: row.get("deactivated_at")?,
        has_password: row.get::<i64>("has_password")? != 0,
        sessions: Count(row.get("session_count")?),
        groups: Count(row.get("group_count")?),
        owned: Count(row.get("owned_count")?),
    })
}
