//! Deletes the bytes of files that no composer, no op and no message has any more.

use crate::blobs::folder::BlobFolder;
use crate::error::Result;
use crate::lock::lock_of;
use crate::mirror::{self, Mirror};
use crate::outbox::{Outbox, files};

/// Deletes them; `all` if nobody writes files, so that what was left half written by a program that ended goes, too.
///
/// # Errors
/// Fails if a file cannot be read, or a file cannot be deleted.
pub(crate) fn forget(
    mirror: &Mirror,
    outbox: &Outbox,
    blobs: &BlobFolder,
    all: bool,
) -> Result<()> {
    let _placing = lock_of(&blobs.placing);
    let mut names = outbox.with(|conn| {
        let tx = conn.unchecked_transaction()?;
        let names = files::forget_unused(&tx)?;
        tx.commit()?;
        Ok(names)
    })?;
    names.extend(mirror.read(|conn| mirror::files::names(conn))?);
    blobs.keep_only(&names, all)
}
