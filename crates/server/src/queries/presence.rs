//! What the database says about presence: whom a user may see, and when that person was last online.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, TELL_LAST_SEEN, TELL_PRESENCE, UserId};
use std::collections::BTreeMap;

parlour_sqlite::statements! {
    /// $1 name of the setting of presence, $2 name of that of the last time, $3 user.
    FIND = "SELECT u.last_seen AS last_seen, p.value AS presence, l.value AS seen FROM users AS u
        LEFT JOIN settings AS p ON p.user_id = u.id AND p.name = $1
        LEFT JOIN settings AS l ON l.user_id = u.id AND l.name = $2
        WHERE u.id = $3 AND u.deactivated_at IS NULL AND u.erased_at IS NULL";
}

/// The precision of the time at which somebody was last online, in milliseconds.
const MINUTE: i64 = 60_000;

/// Returns those of these users whose presence others may see, each with the time at which they were last online, to
/// the minute, if they let others see that. Everybody who is signed in may see all accounts that are neither
/// deactivated nor erased.
pub async fn visible(
    tx: &Tx,
    users: impl IntoIterator<Item = UserId>,
) -> Result<BTreeMap<UserId, Option<Millis>>, DbError> {
    let mut found = BTreeMap::new();
    for user in users {
        let params = [TELL_PRESENCE.into(), TELL_LAST_SEEN.into(), user.into()];
        let Some(row) = tx.optional(FIND, &params).await? else { continue };
        let (presence, seen) =
            (row.get::<Option<String>>("presence")?, row.get::<Option<String>>("seen")?);
        let tells = presence.as_deref() != Some("no") && seen.as_deref() == Some("yes");
        let at: Option<Millis> = row.get("last_seen")?;
        let at = at.filter(|_| tells).map(|at| Millis(at.0.div_euclid(MINUTE) * MINUTE));
        found.insert(user, at);
    }
    Ok(found)
}
