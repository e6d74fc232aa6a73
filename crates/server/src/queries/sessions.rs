//! Sessions, each of which is a signed-in device.

use super::streams;
use crate::db::{Change, DbError, Row, Tx};
use parlour_protocol::{Millis, SessionId, SessionInfo, SessionRow, StreamId, UserId, UserRole};

parlour_sqlite::statements! {
    /// $1 id, $2 user, $3 digest, $4 created, $5 expires, $6 device, $7 address, $8 last used,
    /// $9 changed_seq.
    INSERT = "INSERT INTO sessions (id, user_id, token, created_at, expires_at, device, address,
            last_used_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// $1 time.
    REVOKED_SINCE = "SELECT user_id FROM sessions
        WHERE revoked_at IS NOT NULL AND revoked_at > $1";
    /// $1 digest, $2 now.
    FIND = "SELECT s.id AS id, s.user_id AS user_id, s.created_at AS created_at,
            s.expires_at AS expires_at, u.role AS role
        FROM sessions AS s CROSS JOIN users AS u
        WHERE s.token = $1 AND s.revoked_at IS NULL AND s.expires_at > $2
            AND u.id = s.user_id AND u.deactivated_at IS NULL";
    /// $1 digest.
    ENDED = "SELECT wipe FROM sessions WHERE token = $1 AND revoked_at IS NOT NULL";
    /// $1 id.
    STATE = "SELECT s.revoked_at AS revoked_at, s.wipe AS wipe, s.expires_at AS expires_at,
            u.role AS role, u.deactivated_at AS deactivated_at
        FROM sessions AS s CROSS JOIN users AS u WHERE s.id = $1 AND u.id = s.user_id";
    /// $1 id.
    HAS_ENDED = "SELECT wipe FROM sessions WHERE id = $1 AND revoked_at IS NOT NULL";
    /// $1 now, $2 expires, $3 address, $4 id.
    TOUCH = "UPDATE sessions SET last_used_at = $1, expires_at = $2, address = $3
        WHERE id = $4 AND revoked_at IS NULL";
    /// $1 time, $2 changed_seq, $3 id, $4 user.
    REVOKE = "UPDATE sessions SET revoked_at = $1, changed_seq = $2
        WHERE id = $3 AND user_id = $4 AND revoked_at IS NULL
        RETURNING id, device, created_at, expires_at, revoked_at, wipe, changed_seq";
    /// $1 id, $2 user.
    WIPE = "UPDATE sessions SET wipe = 1 WHERE id = $1 AND user_id = $2 AND wipe = 0";
    /// $1 id, $2 user.
    EXISTS = "SELECT id FROM sessions WHERE id = $1 AND user_id = $2";
    /// $1 user, $2 the session to leave out.
    WIPE_ALL = "UPDATE sessions SET wipe = 1 WHERE user_id = $1 AND id <> $2";
    /// $1 user.
    FORGET_DEVICES = "UPDATE sessions SET device = '', address = '', last_used_at = NULL
        WHERE user_id = $1";
    /// $1 user, $2 the session to leave out.
    OTHERS = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL";
    /// $1 user, $2 now, $3 limit.
    LIST = "SELECT id, device, address, created_at, last_used_at, expires_at FROM sessions
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
        ORDER BY changed_seq DESC LIMIT $3";
    /// $1 now. Reads every valid session; run only when somebody requests the number.
    COUNT = "SELECT count(*) AS many FROM sessions
        WHERE lapsed_at IS NULL AND revoked_at IS NULL AND expires_at > $1";
    /// $1 user, $2 since, $3 limit.
    CHANGED = "SELECT id, device, created_at, expires_at,
            COALESCE(revoked_at, lapsed_at) AS revoked_at, changed_seq
        FROM sessions WHERE user_id = $1 AND changed_seq > $2 ORDER BY changed_seq LIMIT $3";
    /// $1 before, $2 limit.
    LAPSING = "SELECT id, user_id FROM sessions
        WHERE lapsed_at IS NULL AND revoked_at IS NULL AND expires_at < $1
        ORDER BY expires_at LIMIT $2";
    /// $1 time, $2 changed_seq, $3 id.
    LAPSE = "UPDATE sessions SET lapsed_at = $1, changed_seq = $2 WHERE id = $3
        RETURNING id, device, created_at, expires_at, lapsed_at AS revoked_at, changed_seq";
    /// $1 before, $2 limit.
    LONG_ENDED = "SELECT id, user_id, changed_seq FROM sessions
        WHERE revoked_at IS NOT NULL AND wipe = 0 AND revoked_at < $1 ORDER BY revoked_at LIMIT $2";
    /// $1 before, $2 limit.
    LONG_LAPSED = "SELECT id, user_id, changed_seq FROM sessions
        WHERE lapsed_at IS NOT NULL AND wipe = 0 AND lapsed_at < $1 ORDER BY lapsed_at LIMIT $2";
    /// $1 id.
    FORGET = "DELETE FROM sessions WHERE id = $1";
}

