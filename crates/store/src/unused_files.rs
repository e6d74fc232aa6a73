//! Deletes the bytes of files that no composer, op or message uses any more.

use crate::blobs::folder::BlobFolder;
use crate::error::Result;
use crate::lock::lock_of;
use crate::mirror::{self, Mirror};
use crate::outbox::{Outbox, files};

/// Deletes them; `all` also deletes incomplete files, which must be set only while no file is written.
///
/// # Errors
/// Fails if a file cannot be read, or a file cannot be deleted.
pub(crate) fn delete(
    mirror: &Mirror,
    outbox: &Outbox,
    blobs: &BlobFolder,
    all: bool,
) -> Result<()> {
    let _lock = lock_of(&blobs.commit_lock);
    let mut names = outbox.with_conn(|conn| {
        let tx = conn.unchecked_transaction()?;
        let names = files::delete_unused(&tx)?;
        tx.commit()?;
        Ok(names)
    })?;
    names.extend(mirror.read(|conn| mirror::files::names(conn))?);
    blobs.delete_others(&names, all)
}
