//! Finds uploads whose bytes are lost, as after a restore without files.

use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::file_store::FileKey;
use crate::queries::files::{self, StoredFile};
use parlour_protocol::FileHash;

/// Returns a user's upload if the store lacks some of the bytes that were received; `None` if it has all of them, if
/// there is no such upload, or if the store cannot be read.
///
/// # Errors
/// Fails if the database does, or if the session has ended.
pub async fn find(
    app: &App,
    caller: Caller,
    hash: FileHash,
) -> Result<Option<StoredFile>, ApiError> {
    let Ok(store) = app.files.store() else { return Ok(None) };
    // The database is read first: every part in it was in the store before.
    let tx = app.db.read().await?;
    caller.require_session(&tx, app.now()).await?;
    let file = files::find(&tx, caller.user_id, hash).await?;
    let Some(file) = file.filter(|file| file.upload.received.0 > 0) else { return Ok(None) };
    let parts = files::all_parts(&tx, file.id).await?;
    drop(tx);
    let (key, server) = (FileKey::new(hash, file.id), app.db.server_id()?);
    let examine = move || {
        let sizes = store.sizes_of(&key)?;
        let is_stored = parts.iter().all(|part| sizes.get(&part.object) == Some(&part.bytes));
        if !is_stored {
            // The folder of a disk that is not mounted is empty, too; usually nothing can be written there.
            store.claim(&server)?;
        }
        Ok::<_, std::io::Error>(!is_stored)
    };
    match app.files.access(examine).await {
        Ok(is_lost) => Ok(is_lost.then_some(file)),
        Err(error) => {
            tracing::warn!(%error, "cannot check whether the bytes of an upload are stored");
            Ok(None)
        }
    }
}