/// A session to create.
pub struct NewSession<'a> {
    /// The session's id.
    pub id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// The digest of the token, which itself is not stored.
    pub digest: &'a str,
    /// The name that the device gave itself.
    pub device: &'a str,
    /// The address of the device.
    pub address: &'a str,
    /// When the session expires unless it is used.
    pub expires_at: Millis,
}

/// A valid session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// The user's role on the server.
    pub role: UserRole,
    /// When the session was created.
    pub created_at: Millis,
    /// When the session expires unless it is used.
    pub expires_at: Millis,
}

/// Creates a session.
pub async fn insert(tx: &Tx, new: &NewSession<'_>, now: Millis) -> Result<(), DbError> {
    let stream = StreamId::Account(new.user_id);
    let to = streams::advance(tx, stream).await?;
    let params = [
        new.id.into(),
        new.user_id.into(),
        new.digest.into(),
        now.into(),
        new.expires_at.into(),
        new.device.into(),
        new.address.into(),
        now.into(),
        to.into(),
    ];
    tx.execute(INSERT, &params).await?;
    let row = SessionRow {
        id: new.id,
        device: new.device.into(),
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        changed_seq: to,
    };
    streams::announce(tx, stream, to, vec![parlour_protocol::Row::Session(row)]);
    Ok(())
}

/// Returns the valid session whose token has this digest.
pub async fn find(tx: &Tx, digest: &str, now: Millis) -> Result<Option<Session>, DbError> {
    let row = tx.optional(FIND, &[digest.into(), now.into()]).await?;
    row.map(|row| {
        let role: String = row.get("role")?;
        Ok(Session {
            id: row.get("id")?,
            user_id: row.get("user_id")?,
            role: UserRole::parse(&role).ok_or(DbError::Column("role"))?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
        })
    })
    .transpose()
}

/// Returns, for a revoked session whose token has this digest, whether its device is to delete its local
/// data; `None` if there is no such session.
pub async fn find_ended(tx: &Tx, digest: &str) -> Result<Option<bool>, DbError> {
    tx.optional(ENDED, &[digest.into()]).await?.map(|row| is_wiped(&row)).transpose()
}

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// The session is valid, and its user has this role on the server.
    Active(UserRole),
    /// The session was revoked.
    Revoked {
        /// Whether its device is to delete its local data.
        wipe: bool,
    },
    /// The session expired or was forgotten, or its user was deactivated.
    Expired,
}

/// Returns the state of a session in this snapshot.
pub async fn state(tx: &Tx, id: SessionId, now: Millis) -> Result<SessionState, DbError> {
    let Some(row) = tx.optional(STATE, &[id.into()]).await? else {
        return Ok(SessionState::Expired);
    };
    if row.get::<Option<Millis>>("revoked_at")?.is_some() {
        return Ok(SessionState::Revoked { wipe: is_wiped(&row)? });
    }
    let is_deactivated = row.get::<Option<Millis>>("deactivated_at")?.is_some();
    if is_deactivated || row.get::<Millis>("expires_at")? <= now {
        return Ok(SessionState::Expired);
    }
    let role: String = row.get("role")?;
    Ok(SessionState::Active(UserRole::parse(&role).ok_or(DbError::Column("role"))?))
}

/// Returns, for a revoked session, whether its device is to delete its local data; `None` if it is not
/// revoked.
pub async fn has_ended(tx: &Tx, id: SessionId) -> Result<Option<bool>, DbError> {
    tx.optional(HAS_ENDED, &[id.into()]).await?.map(|row| is_wiped(&row)).transpose()
}

