//! The users.

use super::{name_keys, streams};
use crate::db::{BatchStatement, ColumnType, DbError, Row, Tx};
use crate::names::{ERASED, RESERVED, is_reserved, looks, username_key};
use parlour_protocol::{Millis, PersonStatus, Profile, StreamId, UserId, UserRole, UserRow};
use std::collections::{BTreeMap, HashMap};

/// Expands to the columns of a row of the directory; see `from_row`.
macro_rules! public_columns {
    () => {
        "u.id AS id, u.username AS username, u.role AS role, u.deactivated_at AS deactivated_at,
            u.erased_at AS erased_at, u.changed_seq AS changed_seq,
            p.display_name AS display_name, p.about AS about, p.time_zone AS time_zone,
            p.status_emoji AS status_emoji, p.status_text AS status_text,
            p.status_until AS status_until,
            i.id AS picture"
    };
}

/// Expands to the users with their profiles and the ids of their pictures.
macro_rules! everybody {
    () => {
        "users AS u LEFT JOIN profiles AS p ON p.user_id = u.id
            LEFT JOIN pictures AS i ON i.user_id = u.id "
    };
}

/// Expands to the beginning of a statement that selects users as the directory shows them.
macro_rules! person {
    () => {
        concat!("SELECT ", public_columns!(), " FROM ", everybody!())
    };
}

/// Expands to the beginning of a statement that selects users as sign-in and administrators need them, with
/// columns that others do not see.
macro_rules! account {
    () => {
        concat!(
            "SELECT ",
            public_columns!(),
            ", u.password_hash AS password_hash, u.last_seen AS last_seen FROM ",
            everybody!()
        )
    };
}

