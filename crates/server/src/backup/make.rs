//! Makes a backup of a SQLite file, which may be written to at the same time.

use super::encryption::{BackupEncryption, EncryptingWriter};
use super::error::BackupError;
use super::header::{FORMAT_WITH_FILES, FORMAT_WITHOUT_FILES, HEADER, Header, SUMS};
use super::objects::{self, FileTotals, StoredObject};
use super::partial_file::{FlushingFile, PartialFile};
use crate::data_names::DATABASE;
use crate::db::{DbError, Pages};
use crate::file_store::Store;
use data_encoding::HEXLOWER;
use parlour_protocol::Millis;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{Result as IoResult, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use zstd::Encoder;

/// A level of Zstandard that keeps up with SQLite: on 1.3 million messages, level 1 makes the file a fifth smaller and
/// the backup half again as slow.
const LEVEL: i32 = -1;
/// The number of bytes that the reading thread passes to the writing thread at a time.
const CHUNK_BYTES: usize = 1024 * 1024;
/// The size of the blocks of a tar archive, in bytes; an entry's last one is filled with zeros.
const TAR_BLOCK_BYTES: usize = 512;
/// The largest number of chunks that wait to be written.
const MAX_QUEUED_CHUNKS: usize = 4;

/// What a backup contains besides the database.
pub struct Source {
    /// The server's other files, with their names in the backup.
    pub extras: Vec<(&'static str, Vec<u8>)>,
    /// The store of the contents of files; `None` to leave them out.
    pub files: Option<Store>,
    /// The pin of the server's own key, if clients recognize the server by it.
    pub own_key_pin: Option<String>,
    /// The current time.
    pub now: Millis,
}

/// A finished backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBackup {
    /// Its path.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Size of the database in it, in bytes.
    pub database_bytes: u64,
    /// The time of the state that it contains.
    pub made_at: Millis,
    /// Whether it is encrypted.
    pub is_encrypted: bool,
    /// The names of its entries besides the database.
    #[serde(rename = "with")]
    pub extra_entries: Vec<String>,
    /// The files of the database; `None` if the contents of files were left out.
    #[serde(default)]
    pub files: Option<FileTotals>,
    /// The files that messages refer to and of which a part is missing in the store, and so in the backup.
    #[serde(default)]
    pub missing_files: FileTotals,
}

/// Makes a backup of a SQLite file at `to`, where no file may exist yet; `engine` is the engine of the server that is
/// backed up. It contains the state of the database at one moment soon
/// after the call, which SQLite has checked for damage. `on_progress` is called with the number of bytes of the
/// database and of files that are done, and their total; if it returns false, the backup is cancelled.
///
/// # Errors
/// Fails if the database is damaged, if the disk is full, on another I/O error, or if the file exists
/// already. Then no file is left behind.
pub fn make(
    (database, engine): (&Path, &'static str),
    source: Source,
    to: &Path,
    encryption: &BackupEncryption,
    mut on_progress: impl FnMut(u64, u64) -> bool,
) -> Result<NewBackup, BackupError> {
    let encryptor = encryption.encryptor()?;
    let (part, file) = PartialFile::begin(to)?;
    let (pages, checked) = Pages::open_twice(database).map_err(BackupError::from_source)?;
    if !on_progress(0, pages.bytes) {
        return Err(BackupError::Stopped);
    }
    let objects = match source.files {
        Some(_) => objects::list(&pages)?,
        None => Vec::new(),
    };
    let files = source.files.map(|store| (store, objects::totals(objects.iter())));
    let header = Header {
        format: if files.is_some() { FORMAT_WITH_FILES } else { FORMAT_WITHOUT_FILES },
        version: env!("CARGO_PKG_VERSION").into(),
        schema: pages.schema,
        engine: engine.into(),
        epoch: pages.epoch.clone(),
        made_at: source.now,
        database_bytes: pages.bytes,
        files: files.as_ref().map(|(_, totals)| *totals),
        own_key_pin: source.own_key_pin,
    };
    let (written, database_bytes, total) =
        (file.bytes_written(), pages.bytes, header.total_bytes());
    let (mut done, is_damaged) = (0, AtomicBool::new(false));
    let mut missing = Vec::new();
    let write = || -> Result<FlushingFile, MakeError> {
        let mut archive =
            Archive::begin(EncryptingWriter::begin(encryptor, file)?, header.made_at)?;
        let text = serde_json::to_vec_pretty(&header).expect("plain data");
        archive.add(HEADER, &text)?;
        for (name, bytes) in &source.extras {
            archive.add(name, bytes)?;
        }
        let mut report = |bytes: usize| {
            done += bytes as u64;
            on_progress(done, total) && !is_damaged.load(Ordering::Relaxed)
        };
        archive.stream(DATABASE, database_bytes, pages, &mut report)?;
        if let Some((store, _)) = &files {
            missing = archive.add_objects(store, &objects, &mut report)?;
        }
        archive.finish()
    };
    // The file gets its final name only after the whole snapshot was checked.
    let (result, is_interrupted, faults) = std::thread::scope(|scope| {
        let interrupt = checked.interrupt_handle();
        let checking = scope.spawn(|| {
            let faults = { checked }.quick_faults();
            is_damaged.store(!matches!(&faults, Ok(none) if none.is_empty()), Ordering::Relaxed);
            faults
        });
        let result = write();
        let is_interrupted = result.is_err() && !is_damaged.load(Ordering::Relaxed);
        if is_interrupted {
            interrupt.interrupt();
        }
        (result, is_interrupted, checking.join().expect("a check does not panic"))
    });
    let faults = match faults {
        Err(_) if is_interrupted => Vec::new(),
        faults => faults.map_err(BackupError::from_source)?,
    };
    if !faults.is_empty() {
        return Err(BackupError::DamagedDatabase(faults.join("; ")));
    }
    let file = result.map_err(|error| match error {
        MakeError::Database(error) => BackupError::from_source(error),
        MakeError::Store(source) => {
            let path =
                files.as_ref().map(|(store, _)| store.to_string()).unwrap_or_default().into();
            BackupError::Read { path, source }
        }
        MakeError::Disk(error) => {
            let written = written.load(Ordering::Relaxed);
            BackupError::unwritable(to, error, missing_bytes(written, done, total))
        }
    })?;
    part.finish(&file)?;
    Ok(NewBackup {
        file: to.to_owned(),
        bytes: written.load(Ordering::Relaxed),
        database_bytes,
        made_at: header.made_at,
        is_encrypted: encryption.is_encrypted(),
        extra_entries: source.extras.iter().map(|(name, _)| (*name).to_owned()).collect(),
        files: files.map(|(_, totals)| totals),
        missing_files: objects::totals(missing.iter().copied().filter(|object| object.is_used)),
    })
}

/// Returns how many more bytes the disk needs, after `written` bytes for `done` of `total` bytes, if compression continues
/// at this rate.
fn missing_bytes(written: u64, done: u64, total: u64) -> u64 {
    let rest = u128::from(total.saturating_sub(done).max(CHUNK_BYTES as u64));
    let rate = (u128::from(written), u128::from(done.max(1)));
    let rest = if done == 0 { rest } else { rest * rate.0.max(1) / rate.1 };
    u64::try_from(rest).unwrap_or(u64::MAX).max(1)
}

/// Returns whether an object does not exist, is too short, or is no regular file.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof | ErrorKind::InvalidInput)
}

/// An error of writing, before the number of missing bytes is known.
enum MakeError {
    Disk(std::io::Error),
    /// The store of files cannot be read.
    Store(std::io::Error),
    Database(DbError),
}

impl From<std::io::Error> for MakeError {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

/// The archive while it is written.
struct Archive {
    tar: tar::Builder<Encoder<'static, EncryptingWriter<FlushingFile>>>,
    made_at: Millis,
    sums: String,
}

impl Archive {
    fn begin(to: EncryptingWriter<FlushingFile>, made_at: Millis) -> IoResult<Self> {
        let mut zstd = Encoder::new(to, LEVEL)?;
        zstd.include_checksum(true)?;
        Ok(Self { tar: tar::Builder::new(zstd), made_at, sums: String::new() })
    }

    fn header(&self, name: &str, size: u64) -> IoResult<tar::Header> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.made_at.0 / 1000).unwrap_or_default());
        header.set_cksum();
        Ok(header)
    }

    fn sum(&mut self, name: &str, digest: &[u8]) {
        self.sums += &format!("{}  {name}\n", HEXLOWER.encode(digest));
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> IoResult<()> {
        self.tar.append(&self.header(name, bytes.len() as u64)?, bytes)?;
        self.sum(name, &Sha256::digest(bytes));
        Ok(())
    }

    /// Adds the contents of files. Returns the objects that are missing in the store.
    fn add_objects<'a>(
        &mut self,
        store: &Store,
        objects: &'a [StoredObject],
        report: &mut impl FnMut(usize) -> bool,
    ) -> Result<Vec<&'a StoredObject>, MakeError> {
        let mut missing = Vec::new();
        for object in objects {
            let length = usize::try_from(object.bytes).unwrap_or(usize::MAX);
            if !report(length) {
                return Err(MakeError::Database(DbError::Stopped));
            }
            match store.read(&object.key, &object.name, 0, length) {
                Ok(bytes) => self.add(&object.entry_name(), &bytes)?,
                // A backup without it is better than none.
                Err(error) if is_missing(&error) => missing.push(object),
                Err(error) => return Err(MakeError::Store(error)),
            }
        }
        Ok(missing)
    }

    /// Adds the database: one thread reads pages, this one compresses and writes them.
    fn stream(
        &mut self,
        name: &str,
        size: u64,
        pages: Pages,
        on_progress: &mut impl FnMut(usize) -> bool,
    ) -> Result<(), MakeError> {
        let header = self.header(name, size)?;
        let (to, from) = sync_channel(MAX_QUEUED_CHUNKS);
        // Buffers are reused: allocating new memory costs more than filling it.
        let (recycle, recycled) = channel();
        let digest = std::thread::scope(|scope| {
            let reading = scope.spawn(move || send(&pages, &to, &recycled));
            // Its end unblocks the reader, which may still be waiting to send a chunk.
            let written = self.append_chunks(&header, from, &recycle, on_progress);
            match (reading.join().expect("reading pages does not panic"), written) {
                // The reader stopped because nobody receives its chunks any more.
                (Err(DbError::Stopped), Err(error)) => Err(error),
                (Err(error), _) => Err(MakeError::Database(error)),
                (Ok(digest), written) => written.map(|()| digest),
            }
        })?;
        self.sum(name, &digest);
        Ok(())
    }

    /// Adds an entry of these chunks, directly: `tar` would copy each by eight kilobytes at a time. The chunks go to
    /// `recycle` afterwards, emptied.
    fn append_chunks(
        &mut self,
        header: &tar::Header,
        chunks: Receiver<Vec<u8>>,
        recycle: &Sender<Vec<u8>>,
        on_progress: &mut impl FnMut(usize) -> bool,
    ) -> Result<(), MakeError> {
        let to = self.tar.get_mut();
        to.write_all(header.as_bytes())?;
        let mut last_bytes = 0;
        for mut chunk in chunks {
            if !on_progress(chunk.len()) {
                return Err(MakeError::Database(DbError::Stopped));
            }
            to.write_all(&chunk)?;
            last_bytes = (last_bytes + chunk.len()) % TAR_BLOCK_BYTES;
            chunk.clear();
            // The reader stops at the end of the database.
            let _ = recycle.send(chunk);
        }
        if last_bytes > 0 {
            to.write_all(&[0; TAR_BLOCK_BYTES][last_bytes..])?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<FlushingFile, MakeError> {
        let sums = std::mem::take(&mut self.sums);
        self.tar.append(&self.header(SUMS, sums.len() as u64)?, sums.as_bytes())?;
        let mut file = self.tar.into_inner()?.finish()?.finish()?;
        file.flush()?;
        Ok(file)
    }
}

/// Sends all pages to the other thread, in chunks that it gave back; returns their digest.
fn send(
    pages: &Pages,
    to: &SyncSender<Vec<u8>>,
    recycled: &Receiver<Vec<u8>>,
) -> Result<Vec<u8>, DbError> {
    let mut sum = Sha256::new();
    let mut chunk = Vec::with_capacity(CHUNK_BYTES);
    pages.read(|page| {
        chunk.extend_from_slice(page);
        if chunk.len() < CHUNK_BYTES {
            return true;
        }
        sum.update(&chunk);
        let next = recycled.try_recv().unwrap_or_else(|_| Vec::with_capacity(CHUNK_BYTES));
        to.send(std::mem::replace(&mut chunk, next)).is_ok()
    })?;
    sum.update(&chunk);
    // The other thread may have ended; it returns the reason.
    let _ = to.send(chunk);
    Ok(sum.finalize().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_bytes_are_estimated_from_the_compression_so_far() {
        assert_eq!(missing_bytes(25, 100 * CHUNK_BYTES as u64, 300 * CHUNK_BYTES as u64), 50);
        assert_eq!(missing_bytes(0, 0, 1 << 40), 1 << 40);
        assert!(missing_bytes(1 << 20, 1 << 22, 1 << 22) > 0);
        assert!(missing_bytes(u64::MAX, u64::MAX, u64::MAX) > 0);
    }

    #[test]
    fn an_entry_of_chunks_is_filled_up_to_a_block_and_the_chunks_come_back() {
        let dir = tempfile::tempdir().unwrap();
        let to = dir.path().join("backup");
        let (part, file) = PartialFile::begin(&to).unwrap();
        let mut archive = Archive::begin(EncryptingWriter::Plain(file), Millis(0)).unwrap();
        let (chunks, from) = sync_channel(2);
        chunks.send(vec![1; 300]).unwrap();
        chunks.send(vec![2; 400]).unwrap();
        drop(chunks);
        let (recycle, recycled) = channel();
        let header = archive.header("parlour.db", 700).unwrap();
        assert!(archive.append_chunks(&header, from, &recycle, &mut |_| true).is_ok());
        let returned: Vec<Vec<u8>> = recycled.try_iter().collect();
        assert!(returned.len() == 2 && returned.iter().all(Vec::is_empty));
        archive.add("next", b"hello").unwrap();
        let Ok(file) = archive.finish() else { panic!("the file cannot be written") };
        part.finish(&file).unwrap();
        let zstd = zstd::Decoder::new(std::fs::File::open(&to).unwrap()).unwrap();
        let mut read = tar::Archive::new(zstd);
        let sizes: Vec<u64> = read.entries().unwrap().map(|entry| entry.unwrap().size()).collect();
        assert_eq!(sizes[..2], [700, 5]);
    }
}
