//! Signed-in devices.

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
    WIPE = "UPDATE sessions SET wipe = 1 WHERE id = $1 AND user_id = $2";
    /// $1 user, $2 the one that stays.
    WIPE_ALL = "UPDATE sessions SET wipe = 1 WHERE user_id = $1 AND id <> $2";
    /// $1 user.
    FORGET_DEVICES = "UPDATE sessions SET device = '', address = '', last_used_at = NULL
        WHERE user_id = $1";
    /// $1 user, $2 the one that stays.
    OTHERS = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL";
    /// $1 user, $2 now, $3 limit.
    LIST = "SELECT id, device, address, created_at, last_used_at, expires_at FROM sessions
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2
        ORDER BY changed_seq DESC LIMIT $3";
    /// $1 now: reads every session that is good, when somebody asks how many there are.
    COUNT = "SELECT count(*) AS many FROM sessions
        WHERE lapsed_at IS NULL AND revoked_at IS NULL AND expires_at > $1";
    /// $1 user, $2 limit.
    ADDRESSES = "SELECT address, last_used_at FROM sessions
        WHERE user_id = $1 ORDER BY changed_seq DESC LIMIT $2";
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

/// A session that is about to be opened.
pub struct New<'a> {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// Of its token, which is not kept.
    pub digest: &'a str,
    /// What the device calls itself.
    pub device: &'a str,
    /// Where it calls from.
    pub address: &'a str,
    /// When it ends unless it is used.
    pub expires_at: Millis,
}

/// A session that is good.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub user_id: UserId,
    /// What they may do on the server.
    pub role: UserRole,
    /// When it began.
    pub created_at: Millis,
    /// When it ends unless it is used.
    pub expires_at: Millis,
}

/// Opens a session.
pub async fn insert(tx: &Tx, new: &New<'_>, now: Millis) -> Result<(), DbError> {
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

/// Whose token has this digest, if it is still good.
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

/// Whether somebody ended the session whose token has this digest, and wants its device to delete what
/// it holds.
pub async fn ended(tx: &Tx, digest: &str) -> Result<Option<bool>, DbError> {
    tx.optional(ENDED, &[digest.into()]).await?.map(|row| is_wiped(&row)).transpose()
}

/// Whether a session is good, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// It is good, and its owner has this role on the server.
    Active(UserRole),
    /// Somebody ended it.
    Revoked {
        /// Whether its device is to delete what it holds.
        wipe: bool,
    },
    /// It expired, was forgotten, or its owner was deactivated.
    Expired,
}

/// Whether a session is good in this snapshot.
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

/// Whether somebody ended a session, and wants its device to delete what it holds.
pub async fn has_ended(tx: &Tx, id: SessionId) -> Result<Option<bool>, DbError> {
    tx.optional(HAS_ENDED, &[id.into()]).await?.map(|row| is_wiped(&row)).transpose()
}

/// Says that a session's device is to delete what it holds. This comes before the end of the session: its
/// socket hears both at once.
pub async fn wipe(tx: &Tx, user_id: UserId, id: SessionId) -> Result<(), DbError> {
    tx.execute(WIPE, &[id.into(), user_id.into()]).await.map(drop)
}

/// Says so of all of a person's sessions but one, or of all of them, also of those that have ended.
pub async fn wipe_all(tx: &Tx, user_id: UserId, but: Option<SessionId>) -> Result<(), DbError> {
    let but = but.unwrap_or(SessionId(uuid::Uuid::nil()));
    tx.execute(WIPE_ALL, &[user_id.into(), but.into()]).await.map(drop)
}

/// Takes out what a person's devices are called, where they were and when, once they have ended.
pub async fn forget_devices(tx: &Tx, user_id: UserId) -> Result<(), DbError> {
    tx.execute(FORGET_DEVICES, &[user_id.into()]).await.map(drop)
}

fn is_wiped(row: &Row) -> Result<bool, DbError> {
    Ok(row.get::<i64>("wipe")? != 0)
}

/// Notes that a session is used, and lets it last longer.
pub async fn touch(
    tx: &Tx,
    id: SessionId,
    address: &str,
    now: Millis,
    expires_at: Millis,
) -> Result<(), DbError> {
    tx.execute(TOUCH, &[now.into(), expires_at.into(), address.into(), id.into()]).await.map(drop)
}

/// Ends a session; answers whether there was one to end.
pub async fn revoke(tx: &Tx, user_id: UserId, id: SessionId, now: Millis) -> Result<bool, DbError> {
    let to = streams::advance(tx, StreamId::Account(user_id)).await?;
    let params = [now.into(), to.into(), id.into(), user_id.into()];
    let ended = tx.query(REVOKE, &params).await?;
    announce(tx, user_id, (to - 1, to), &ended)?;
    Ok(!ended.is_empty())
}