/// Marks a session, which may have ended, so that its device deletes its local data; returns whether there is such a
/// session that was not marked yet. Call it before [`revoke`], which notifies the session's socket of both.
pub async fn wipe(tx: &Tx, user_id: UserId, id: SessionId) -> Result<bool, DbError> {
    Ok(tx.execute(WIPE, &[id.into(), user_id.into()]).await? > 0)
}

/// Returns whether a user has a session with this id, which may have ended.
pub async fn exists(tx: &Tx, user_id: UserId, id: SessionId) -> Result<bool, DbError> {
    Ok(tx.optional(EXISTS, &[id.into(), user_id.into()]).await?.is_some())
}

/// Marks all sessions of a user except `except`, including ended ones, so that their devices delete their
/// local data.
pub async fn wipe_all(tx: &Tx, user_id: UserId, except: Option<SessionId>) -> Result<(), DbError> {
    let except = except.unwrap_or(SessionId(uuid::Uuid::nil()));
    tx.execute(WIPE_ALL, &[user_id.into(), except.into()]).await.map(drop)
}

/// Clears the names, addresses and times of use of a user's devices. Call it once their sessions have
/// ended.
pub async fn forget_devices(tx: &Tx, user_id: UserId) -> Result<(), DbError> {
    tx.execute(FORGET_DEVICES, &[user_id.into()]).await.map(drop)
}

fn is_wiped(row: &Row) -> Result<bool, DbError> {
    Ok(row.get::<i64>("wipe")? != 0)
}

/// Records that a session was used, and extends it.
pub async fn touch(
    tx: &Tx,
    id: SessionId,
    address: &str,
    now: Millis,
    expires_at: Millis,
) -> Result<(), DbError> {
    tx.execute(TOUCH, &[now.into(), expires_at.into(), address.into(), id.into()]).await.map(drop)
}

/// Revokes a session; returns whether there was one to revoke.
pub async fn revoke(tx: &Tx, user_id: UserId, id: SessionId, now: Millis) -> Result<bool, DbError> {
    let to = streams::advance(tx, StreamId::Account(user_id)).await?;
    let params = [now.into(), to.into(), id.into(), user_id.into()];
    let ended = tx.query(REVOKE, &params).await?;
    announce(tx, user_id, (to - 1, to), &ended)?;
    Ok(!ended.is_empty())
}

/// Revokes all sessions of a user except `except`, and returns how many.
pub async fn revoke_others(
    tx: &Tx,
    user_id: UserId,
    except: Option<SessionId>,
    now: Millis,
) -> Result<usize, DbError> {
    let except = except.unwrap_or(SessionId(uuid::Uuid::nil()));
    let others = tx.query(OTHERS, &[user_id.into(), except.into()]).await?;
    let others = others.iter().map(|row| row.get("id")).collect::<Result<Vec<SessionId>, _>>()?;
    let Ok(count @ 1..) = i64::try_from(others.len()) else { return Ok(0) };
    // Each revoked session is a separate change, so that pages of changes can be split between them.
    let to = streams::advance_by(tx, StreamId::Account(user_id), count).await?;
    let ends = (to - count + 1..).zip(others).map(|(at, id)| {
        let params = [now.into(), at.into(), id.into(), user_id.into()];
        async move { tx.query(REVOKE, &params).await }
    });
    let ended = futures_util::future::try_join_all(ends).await?.concat();
    announce(tx, user_id, (to - count, to), &ended)?;
    Ok(ended.len())
}

/// The largest number of valid sessions of one user.
pub const MAX_SESSIONS: usize = 50;
/// The number of sessions that [`revoke_excess`] reads.
const MAX_READ: i64 = 1000;

/// Revokes the least recently used sessions, so that one more can be created within [`MAX_SESSIONS`]. Returns the
/// revoked ones.
pub async fn revoke_excess(tx: &Tx, user: UserId, now: Millis) -> Result<Vec<SessionId>, DbError> {
    let nobody = SessionId(uuid::Uuid::nil());
    let mut open = list(tx, user, nobody, now, MAX_READ).await?;
    open.sort_by_key(|session| {
        let last_used = session.last_used_at.unwrap_or(session.created_at);
        std::cmp::Reverse((last_used, session.created_at, session.id.0))
    });
    let mut ended = Vec::new();
    for session in open.iter().skip(MAX_SESSIONS - 1).rev() {
        if revoke(tx, user, session.id, now).await? {
            ended.push(session.id);
        }
    }
    Ok(ended)
}

