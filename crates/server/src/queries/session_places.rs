//! Where and on which devices people were signed in, by which sign-ins are told from those of strangers.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, SessionId, UserId};

parlour_sqlite::statements! {
    /// $1 now, $2 limit. Reads every valid session; run only at the start.
    PLACES = "SELECT address, last_used_at FROM sessions
        WHERE lapsed_at IS NULL AND revoked_at IS NULL AND expires_at > $1 LIMIT $2";
    /// $1 digest.
    DEVICE = "SELECT id, user_id FROM sessions WHERE token = $1 AND wipe = 0";
    /// $1 user, $2 limit.
    ADDRESSES = "SELECT address, last_used_at FROM sessions
        WHERE user_id = $1 ORDER BY changed_seq DESC LIMIT $2";
}

/// Returns the addresses of at most `limit` valid sessions, and when each was last used.
pub async fn places(tx: &Tx, now: Millis, limit: i64) -> Result<Vec<(String, Millis)>, DbError> {
    let rows = tx.query(PLACES, &[now.into(), limit.into()]).await?;
    let mut places = Vec::new();
    for row in &rows {
        if let Some(used_at) = row.get("last_used_at")? {
            places.push((row.get("address")?, used_at));
        }
    }
    Ok(places)
}

/// Returns the session of `user` whose token has this digest, also if it has ended; not one whose device is to
/// delete its local data.
pub async fn of_device(tx: &Tx, digest: &str, user: UserId) -> Result<Option<SessionId>, DbError> {
    let row = tx.optional(DEVICE, &[digest.into()]).await?;
    let found = row.map(|row| Ok::<_, DbError>((row.get("id")?, row.get::<UserId>("user_id")?)));
    Ok(found.transpose()?.filter(|(_, of)| *of == user).map(|(id, _)| id))
}

/// The number of sessions that [`addresses`] reads.
const ADDRESSED: i64 = 100;

/// Returns the addresses from which a user's newest sessions, including ended ones, were last used after
/// `since`.
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
