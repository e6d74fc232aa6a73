//! The addresses and devices of earlier sessions, which distinguish the sign-ins of users from those of attackers.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, SessionId, UserId};

parlour_sqlite::statements! {
    /// $1 now, $2 limit. Reads every valid session; run only at the start.
    RECENT_ADDRESSES = "SELECT address, last_used_at FROM sessions
        WHERE lapsed_at IS NULL AND revoked_at IS NULL AND expires_at > $1 LIMIT $2";
    /// $1 digest.
    DEVICE = "SELECT id, user_id FROM sessions WHERE token = $1 AND wipe = 0";
    /// $1 user, $2 limit.
    ADDRESSES = "SELECT address, last_used_at FROM sessions
        WHERE user_id = $1 ORDER BY changed_seq DESC LIMIT $2";
}

/// Returns the addresses of at most `limit` valid sessions, and when each was last used.
pub async fn recent_addresses(
    tx: &Tx,
    now: Millis,
    limit: i64,
) -> Result<Vec<(String, Millis)>, DbError> {
    let rows = tx.query(RECENT_ADDRESSES, &[now.into(), limit.into()]).await?;
    let mut recent_addresses = Vec::new();
    for row in &rows {
        if let Some(used_at) = row.get("last_used_at")? {
            recent_addresses.push((row.get("address")?, used_at));
        }
    }
    Ok(recent_addresses)
}

/// Returns the session of `user` whose token has this digest, even if it has ended; `None` if its device is to delete
/// its local data.
pub async fn find_by_token(
    tx: &Tx,
    digest: &str,
    user: UserId,
) -> Result<Option<SessionId>, DbError> {
    let row = tx.optional(DEVICE, &[digest.into()]).await?;
    let session = row.map(|row| Ok::<_, DbError>((row.get("id")?, row.get::<UserId>("user_id")?)));
    Ok(session.transpose()?.filter(|(_, owner)| *owner == user).map(|(id, _)| id))
}

/// The number of sessions that [`addresses`] reads.
const MAX_SESSIONS: i64 = 100;

/// Returns the addresses from which a user's newest sessions, including ended ones, were last used after
/// `since`.
pub async fn addresses(tx: &Tx, user_id: UserId, since: Millis) -> Result<Vec<String>, DbError> {
    let rows = tx.query(ADDRESSES, &[user_id.into(), MAX_SESSIONS.into()]).await?;
    let mut addresses = Vec::new();
    for row in &rows {
        if row.get::<Option<Millis>>("last_used_at")?.is_some_and(|used| used > since) {
            addresses.push(row.get("address")?);
        }
    }
    Ok(addresses)
}
