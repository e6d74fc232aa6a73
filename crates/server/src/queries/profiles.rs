//! The profiles of users. They are read together with the users; see `users.rs`.

use crate::db::{DbError, Tx};
use parlour_protocol::{Profile, UserId};

parlour_sqlite::statements! {
    /// $1 user, $2 display name, $3 about, $4 time zone, $5 emoji, $6 text and $7 end of the status.
    SET = "INSERT INTO profiles (user_id, display_name, about, time_zone, status_emoji, status_text, status_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name,
            about = excluded.about, time_zone = excluded.time_zone, status_emoji = excluded.status_emoji,
            status_text = excluded.status_text, status_until = excluded.status_until";
    /// $1 user.
    FORGET = "DELETE FROM profiles WHERE user_id = $1";
}

/// Stores a profile. It is announced only when the user's row is updated too.
pub async fn set(tx: &Tx, user: UserId, profile: &Profile) -> Result<(), DbError> {
    let Profile { display_name, about, time_zone, status } = profile;
    let params = [
        user.into(),
        display_name.as_str().into(),
        about.as_str().into(),
        time_zone.as_str().into(),
        status.emoji.as_str().into(),
        status.text.as_str().into(),
        status.until.map(|at| at.0).into(),
    ];
    tx.execute(SET, &params).await.map(drop)
}

/// Deletes a profile.
pub async fn forget(tx: &Tx, user: UserId) -> Result<(), DbError> {
    tx.execute(FORGET, &[user.into()]).await.map(drop)
}
