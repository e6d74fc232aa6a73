//! People.

use super::streams;
use crate::auth::username_key;
use crate::db::{Change, DbError, Row, Tx};
use crate::error::ApiError;
use parlour_protocol::{Millis, Page, StreamId, UserId, UserRow};

parlour_sqlite::statements! {
    /// $1 id, $2 username, $3 hash, $4 created, $5 key, $6 changed_seq.
    INSERT = "INSERT INTO users (id, username, password_hash, created_at, username_key, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6)";
    /// $1 key.
    BY_KEY = "SELECT id, username, password_hash FROM users WHERE username_key = $1";
    /// $1 username.
    BY_USERNAME = "SELECT id, username, password_hash FROM users WHERE username = $1";
    /// $1 hash, $2 user.
    SET_PASSWORD = "UPDATE users SET password_hash = $1 WHERE id = $2";
    /// $1 time, $2 user.
    TOUCH = "UPDATE users SET last_seen = $1 WHERE id = $2";
    /// $1 since, $2 limit.
    CHANGED = "SELECT id, username, changed_seq FROM users WHERE changed_seq > $1
        ORDER BY changed_seq LIMIT $2";
    /// $1 user.
    EXISTS = "SELECT id FROM users WHERE id = $1";
}

/// A person as sign-in needs them.
pub struct Account {
    /// Who.
    pub id: UserId,
    /// As its owner wrote it.
    pub username: String,
    /// A bcrypt hash, or '!' for nobody's.
    pub password_hash: String,
}

/// Who has this username, however its letters' case is written.
pub async fn by_username(tx: &Tx, username: &str) -> Result<Option<Account>, DbError> {
    let keyed = tx.optional(BY_KEY, &[username_key(username).into()]).await?;
    // Rows that another program inserted have no key.
    let row = match keyed {
        Some(row) => Some(row),
        None => tx.optional(BY_USERNAME, &[username.into()]).await?,
    };
    row.map(|row| {
        Ok(Account {
            id: row.get("id")?,
            username: row.get("username")?,
            password_hash: row.get("password_hash")?,
        })
    })
    .transpose()
}

/// Whether there is such a person.
pub async fn exists(tx: &Tx, id: UserId) -> Result<bool, DbError> {
    Ok(tx.optional(EXISTS, &[id.into()]).await?.is_some())
}

/// Adds a person to the directory.
pub async fn insert(
    tx: &Tx,
    id: UserId,
    username: &str,
    hash: &str,
    now: Millis,
) -> Result<(), DbError> {
    let to = streams::advance(tx, StreamId::Directory).await?;
    let params = [
        id.into(),
        username.into(),
        hash.into(),
        now.into(),
        username_key(username).into(),
        to.into(),
    ];
    tx.execute(INSERT, &params).await?;
    let row = UserRow { id, username: username.into(), changed_seq: to };
    tx.announce(Change::Rows(Page {
        epoch: tx.epoch().into(),
        stream: StreamId::Directory,
        term: 0,
        from: to - 1,
        to,
        head: to,
        rows: vec![parlour_protocol::Row::User(row)],
    }));
    Ok(())
}

/// Gives a person a new password.
pub async fn set_password(tx: &Tx, id: UserId, hash: &str) -> Result<(), DbError> {
    tx.execute(SET_PASSWORD, &[hash.into(), id.into()]).await.map(drop)
}

/// Notes when a person was last active.
pub async fn touch(tx: &Tx, id: UserId, now: Millis) -> Result<(), ApiError> {
    tx.execute(TOUCH, &[now.into(), id.into()]).await?;
    Ok(())
}

/// People added or changed since, oldest change first.
pub async fn changed(tx: &Tx, since: i64, limit: i64) -> Result<Vec<UserRow>, DbError> {
    tx.query(CHANGED, &[since.into(), limit.into()]).await?.iter().map(from_row).collect()
}

fn from_row(row: &Row) -> Result<UserRow, DbError> {
    Ok(UserRow {
        id: row.get("id")?,
        username: row.get("username")?,
        changed_seq: row.get("changed_seq")?,
    })
}
