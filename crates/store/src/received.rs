//! The bytes of files that arrive from the server: originals in the account's folder, thumbnails in the mirror.

use crate::blobs::{BlobReader, BlobWriter, Secret};
use crate::changes::Changes;
use crate::error::Result;
use crate::lock::lock_of;
use crate::mirror::Mirror;
use crate::mirror::files::{self, Kept};
use crate::outbox;
use crate::store::Store;
use parlour_protocol::{FileHash, Millis};

/// The time after which it is noted again that a file is used.
const NOTED_MS: u64 = 24 * 3600 * 1000;

impl Mirror {
    /// Returns a thumbnail that is here.
    pub fn thumbnail(&self, hash: FileHash) -> Result<Option<Vec<u8>>> {
        self.read(|conn| files::thumbnail(conn, hash))
    }

    /// Keeps a thumbnail under the hash of its bytes.
    pub fn keep_thumbnail(&self, bytes: &[u8]) -> Result<Changes> {
        self.write(|conn| files::keep_thumbnail(conn, FileHash::of(bytes), bytes))?;
        Ok(Changes { files: true, ..Changes::default() })
    }

    fn kept(&self, hash: FileHash) -> Result<Option<Kept>> {
        self.read(|conn| files::find(conn, hash))
    }
}

/// A file that arrives: its bytes are written in their order, in pieces.
pub struct Arriving {
    hash: FileHash,
    bytes: i64,
    writer: BlobWriter,
    /// How much of it is on the disk.
    pub received: i64,
}

impl Store {
    /// Continues a file that arrives, or begins it.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn receive(&self, hash: FileHash, bytes: i64, now: Millis) -> Result<Arriving> {
        let before =
            self.mirror.kept(hash)?.filter(|kept| kept.bytes == bytes && kept.received > 0);
        if let Some(Kept { secret, received, .. }) = before
            && received < bytes
            && let Ok(writer) = self.blobs.resume(&secret, received.unsigned_abs())
        {
            return Ok(Arriving { hash, bytes, writer, received });
        }
        let secret = Secret::random();
        let writer = self.blobs.create(&secret)?;
        let _placing = lock_of(&self.blobs.placing);
        self.blobs.place(&secret)?;
        self.mirror.write(|conn| files::begin(conn, hash, bytes, &secret, now))?;
        Ok(Arriving { hash, bytes, writer, received: 0 })
    }

    /// Writes the next piece of a file that arrives. Returns the changes if it is complete and has its hash; if it has
    /// another one, all of it is forgotten.
    ///
    /// # Errors
    /// Fails if a file cannot be written, if the bytes are not the file's, or if the message was deleted meanwhile.
    pub fn receive_part(&self, mut arriving: Arriving, part: &[u8], now: Millis) -> Result<Part> {
        let failed = |source| crate::blobs::folder::failed(&self.path, source);
        arriving.writer.write(part).map_err(failed)?;
        arriving.received += i64::try_from(part.len()).unwrap_or(i64::MAX);
        if arriving.received < arriving.bytes {
            let on_disk = i64::try_from(arriving.writer.sync().map_err(failed)?).unwrap_or(0);
            let is_wanted =
                self.mirror.write(|conn| files::received(conn, arriving.hash, on_disk, now))?;
            return Ok(if is_wanted { Part::More(arriving) } else { Part::Unwanted });
        }
        let Arriving { hash, bytes, writer, .. } = arriving;
        writer.finish().map_err(failed)?;
        let Some(kept) = self.mirror.kept(hash)? else { return Ok(Part::Unwanted) };
        let reader = self.blobs.open(&kept.secret, bytes)?;
        if reader.and_then(|reader| hash_of(reader).ok()) != Some(hash) {
            self.mirror.write(|conn| files::forget(conn, hash))?;
            self.forget_unused_files()?;
            return Ok(Part::Differs);
        }
        self.mirror.write(|conn| files::received(conn, hash, bytes, now))?;
        Ok(Part::Whole(Changes { files: true, ..Changes::default() }))
    }

    /// Returns whether a file is on this computer.
    pub fn has_file(&self, hash: FileHash) -> Result<bool> {
        let is_own = self.outbox.with(|conn| Ok(outbox::files::find(conn, hash)?.is_some()))?;
        Ok(is_own || self.mirror.kept(hash)?.is_some_and(|kept| kept.is_whole()))
    }

    /// Returns whether a thumbnail is on this computer.
    pub fn has_thumbnail(&self, hash: FileHash) -> Result<bool> {
        let is_own = self.outbox.with(|conn| Ok(outbox::files::find(conn, hash)?.is_some()))?;
        Ok(is_own || self.mirror.read(|conn| files::has_thumbnail(conn, hash))?)
    }

    /// Notes that a file is used now, if that was not noted for a day.
    pub fn note_file_use(&self, hash: FileHash, now: Millis) -> Result<()> {
        match self.mirror.kept(hash)? {
            Some(kept) if now.0.abs_diff(kept.used_at.0) > NOTED_MS => {
                self.mirror.write(|conn| files::note_use(conn, hash, now))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Forgets the files of messages that were not used for longest, until the others have at most `most` bytes. Files
    /// that were attached here and may have to be sent are not among them.
    pub fn make_room(&self, most: i64) -> Result<()> {
        if self.mirror.write(|conn| files::make_room(conn, most))? {
            self.forget_unused_files()?;
        }
        Ok(())
    }

    /// Returns a reader of a file that arrived completely.
    pub(crate) fn received_blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        match self.mirror.kept(hash)?.filter(Kept::is_whole) {
            Some(kept) => self.blobs.open(&kept.secret, kept.bytes),
            None => Ok(None),
        }
    }
}

/// What became of a file with a piece of it.
pub enum Part {
    /// More of it is to come.
    More(Arriving),
    /// It is complete.
    Whole(Changes),
    /// It has other bytes than its hash says.
    Differs,
    /// Nothing has it any more.
    Unwanted,
}

/// Returns the hash of the bytes that are on the disk.
fn hash_of(mut reader: BlobReader) -> std::io::Result<FileHash> {
    use sha2::{Digest, Sha256};
    const PIECE: usize = 1024 * 1024;
    let mut digest = Sha256::new();
    let mut at = 0;
    while at < reader.size() {
        let bytes = reader.read_at(at, PIECE)?;
        at += bytes.len() as u64;
        digest.update(&bytes);
    }
    Ok(FileHash::from(<[u8; 32]>::from(digest.finalize())))
}
