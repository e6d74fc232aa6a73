//! Presence in the database: which users may be seen, and when they were last online.

use crate::db::{DbError, Tx};
use parlour_protocol::{Millis, TELL_LAST_SEEN, TELL_PRESENCE, UserId};
use std::collections::BTreeMap;

parlour_sqlite::statements! {
    /// $1 name of the setting for presence, $2 name of the setting for the last time, $3 user.
    FIND = "SELECT u.last_seen AS last_seen, p.value AS presence, l.value AS seen FROM users AS u
        LEFT JOIN settings AS p ON p.user_id = u.id AND p.name = $1
        LEFT JOIN settings AS l ON l.user_id = u.id AND l.name = $2
        WHERE u.id = $3 AND u.deactivated_at IS NULL AND u.erased_at IS NULL";
}

/// The precision of the time at which somebody was last online, in milliseconds.
const MINUTE: i64 = 60_000;

/// Returns the users among these whose presence others may see, each with the time at which they were last online, to
/// the minute, if they allow that. Every signed-in user may see all accounts that are neither deactivated nor erased.
pub async fn visible(
    tx: &Tx,
    users: impl IntoIterator<Item = UserId>,
) -> Result<BTreeMap<UserId, Option<Millis>>, DbError> {
    let mut found = BTreeMap::new();
    for user in users {
        let params = [TELL_PRESENCE.into(), TELL_LAST_SEEN.into(), user.into()];
        let Some(row) = tx.optional(FIND, &params).await? else { continue };
        let (presence, last_seen_setting) =
            (row.get::<Option<String>>("presence")?, row.get::<Option<String>>("seen")?);
        let is_shared =
            presence.as_deref() != Some("no") && last_seen_setting.as_deref() == Some("yes");
        let at: Option<Millis> = row.get("last_seen")?;
        let at = at.filter(|_| is_shared).map(|at| Millis(at.0.div_euclid(MINUTE) * MINUTE));
        found.insert(user, at);
    }
    Ok(found)
}
