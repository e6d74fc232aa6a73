//! Signed-in devices.

use super::streams;
use crate::auth::Caller;
use crate::db::{Change, DbError, Row, Tx};
use parlour_protocol::{Millis, Page, SessionId, SessionRow, StreamId, UserId};

/// A session ends this long after it began.
const LIFETIME_MS: i64 = 180 * 24 * 3600 * 1000;

parlour_sqlite::statements! {
    /// $1 id, $2 user, $3 digest, $4 created, $5 expires, $6 device, $7 changed_seq.
    INSERT = "INSERT INTO sessions (id, user_id, token, created_at, expires_at, device, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// $1 digest, $2 now.
    FIND = "SELECT id, user_id FROM sessions
        WHERE token = $1 AND revoked_at IS NULL AND expires_at > $2";
    /// $1 time, $2 changed_seq, $3 id, $4 user.
    REVOKE = "UPDATE sessions SET revoked_at = $1, changed_seq = $2
        WHERE id = $3 AND user_id = $4 AND revoked_at IS NULL
        RETURNING id, device, created_at, expires_at, revoked_at, changed_seq";
    /// $1 user, $2 since, $3 limit.
    CHANGED = "SELECT id, device, created_at, expires_at, revoked_at, changed_seq FROM sessions
        WHERE user_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3";
}

/// Opens a session; its token's digest is what is kept.
pub async fn insert(
    tx: &Tx,
    user_id: UserId,
    id: SessionId,
    digest: &str,
    device: &str,
    now: Millis,
) -> Result<(), DbError> {
    let to = streams::advance(tx, StreamId::Account(user_id)).await?;
    let expires_at = Millis(now.0 + LIFETIME_MS);
    let params = [
        id.into(),
        user_id.into(),
        digest.into(),
        now.into(),
        expires_at.into(),
        device.into(),
        to.into(),
    ];
    tx.execute(INSERT, &params).await?;
    let device = device.into();
    let row =
        SessionRow { id, device, created_at: now, expires_at, revoked_at: None, changed_seq: to };
    announce(tx, user_id, row);
    Ok(())
}

/// Whose token has this digest, if it is still good.
pub async fn find(tx: &Tx, digest: &str, now: Millis) -> Result<Option<Caller>, DbError> {
    let row = tx.optional(FIND, &[digest.into(), now.into()]).await?;
    row.map(|row| Ok(Caller { session_id: row.get("id")?, user_id: row.get("user_id")? }))
        .transpose()
}

/// Ends a session; answers whether there was one to end.
pub async fn revoke(tx: &Tx, user_id: UserId, id: SessionId, now: Millis) -> Result<bool, DbError> {
    let to = streams::advance(tx, StreamId::Account(user_id)).await?;
    let params = [now.into(), to.into(), id.into(), user_id.into()];
    let Some(row) = tx.optional(REVOKE, &params).await? else { return Ok(false) };
    announce(tx, user_id, from_row(&row)?);
    tx.announce(Change::Revoked(id));
    Ok(true)
}

/// The account's sessions opened or ended since, oldest change first.
pub async fn changed(
    tx: &Tx,
    user_id: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<SessionRow>, DbError> {
    let params = [user_id.into(), since.into(), limit.into()];
    tx.query(CHANGED, &params).await?.iter().map(from_row).collect()
}

fn announce(tx: &Tx, user_id: UserId, row: SessionRow) {
    let to = row.changed_seq;
    tx.announce(Change::Rows(Page {
        epoch: tx.epoch().into(),
        stream: StreamId::Account(user_id),
        term: 0,
        from: to - 1,
        to,
        head: to,
        rows: vec![parlour_protocol::Row::Session(row)],
    }));
}

fn from_row(row: &Row) -> Result<SessionRow, DbError> {
    Ok(SessionRow {
        id: row.get("id")?,
        device: row.get("device")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        changed_seq: row.get("changed_seq")?,
    })
}
