//! The files of messages: they are referred to in the transaction that stores the message, and no longer from the one
//! on that deletes it.

use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::queries::file_uses;
use crate::queries::files::{self, StoredFile};
use parlour_protocol::{FileHash, MessageFile, MessageId, Millis, Refusal, UserId};

pub use crate::queries::file_uses::FileUse;

/// Returns the files of a message, all of which its sender must have uploaded.
///
/// # Errors
/// Fails if one is not there, or is a thumbnail that is no small picture.
pub async fn find(
    tx: &Tx,
    sender: UserId,
    files: &[MessageFile],
) -> Result<Vec<FileUse>, ApiError> {
    let mut uses = Vec::with_capacity(files.len());
    for file in files {
        let found = complete(tx, sender, file.hash, file.bytes.0).await?;
        let thumbnail = match file.thumbnail {
            None => None,
            Some(small) => {
                let small = complete(tx, sender, small.hash, small.bytes.0).await?;
                if !small.is_thumbnail {
                    return Err(ApiError::invalid("A thumbnail is a small picture, in one part."));
                }
                Some(small.id)
            }
        };
        uses.push(FileUse { file: found.id, thumbnail });
    }
    Ok(uses)
}

async fn complete(
    tx: &Tx,
    owner: UserId,
    hash: FileHash,
    bytes: i64,
) -> Result<StoredFile, ApiError> {
    let found = files::find(tx, owner, hash).await?;
    let found = found.filter(|found| found.upload.is_complete && found.upload.bytes.0 == bytes);
    found.ok_or_else(|| Refusal::FileMissing.into())
}

/// Notes the files of a new message.
pub async fn attach(tx: &Tx, message: MessageId, uses: &[FileUse]) -> Result<(), DbError> {
    file_uses::insert(tx, message, uses).await
}

/// Lets go of the files of a message that is deleted.
pub async fn detach(tx: &Tx, message: MessageId, now: Millis) -> Result<(), DbError> {
    file_uses::delete(tx, message, now).await
}