parlour_sqlite::statements! {
    /// $1 id, $2 username, $3 hash, $4 created, $5 key, $6 looks, $7 role, $8 changed_seq.
    INSERT = "INSERT INTO users
            (id, username, password_hash, created_at, username_key, username_looks, role, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    /// $1 looks. A user whose name is to be changed may be the first one.
    BY_LOOKS = "SELECT id FROM users WHERE username_looks = $1 LIMIT 2";
    /// $1 looks, $2 no password.
    BY_LOOKS_WITH_PASSWORD = "SELECT id FROM users
        WHERE username_looks = $1 AND password_hash <> $2 LIMIT 1";
    /// $1 limit.
    WITHOUT_LOOKS = "SELECT id, username FROM users WHERE username_looks IS NULL LIMIT $1";
    /// $1 looks, $2 user.
    SET_LOOKS = "UPDATE users SET username_looks = $1 WHERE id = $2";
    /// $1 key.
    BY_KEY = concat!(account!(), "WHERE u.username_key = $1");
    /// See [`with_removed_keys`].
    WITHOUT_KEY = concat!(person!(), "WHERE u.username_key IS NULL AND u.username LIKE '%ς%'
            AND u.erased_at IS NULL");
    /// $1 key, $2 user.
    SET_KEY = "UPDATE users SET username_key = $1 WHERE id = $2";
    /// $1 username.
    BY_USERNAME = concat!(account!(), "WHERE u.username = $1");
    /// $1 user.
    FIND = concat!(account!(), "WHERE u.id = $1");
    /// $1 user, $2 no password.
    CLAIMABLE = concat!(account!(), "WHERE u.id = $1 AND u.password_hash = $2 AND u.last_seen IS NULL
            AND u.role = 'member' AND u.deactivated_at IS NULL AND u.erased_at IS NULL");
    /// $1 hash, $2 user.
    SET_PASSWORD = "UPDATE users SET password_hash = $1 WHERE id = $2";
    /// $1 new hash, $2 user, $3 previous hash.
    REPLACE_PASSWORD = "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3";
    /// $1 username, $2 key, $3 looks, $4 role, $5 deactivated_at, $6 erased_at, $7 changed_seq, $8 user.
    UPDATE = "UPDATE users SET username = $1, username_key = $2, username_looks = $3, role = $4,
            deactivated_at = $5, erased_at = $6, changed_seq = $7
        WHERE id = $8";
    /// $1 time, $2 user.
    TOUCH = "UPDATE users SET last_seen = $1 WHERE id = $2 AND erased_at IS NULL";
    /// $1 looks.
    UNERASED_BY_LOOKS = concat!(person!(), "WHERE u.username_looks = $1 AND u.erased_at IS NULL");
    /// $1 from, $2 below.
    UNERASED_LOOKS_BETWEEN = concat!(person!(), "WHERE u.username_looks >= $1 AND u.username_looks < $2
            AND u.erased_at IS NULL");
    /// $1 from, $2 below.
    UNERASED_KEY_BETWEEN = concat!(person!(), "WHERE u.username_key >= $1 AND u.username_key < $2
            AND u.erased_at IS NULL");
    /// $1 since, $2 limit.
    CHANGED = concat!(person!(), "WHERE u.changed_seq > $1 ORDER BY u.changed_seq LIMIT $2");
    /// $1 limit.
    ADMINISTRATORS = "SELECT id FROM users
        WHERE role = 'administrator' AND deactivated_at IS NULL AND password_hash <> '!' LIMIT $1";
    /// $1 after, $2 limit.
    PAGE = concat!(account!(), "WHERE u.id > $1 ORDER BY u.id LIMIT $2");
    /// $1 zero. Reads every user; run only when somebody requests the number.
    COUNT = "SELECT count(*) AS many FROM users WHERE changed_seq >= $1 AND erased_at IS NULL";
}

/// A hash that no password matches.
pub const NO_PASSWORD: &str = "!";

/// A user with the data that sign-in needs.
#[derive(Clone)]
pub struct Account {
    /// The row of the directory.
    pub row: UserRow,
    /// A bcrypt hash, or '!' if the user has no password.
    pub password_hash: String,
}

/// Returns the user with this username in any spelling (RFC 8265).
pub async fn by_username(tx: &Tx, username: &str) -> Result<Option<Account>, DbError> {
    let found = match username_key(username) {
        Some(key) => tx.optional(BY_KEY, &[key.into()]).await?,
        None => None,
    };
    // A row that another program inserted has no key.
    let row = match found {
        Some(row) => Some(row),
        // No username contains NUL, and PostgreSQL does not accept it.
        None if username.contains('\0') => None,
        None => tx.optional(BY_USERNAME, &[username.into()]).await?,
    };
    row.as_ref().map(account).transpose()
}

/// The number of users read by one statement.
const BATCH_SIZE: i64 = 1000;

/// Computes the look-alike keys that are missing: those of users created by an earlier version or inserted
/// by another program.
pub async fn compute_looks(tx: &Tx) -> Result<(), DbError> {
    loop {
        let rows = tx.query(WITHOUT_LOOKS, &[BATCH_SIZE.into()]).await?;
        for row in &rows {
            let (id, username): (UserId, String) = (row.get("id")?, row.get("username")?);
            tx.execute(SET_LOOKS, &[looks(&username).into(), id.into()]).await?;
        }
        if rows.is_empty() {
            return Ok(());
        }
    }
}

/// Returns whether the look-alike key of a user is missing.
pub async fn lacks_looks(tx: &Tx) -> Result<bool, DbError> {
    Ok(!tx.query(WITHOUT_LOOKS, &[1.into()]).await?.is_empty())
}

/// Returns the users with a name that is [reserved](is_reserved), of those whose look-alike key is computed.
pub async fn with_reserved_names(tx: &Tx) -> Result<Vec<UserRow>, DbError> {
    let erased = looks(ERASED.trim_end_matches('-'));
    let after_prefix = format!("{erased}{}", char::MAX);
    let mut found = tx.query(UNERASED_LOOKS_BETWEEN, &[erased.into(), after_prefix.into()]).await?;
    // Each range ends before the character that follows the at sign or the hyphen.
    for (from, below) in [("@", "A"), (ERASED, "erased.")] {
        found.extend(tx.query(UNERASED_KEY_BETWEEN, &[from.into(), below.into()]).await?);
    }
    for name in RESERVED {
        found.extend(tx.query(UNERASED_BY_LOOKS, &[looks(name).into()]).await?);
    }
    let mut rows = BTreeMap::new();
    for row in &found {
        let row = from_row(row)?;
        if is_reserved(&row.username) {
            rows.insert(row.id, row);
        }
    }
    Ok(rows.into_values().collect())
}

/// Returns the users with a final sigma in their names and without the key by which names are compared.
pub async fn with_removed_keys(tx: &Tx) -> Result<Vec<UserRow>, DbError> {
    tx.query(WITHOUT_KEY, &[]).await?.iter().map(from_row).collect()
}

/// Sets the key by which a user's name is compared.
pub async fn set_key(tx: &Tx, id: UserId, key: &str) -> Result<(), DbError> {
    tx.execute(SET_KEY, &[key.into(), id.into()]).await.map(drop)
}

/// Returns whether somebody other than `except` has a username that looks like this one.
pub async fn looks_like_another(
    tx: &Tx,
    username: &str,
    except: Option<UserId>,
) -> Result<bool, DbError> {
    let rows = tx.query(BY_LOOKS, &[looks(username).into()]).await?;
    let ids = rows.iter().map(|row| row.get::<UserId>("id")).collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().any(|id| Some(*id) != except))
}

/// Returns whether somebody who can sign in has a username that looks like this one.
pub async fn looks_like_user_with_password(tx: &Tx, username: &str) -> Result<bool, DbError> {
    let params = [looks(username).into(), NO_PASSWORD.into()];
    Ok(tx.optional(BY_LOOKS_WITH_PASSWORD, &params).await?.is_some())
}

/// Returns the user with this id, if there is one.
pub async fn find(tx: &Tx, id: UserId) -> Result<Option<Account>, DbError> {
    tx.optional(FIND, &[id.into()]).await?.as_ref().map(account).transpose()
}

/// Returns the user with this id, if somebody may take over the account: a member without a password, who never signed
/// in, and is neither deactivated nor erased.
pub async fn claimable(tx: &Tx, id: UserId) -> Result<Option<Account>, DbError> {
    let row = tx.optional(CLAIMABLE, &[id.into(), NO_PASSWORD.into()]).await?;
    row.as_ref().map(account).transpose()
}

/// Selects the facts that decide whether users can be added to a conversation.
const ELIGIBILITY: BatchStatement = BatchStatement {
    columns: &[("id", ColumnType::Id)],
    sql: "SELECT u.id AS id, u.username AS username, u.deactivated_at AS deactivated_at,
            u.erased_at AS erased_at, s.group_count AS group_count
        FROM input CROSS JOIN users AS u
            LEFT JOIN streams AS s ON s.kind = 'account' AND s.id = u.id
        WHERE u.id = input.id",
};
#[cfg(test)]
pub(crate) const BATCH_STATEMENTS: &[(&str, &BatchStatement)] = &[("ELIGIBILITY", &ELIGIBILITY)];

/// The facts that decide whether a user can be added to a conversation.
pub struct Eligibility {
    /// The user's name.
    pub username: String,
    /// Whether the account is deactivated.
    pub is_deactivated: bool,
    /// Whether the account was erased.
    pub is_erased: bool,
    /// The number of groups that the user is in.
    pub group_count: i64,
}

/// Returns the facts that decide whether users can be added to a conversation; none for users who do not exist.
pub async fn eligibility(
    tx: &Tx,
    users: &[UserId],
) -> Result<HashMap<UserId, Eligibility>, DbError> {
    let input = users.iter().map(|user| vec![(*user).into()]);
    let rows = tx.query_batch(&ELIGIBILITY, input.collect()).await?;
    let eligibility = |row: &Row| {
        let eligibility = Eligibility {
            username: row.get("username")?,
            is_deactivated: !row.is_null("deactivated_at"),
            is_erased: !row.is_null("erased_at"),
            group_count: row.get::<Option<i64>>("group_count")?.unwrap_or(0),
        };
        Ok((row.get("id")?, eligibility))
    };
    rows.iter().map(eligibility).collect()
}

/// Adds a user to the directory.
pub async fn insert(
    tx: &Tx,
    id: UserId,
    username: &str,
    hash: &str,
    role: UserRole,
    now: Millis,
) -> Result<(), DbError> {
    let to = streams::advance(tx, StreamId::Directory).await?;
    let params = [
        id.into(),
        username.into(),
        hash.into(),
        now.into(),
        username_key(username).into(),
        looks(username).into(),
        role.as_str().into(),
        to.into(),
    ];
    tx.execute(INSERT, &params).await?;
    name_keys::set(tx, id, Some((username, ""))).await?;
    let row = UserRow::new(id, username, role, to);
    streams::announce(tx, StreamId::Directory, to, vec![parlour_protocol::Row::User(row)]);
    Ok(())
}

/// Updates the columns of a user that can change, except the profile and the picture, and announces the whole row to
/// the directory.
pub async fn update(tx: &Tx, mut row: UserRow) -> Result<(), DbError> {
    let to = streams::advance(tx, StreamId::Directory).await?;
    row.changed_seq = to;
    let params = [
        row.username.as_str().into(),
        username_key(&row.username).into(),
        looks(&row.username).into(),
        row.role.as_str().into(),
        row.deactivated_at.into(),
        row.erased_at.into(),
        to.into(),
        row.id.into(),
    ];
    tx.execute(UPDATE, &params).await?;
    let names = (row.username.as_str(), row.profile.display_name.as_str());
    name_keys::set(tx, row.id, row.erased_at.is_none().then_some(names)).await?;
    streams::announce(tx, StreamId::Directory, to, vec![parlour_protocol::Row::User(row)]);
    Ok(())
}

/// Sets a user's password.
pub async fn set_password(tx: &Tx, id: UserId, hash: &str) -> Result<(), DbError> {
    tx.execute(SET_PASSWORD, &[hash.into(), id.into()]).await.map(drop)
}

/// Replaces a user's password; returns false if it is no longer the known one.
pub async fn replace_password(
    tx: &Tx,
    id: UserId,
    known: &str,
    hash: &str,
) -> Result<bool, DbError> {
    Ok(tx.execute(REPLACE_PASSWORD, &[hash.into(), id.into(), known.into()]).await? > 0)
}

/// Records when a user was last active.
pub async fn touch(tx: &Tx, id: UserId, now: Millis) -> Result<(), DbError> {
    tx.execute(TOUCH, &[now.into(), id.into()]).await.map(drop)
}

/// Returns whether there is an administrator other than `except` who can sign in.
pub async fn has_administrator(tx: &Tx, except: Option<UserId>) -> Result<bool, DbError> {
    let rows = tx.query(ADMINISTRATORS, &[2.into()]).await?;
    let ids = rows.iter().map(|row| row.get::<UserId>("id")).collect::<Result<Vec<_>, _>>()?;
    Ok(ids.iter().any(|id| Some(*id) != except))
}

/// Returns the users added or changed after `since`, oldest change first.
pub async fn changed(tx: &Tx, since: i64, limit: i64) -> Result<Vec<UserRow>, DbError> {
    tx.query(CHANGED, &[since.into(), limit.into()]).await?.iter().map(from_row).collect()
}

/// Returns at most `limit` users with ids above `after`, ordered by id, and when each was last active.
pub async fn page(
    tx: &Tx,
    after: UserId,
    limit: i64,
) -> Result<Vec<(Account, Option<Millis>)>, DbError> {
    let rows = tx.query(PAGE, &[after.into(), limit.into()]).await?;
    rows.iter().map(|row| Ok((account(row)?, row.get("last_seen")?))).collect()
}

/// Returns whether there is any account, also an erased one.
pub async fn any(tx: &Tx) -> Result<bool, DbError> {
    Ok(!page(tx, UserId(uuid::Uuid::nil()), 1).await?.is_empty())
}

/// Returns the number of accounts that were not erased.
pub async fn count(tx: &Tx) -> Result<i64, DbError> {
    tx.one(COUNT, &[0.into()]).await?.get("many")
}

fn account(row: &Row) -> Result<Account, DbError> {
    Ok(Account { row: from_row(row)?, password_hash: row.get("password_hash")? })
}

fn from_row(row: &Row) -> Result<UserRow, DbError> {
    let role: String = row.get("role")?;
    let text = |name| Ok::<_, DbError>(row.get::<Option<String>>(name)?.unwrap_or_default());
    Ok(UserRow {
        id: row.get("id")?,
        username: row.get("username")?,
        role: UserRole::parse(&role).ok_or(DbError::Column("role"))?,
        profile: Profile {
            display_name: text("display_name")?,
            about: text("about")?,
            time_zone: text("time_zone")?,
            status: PersonStatus {
                emoji: text("status_emoji")?,
                text: text("status_text")?,
                until: row.get("status_until")?,
            },
        },
        picture: row.get("picture")?,
        deactivated_at: row.get("deactivated_at")?,
        erased_at: row.get("erased_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}
