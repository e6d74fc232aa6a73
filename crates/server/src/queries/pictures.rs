//! The pictures of users, whose ids are read together with the users (see `users.rs`), and that of the server, whose
//! id is a setting.

use crate::db::{DbError, Tx};
use parlour_protocol::{PictureId, UserId};

parlour_sqlite::statements! {
    /// $1 user, $2 id, $3 bytes.
    SET = "INSERT INTO pictures (user_id, id, bytes) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, bytes = excluded.bytes";
    /// $1 user.
    FORGET = "DELETE FROM pictures WHERE user_id = $1";
    /// $1 id.
    FIND = "SELECT bytes FROM pictures WHERE id = $1 LIMIT 1";
    /// $1 id, $2 bytes.
    SET_SERVERS = "INSERT INTO server_pictures (id, bytes) VALUES ($1, $2)
        ON CONFLICT (id) DO NOTHING";
    /// $1 id.
    FORGET_SERVERS = "DELETE FROM server_pictures WHERE id = $1";
    /// $1 id.
    FIND_SERVERS = "SELECT bytes FROM server_pictures WHERE id = $1";
}

/// Stores a user's picture. It is announced only when the user's row is updated too.
pub async fn set(tx: &Tx, user: UserId, id: PictureId, bytes: Vec<u8>) -> Result<(), DbError> {
    tx.execute(SET, &[user.into(), id.to_string().into(), bytes.into()]).await.map(drop)
}

/// Deletes a user's picture.
pub async fn forget(tx: &Tx, user: UserId) -> Result<(), DbError> {
    tx.execute(FORGET, &[user.into()]).await.map(drop)
}

/// Returns the bytes of a picture, if some user or the server has it.
pub async fn find(tx: &Tx, id: PictureId) -> Result<Option<Vec<u8>>, DbError> {
    match tx.optional(FIND, &[id.to_string().into()]).await? {
        Some(row) => row.get("bytes").map(Some),
        None => find_servers(tx, id).await,
    }
}

/// Returns the bytes of a picture, if the server has it.
pub async fn find_servers(tx: &Tx, id: PictureId) -> Result<Option<Vec<u8>>, DbError> {
    let row = tx.optional(FIND_SERVERS, &[id.to_string().into()]).await?;
    row.map(|row| row.get("bytes")).transpose()
}

/// Stores a picture of the server. It is shown once the setting has its id.
pub async fn set_servers(tx: &Tx, id: PictureId, bytes: Vec<u8>) -> Result<(), DbError> {
    tx.execute(SET_SERVERS, &[id.to_string().into(), bytes.into()]).await.map(drop)
}

/// Deletes a picture of the server.
pub async fn forget_servers(tx: &Tx, id: PictureId) -> Result<(), DbError> {
    tx.execute(FORGET_SERVERS, &[id.to_string().into()]).await.map(drop)
}
