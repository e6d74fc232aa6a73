//! The bytes of files that are received from the server: originals in the account's folder, thumbnails in the mirror.

use crate::blobs::{BlobReader, BlobWriter, Secret};
use crate::changes::Changes;
use crate::error::Result;
use crate::lock::lock_of;
use crate::mirror::Mirror;
use crate::mirror::files::{self, StoredFile};
use crate::outbox;
use crate::store::Store;
use parlour_protocol::{FileHash, Millis};

/// The interval at which the time of the last use of a file is updated.
const USE_INTERVAL_MS: u64 = 24 * 3600 * 1000;

impl Mirror {
    /// Returns a thumbnail, if it is on this computer.
    pub fn thumbnail(&self, hash: FileHash) -> Result<Option<Vec<u8>>> {
        self.read(|conn| files::thumbnail(conn, hash))
    }

    /// Stores a thumbnail under the hash of its bytes.
    pub fn put_thumbnail(&self, bytes: &[u8]) -> Result<Changes> {
        self.write(|conn| files::put_thumbnail(conn, FileHash::of(bytes), bytes))?;
        Ok(Changes { files: true, ..Changes::default() })
    }

    fn stored_file(&self, hash: FileHash) -> Result<Option<StoredFile>> {
        self.read(|conn| files::find(conn, hash))
    }
}

/// A file that is being received, in parts, in order.
pub struct PartialFile {
    hash: FileHash,
    bytes: i64,
    writer: BlobWriter,
    /// Number of bytes on the disk.
    pub received: i64,
}

impl Store {
    /// Starts to receive a file, or continues after an interruption.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn receive(&self, hash: FileHash, size: i64, now: Millis) -> Result<PartialFile> {
        let previous = self
            .mirror
            .stored_file(hash)?
            .filter(|stored| stored.bytes == size && stored.received > 0);
        if let Some(StoredFile { secret, received, .. }) = previous
            && received < size
            && let Ok(writer) = self.blobs.resume(&secret, received.unsigned_abs())
        {
            return Ok(PartialFile { hash, bytes: size, writer, received });
        }
        let secret = Secret::random();
        let writer = self.blobs.create(&secret)?;
        let _lock = lock_of(&self.blobs.commit_lock);
        self.blobs.commit(&secret)?;
        self.mirror.write(|conn| files::insert(conn, hash, size, &secret, now))?;
        Ok(PartialFile { hash, bytes: size, writer, received: 0 })
    }

    /// Writes the next part of a file. Verifies the hash of a complete file; if it does not match, the file is deleted.
    ///
    /// # Errors
    /// Fails if a file cannot be written.
    pub fn receive_part(
        &self,
        mut file: PartialFile,
        part: &[u8],
        now: Millis,
    ) -> Result<ReceiveResult> {
        let failed = |source| crate::blobs::folder::failed(&self.path, source);
        file.writer.write(part).map_err(failed)?;
        file.received += i64::try_from(part.len()).unwrap_or(i64::MAX);
        if file.received < file.bytes {
            let on_disk = i64::try_from(file.writer.sync().map_err(failed)?).unwrap_or(0);
            let is_needed =
                self.mirror.write(|conn| files::set_received(conn, file.hash, on_disk, now))?;
            return Ok(if is_needed {
                ReceiveResult::Incomplete(file)
            } else {
                ReceiveResult::NotNeeded
            });
        }
        let PartialFile { hash, bytes, writer, .. } = file;
        writer.finish().map_err(failed)?;
        let Some(stored) = self.mirror.stored_file(hash)? else {
            return Ok(ReceiveResult::NotNeeded);
        };
        let reader = self.blobs.open(&stored.secret, bytes)?;
        if reader.and_then(|reader| hash_of(reader).ok()) != Some(hash) {
            self.mirror.write(|conn| files::delete(conn, hash))?;
            self.delete_unused_files()?;
            return Ok(ReceiveResult::HashMismatch);
        }
        self.mirror.write(|conn| files::set_received(conn, hash, bytes, now))?;
        Ok(ReceiveResult::Complete(Changes { files: true, ..Changes::default() }))
    }

    /// Returns whether a file is on this computer.
    pub fn has_file(&self, hash: FileHash) -> Result<bool> {
        let is_own =
            self.outbox.with_conn(|conn| Ok(outbox::files::find(conn, hash)?.is_some()))?;
        Ok(is_own || self.mirror.stored_file(hash)?.is_some_and(|stored| stored.is_complete()))
    }

    /// Returns whether a thumbnail is on this computer.
    pub fn has_thumbnail(&self, hash: FileHash) -> Result<bool> {
        let is_own =
            self.outbox.with_conn(|conn| Ok(outbox::files::find(conn, hash)?.is_some()))?;
        Ok(is_own || self.mirror.read(|conn| files::has_thumbnail(conn, hash))?)
    }

    /// Records that a file is used now, at most once a day.
    pub fn record_file_use(&self, hash: FileHash, now: Millis) -> Result<()> {
        match self.mirror.stored_file(hash)? {
            Some(stored) if now.0.abs_diff(stored.used_at.0) > USE_INTERVAL_MS => {
                self.mirror.write(|conn| files::set_used(conn, hash, now))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Evicts the least recently used files of messages until the others have at most `max_bytes` in total. Files that
    /// were attached on this device and may still have to be sent are not evicted.
    pub fn evict_files(&self, max_bytes: i64) -> Result<()> {
        if self.mirror.write(|conn| files::evict_files(conn, max_bytes))? {
            self.delete_unused_files()?;
        }
        Ok(())
    }

    /// Returns a reader of a file that was received completely.
    pub(crate) fn received_blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        match self.mirror.stored_file(hash)?.filter(StoredFile::is_complete) {
            Some(stored) => self.blobs.open(&stored.secret, stored.bytes),
            None => Ok(None),
        }
    }
}

/// The result of receiving a part of a file.
pub enum ReceiveResult {
    /// More parts are missing.
    Incomplete(PartialFile),
    /// The file is complete.
    Complete(Changes),
    /// The bytes of the file do not match its hash.
    HashMismatch,
    /// No message has the file any more.
    NotNeeded,
}

/// Returns the hash of the bytes that are on the disk.
fn hash_of(mut reader: BlobReader) -> std::io::Result<FileHash> {
    use sha2::{Digest, Sha256};
    const CHUNK_BYTES: usize = 1024 * 1024;
    let mut digest = Sha256::new();
    let mut offset = 0;
    while offset < reader.size() {
        let bytes = reader.read_at(offset, CHUNK_BYTES)?;
        offset += bytes.len() as u64;
        digest.update(&bytes);
    }
    Ok(FileHash::from(<[u8; 32]>::from(digest.finalize())))
}
