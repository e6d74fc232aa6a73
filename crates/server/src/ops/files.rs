//! The files of messages: the transaction that stores a message adds its references to files, and the one that
//! deletes it removes them.

use crate::db::{DbError, Tx};
use crate::error::ApiError;
use crate::queries::file_uses;
use crate::queries::files::{self, StoredFile};
use parlour_protocol::{FileHash, MessageFile, MessageId, Millis, Refusal, UserId};

pub use crate::queries::file_uses::FileUse;

/// Returns the files of a message, all of which its sender must have uploaded.
///
/// # Errors
/// Fails if one is missing or incomplete, or if a thumbnail is not a small picture.
pub async fn find(
    tx: &Tx,
    sender: UserId,
    files: &[MessageFile],
) -> Result<Vec<FileUse>, ApiError> {
    let mut uses = Vec::with_capacity(files.len());
    for file in files {
        let found = find_complete(tx, sender, file.hash, file.bytes.0).await?;
        let thumbnail = match file.thumbnail {
            None => None,
            Some(thumbnail) => {
                let thumbnail =
                    find_complete(tx, sender, thumbnail.hash, thumbnail.bytes.0).await?;
                if !thumbnail.is_thumbnail {
                    return Err(ApiError::invalid("A thumbnail is a small picture, in one part."));
                }
                Some(thumbnail.id)
            }
        };
        uses.push(FileUse { file: found.id, thumbnail });
    }
    Ok(uses)
}

async fn find_complete(
    tx: &Tx,
    owner: UserId,
    hash: FileHash,
    size: i64,
) -> Result<StoredFile, ApiError> {
    let found = files::find(tx, owner, hash).await?;
    let found = found.filter(|found| found.upload.is_complete && found.upload.bytes.0 == size);
    found.ok_or_else(|| Refusal::FileMissing.into())
}

/// Stores the references of a new message to its files.
pub async fn attach(tx: &Tx, message: MessageId, uses: &[FileUse]) -> Result<(), DbError> {
    file_uses::insert(tx, message, uses).await
}

/// Removes the references of a deleted message to its files.
pub async fn detach(tx: &Tx, message: MessageId, now: Millis) -> Result<(), DbError> {
    file_uses::delete(tx, message, now).await
}
