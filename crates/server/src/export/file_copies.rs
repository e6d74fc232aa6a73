//! Copies the contents of files from the file store.

use super::error::ExportError;
use super::output::Output;
use super::snapshot::Snapshot;
use crate::file_store::{FileKey, Store};
use parlour_protocol::limits::PART_BYTES;
use parlour_protocol::{FileHash, MessageFile};
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use std::path::Path;
use uuid::Uuid;

/// Copies the contents of files, and counts them.
pub struct FileCopies {
    /// Where the server stores files; `None` if they are left out.
    store: Option<Store>,
    /// Number of files that were copied.
    pub copied: u64,
    /// Number of files that are missing or damaged.
    pub missing: u64,
}

impl FileCopies {
    /// Copies files from a store, or with `None` leaves them out.
    pub fn new(store: Option<Store>) -> Self {
        Self { store, copied: 0, missing: 0 }
    }

    /// Returns whether files are left out.
    pub fn are_left_out(&self) -> bool {
        self.store.is_none()
    }

    /// Copies a file to a path where nothing is yet. Returns whether it is there: not if the store lacks it, or if its
    /// bytes do not have its hash.
    ///
    /// # Errors
    /// Fails if the store cannot be read, if the file cannot be written, or if the export is cancelled.
    pub fn copy(
        &mut self,
        snapshot: &Snapshot,
        (id, file): (Uuid, &MessageFile),
        to: &Path,
        output: &mut Output<'_>,
    ) -> Result<bool, ExportError> {
        let Some(store) = &self.store else { return Ok(false) };
        let is_copied = write(snapshot, store, (id, file), to, output)?;
        if is_copied {
            self.copied += 1;
        } else {
            self.missing += 1;
            std::fs::remove_file(to).map_err(|error| output.failed(error))?;
        }
        Ok(is_copied)
    }
}

/// Writes a file; returns whether it is complete and not damaged.
fn write(
    snapshot: &Snapshot,
    store: &Store,
    (id, file): (Uuid, &MessageFile),
    to: &Path,
    output: &mut Output<'_>,
) -> Result<bool, ExportError> {
    let (key, size) = (FileKey::new(file.hash, id), file.bytes.0.unsigned_abs());
    let (mut copy, mut sum, mut position) = (output.create(to)?, Sha256::new(), 0);
    while position < size {
        output.progress.check()?;
        // One part at a time, which also shows PostgreSQL that the snapshot is still in use.
        let part = snapshot.part_at(id, position)?;
        let part = part.filter(|part| part.bytes <= PART_BYTES as u64);
        let Some(part) = part else { return Ok(false) };
        let length = usize::try_from(part.bytes).unwrap_or(PART_BYTES);
        match store.read(&key, &part.object, 0, length) {
            Ok(bytes) => {
                sum.update(&bytes);
                output.content(&mut copy, &bytes)?;
            }
            Err(error) if is_missing(&error) => return Ok(false),
            Err(source) => {
                return Err(ExportError::Files { place: store.to_string(), source });
            }
        }
        position += part.bytes;
    }
    output.finish(copy)?;
    let digest: [u8; 32] = sum.finalize().into();
    Ok(position == size && FileHash::from(digest) == file.hash)
}

/// Returns whether an object does not exist, is too short, or is no regular file.
fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof | ErrorKind::InvalidInput)
}