/// Ends all of a person's sessions but one, or all of them.
pub async fn revoke_others(
    tx: &Tx,
    user_id: UserId,
    but: Option<SessionId>,
    now: Millis,
) -> Result<(), DbError> {
    let but = but.unwrap_or(SessionId(uuid::Uuid::nil()));
    let others = tx.query(OTHERS, &[user_id.into(), but.into()]).await?;
    let others = others.iter().map(|row| row.get("id")).collect::<Result<Vec<SessionId>, _>>()?;
    let Ok(many @ 1..) = i64::try_from(others.len()) else { return Ok(()) };
    // Each end is a change of its own: a page of changes is never larger than it must be.
    let to = streams::advance_by(tx, StreamId::Account(user_id), many).await?;
    let ends = (to - many + 1..).zip(others).map(|(at, id)| {
        let params = [now.into(), at.into(), id.into(), user_id.into()];
        async move { tx.query(REVOKE, &params).await }
    });
    let ended = futures_util::future::try_join_all(ends).await?.concat();
    announce(tx, user_id, (to - many, to), &ended)
}

/// Most sessions of one person that are good at a time.
pub const MOST: usize = 50;
/// Sessions that are looked at when one more is opened.
const LOOKED_AT: i64 = 1000;

/// Ends the sessions that were used least lately, so that there is room for one more; answers which.
pub async fn make_room(tx: &Tx, user: UserId, now: Millis) -> Result<Vec<SessionId>, DbError> {
    let nobody = SessionId(uuid::Uuid::nil());
    let mut open = list(tx, user, nobody, now, LOOKED_AT).await?;
    open.sort_by_key(|session| {
        let used = session.last_used_at.unwrap_or(session.created_at);
        std::cmp::Reverse((used, session.created_at, session.id.0))
    });
    let mut ended = Vec::new();
    for session in open.iter().skip(MOST - 1).rev() {
        if revoke(tx, user, session.id, now).await? {
            ended.push(session.id);
        }
    }
    Ok(ended)
}

/// How long a session's time is over before its account is told.
const LAPSED_MS: i64 = 24 * 3600 * 1000;
/// How long a session is remembered that has ended.
const REMEMBERED_MS: i64 = 90 * 24 * 3600 * 1000;
/// Most sessions told of or forgotten in one commit.
const AT_ONCE: i64 = 100;

/// Tells accounts of some of their sessions whose time is over; answers whether there may be more.
pub async fn announce_expired(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let before = Millis(now.0 - LAPSED_MS);
    let over = tx.query(LAPSING, &[before.into(), AT_ONCE.into()]).await?;
    for row in &over {
        let (id, user): (SessionId, UserId) = (row.get("id")?, row.get("user_id")?);
        let stream = StreamId::Account(user);
        let to = streams::advance(tx, stream).await?;
        let row = tx.one(LAPSE, &[now.into(), to.into(), id.into()]).await?;
        let row = parlour_protocol::Row::Session(from_row(&row)?);
        streams::announce(tx, stream, to, vec![row]);
    }
    Ok(over.len() as i64 >= AT_ONCE)
}

/// Forgets some of the sessions that ended long ago, of which accounts were told then; a mirror that was
/// not there since begins its account anew. One whose device is to delete what it holds is never
/// forgotten. Answers whether there may be more.
pub async fn forget_old(tx: &Tx, now: Millis) -> Result<bool, DbError> {
    let before = Millis(now.0 - REMEMBERED_MS);
    let mut may_be_more = false;
    for old in [LONG_ENDED, LONG_LAPSED] {
        let rows = tx.query(old, &[before.into(), AT_ONCE.into()]).await?;
        for row in &rows {
            let (id, user): (SessionId, UserId) = (row.get("id")?, row.get("user_id")?);
            streams::raise_floor(tx, user, row.get("changed_seq")?).await?;
            tx.execute(FORGET, &[id.into()]).await?;
        }
        may_be_more |= rows.len() as i64 >= AT_ONCE;
    }
    Ok(may_be_more)
}

/// The account's sessions that are good, newest first.
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

/// How many sessions are good.
pub async fn count(tx: &Tx, now: Millis) -> Result<i64, DbError> {
    tx.one(COUNT, &[now.into()]).await?.get("many")
}

/// Sessions that [`addresses`] looks at.
const ADDRESSED: i64 = 100;

/// Where the account's newest sessions, also those that have ended, were last used from since a time.
pub async fn addresses(tx: &Tx, user_id: UserId, since: Millis) -> Result<Vec<String>, DbError> {
    let rows = tx.query(ADDRESSES, &[user_id.into(), ADDRESSED.into()]).await?;
    let mut addresses = Vec::new();
    for row in &rows {
        if row.get::<Option<Millis>>("last_used_at")?.is_some_and(|used| used > since) {
            addresses.push(row.get("address")?);
        }
    }
    Ok(addresses)
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

/// Whose sessions were ended after a time.
pub async fn revoked_since(tx: &Tx, time: Millis) -> Result<Vec<UserId>, DbError> {
    let rows = tx.query(REVOKED_SINCE, &[time.into()]).await?;
    rows.iter().map(|row| row.get("user_id")).collect()
}