/// How long after a session expires its account is notified.
const EXPIRY_NOTICE_MS: i64 = 24 * 3600 * 1000;
/// How long a session is kept after it has ended.
const RETENTION_MS: i64 = 90 * 24 * 3600 * 1000;
/// The largest number of sessions announced or deleted in one commit.
const BATCH_SIZE: i64 = 100;

/// Announces some expired sessions to their accounts; returns whether there may be more.
pub async fn announce_expired(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let before = Millis(now.0 - EXPIRY_NOTICE_MS);
    let expired = tx.query(LAPSING, &[before.into(), BATCH_SIZE.into()]).await?;
    for row in &expired {
        let (id, user): (SessionId, UserId) = (row.get("id")?, row.get("user_id")?);
        let stream = StreamId::Account(user);
        let to = streams::advance(tx, stream).await?;
        let row = tx.one(LAPSE, &[now.into(), to.into(), id.into()]).await?;
        let row = parlour_protocol::Row::Session(from_row(&row)?);
        streams::announce(tx, stream, to, vec![row]);
    }
    Ok(expired.len() as i64 >= BATCH_SIZE)
}

/// Deletes some sessions that ended long ago. A mirror that has not been synchronised since then fetches the account
/// stream from the beginning. Sessions whose device is to delete its local data are never deleted. Returns whether
/// there may be more.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let before = Millis(now.0 - RETENTION_MS);
    let mut may_be_more = false;
    for statement in [LONG_ENDED, LONG_LAPSED] {
        let rows = tx.query(statement, &[before.into(), BATCH_SIZE.into()]).await?;
        for row in &rows {
            let (id, user): (SessionId, UserId) = (row.get("id")?, row.get("user_id")?);
            streams::raise_floor(tx, user, row.get("changed_seq")?).await?;
            tx.execute(FORGET, &[id.into()]).await?;
        }
        may_be_more |= rows.len() as i64 >= BATCH_SIZE;
    }
    Ok(may_be_more)
}

/// Returns at most `limit` valid sessions of a user, newest first.
pub async fn list(
    tx: &Tx,
    user_id: UserId,
    current: SessionId,
    now: Millis,
    limit: i64,
) -> Result<Vec<SessionInfo>, DbError> {
    let rows = tx.query(LIST, &[user_id.into(), now.into(), limit.into()]).await?;
    let info = |row: &Row| {
        let id = row.get("id")?;
        Ok(SessionInfo {
            id,
            device: row.get("device")?,
            address: row.get("address")?,
            created_at: row.get("created_at")?,
            last_used_at: row.get("last_used_at")?,
            expires_at: row.get("expires_at")?,
            current: id == current,
        })
    };
    rows.iter().map(info).collect()
}

/// Returns the number of valid sessions.
pub async fn count(tx: &Tx, now: Millis) -> Result<i64, DbError> {
    tx.one(COUNT, &[now.into()]).await?.get("many")
}

/// Returns a user's sessions that were created or ended after `since`, oldest change first.
pub async fn changed(
    tx: &Tx,
    user_id: UserId,
    since: i64,
    limit: i64,
) -> Result<Vec<SessionRow>, DbError> {
    let params = [user_id.into(), since.into(), limit.into()];
    tx.query(CHANGED, &params).await?.iter().map(from_row).collect()
}

fn announce(tx: &Tx, user_id: UserId, interval: (i64, i64), ended: &[Row]) -> Result<(), DbError> {
    let rows = ended.iter().map(from_row).collect::<Result<Vec<_>, _>>()?;
    for (row, session) in ended.iter().zip(&rows) {
        tx.announce(Change::Revoked(user_id, session.id, is_wiped(row)?));
    }
    let rows = rows.into_iter().map(parlour_protocol::Row::Session).collect();
    streams::announce_all(tx, StreamId::Account(user_id), interval, rows);
    Ok(())
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

/// Returns the users with sessions that were revoked after `time`.
pub async fn revoked_since(tx: &Tx, time: Millis) -> Result<Vec<UserId>, DbError> {
    let rows = tx.query(REVOKED_SINCE, &[time.into()]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}
