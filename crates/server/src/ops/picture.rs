//! Changes the caller's picture. This is not an op: it is not in the outbox of clients.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{pictures, users};
use parlour_protocol::{OpDone, PictureFormat, PictureId, Refusal, Row, StreamId, UserId, UserRow};

/// A valid picture.
pub struct Picture {
    /// Its id.
    pub id: PictureId,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Checks a picture; see [`PictureFormat::of`].
    ///
    /// # Errors
    /// Fails with the reason why it is refused.
    pub fn of(bytes: Vec<u8>) -> Result<Self, Refusal> {
        PictureFormat::of(&bytes)?;
        Ok(Self { id: PictureId::of(&bytes), bytes })
    }
}

/// Sets or deletes a user's picture, and returns the user's row in the directory. Does nothing if it is unchanged.
///
/// # Errors
/// Fails if the account was erased.
pub async fn set_picture(
    tx: &Tx,
    user: UserId,
    picture: Option<Picture>,
) -> Result<OpDone, ApiError> {
    let before = users::find(tx, user).await?.map(|user| user.row);
    // The account may have been erased since the request was admitted.
    let before = before.filter(|row| row.erased_at.is_none()).ok_or_else(ApiError::signed_out)?;
    let id = picture.as_ref().map(|picture| picture.id);
    if id != before.picture {
        match picture {
            Some(Picture { id, bytes }) => pictures::set(tx, user, id, bytes).await?,
            None => pictures::forget(tx, user).await?,
        }
        users::update(tx, UserRow { picture: id, ..before }).await?;
    }
    let row = users::find(tx, user).await?.map(|user| Row::User(user.row));
    let done = OpDone::new(StreamId::Directory, row.into_iter().collect());
    Ok(OpDone { epoch: tx.epoch(), ..done })
}
