//! The profiles of users. They are read together with the users; see `users.rs`.

use crate::db::{DbError, Tx};
use parlour_protocol::{Profile, UserId};

parlour_sqlite::statements! {
    /// $1 user, $2 display name, $3 about, $4 time zone.
    SET = "INSERT INTO profiles (user_id, display_name, about, time_zone) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name,
            about = excluded.about, time_zone = excluded.time_zone";
    /// $1 user.
    FORGET = "DELETE FROM profiles WHERE user_id = $1";
}

/// Stores a profile. It is announced only when the user's row is updated too.
pub async fn set(tx: &Tx, user: UserId, profile: &Profile) -> Result<(), DbError> {
    let Profile { display_name, about, time_zone } = profile;
    let texts = [display_name, about, time_zone].map(|text| text.as_str().into());
    let [display_name, about, time_zone] = texts;
    tx.execute(SET, &[user.into(), display_name, about, time_zone]).await.map(drop)
}

/// Deletes a profile.
pub async fn forget(tx: &Tx, user: UserId) -> Result<(), DbError> {
    tx.execute(FORGET, &[user.into()]).await.map(drop)
}
