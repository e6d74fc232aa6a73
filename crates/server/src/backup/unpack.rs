//! Unpacks a backup: the database into a file, the contents of files into the file store, everything else into memory.

use super::entry::Entry;
use super::error::BackupError;
use super::header::Header;
use super::key::Key;
use super::objects::parse_entry_name;
use super::restored_objects::RestoredObjects;
use super::walk::walk;
use crate::data_names::DATABASE;
use crate::file_store::Store;
use parlour_sqlite::private;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::sync_channel;

/// Number of bytes after which the file is flushed to the disk.
const FLUSH_INTERVAL_BYTES: u64 = 16 * 1024 * 1024;
/// Number of bytes for which space is reserved at a time: a backup may claim a size that it does not have.
const RESERVE_BYTES: u64 = 64 * 1024 * 1024;

/// The contents of a backup besides the database.
pub struct Unpacked {
    /// The header.
    pub header: Header,
    /// The other files, with their names in the backup.
    pub extras: Vec<(String, Vec<u8>)>,
    /// The contents of files, if they were restored.
    pub objects: Option<RestoredObjects>,
}

/// Writes the database of a backup to `to` and the contents of files to `store`, on the disk. If this fails, the
/// database is incomplete and must not be used. `on_progress` is called with the number of bytes that are done and their
/// total.
pub fn unpack(
    file: &Path,
    key: &Key,
    (to, store): (&Path, Option<Store>),
    on_progress: &mut dyn FnMut(u64, u64),
) -> Result<Unpacked, BackupError> {
    let (mut extras, mut objects, mut done) = (Vec::new(), store.map(RestoredObjects::begin), 0);
    let (header, _) = walk(file, key, |header, entry| {
        let total = header.total_bytes();
        if entry.name == DATABASE {
            done = entry.bytes;
            write(entry, to, &mut |done| on_progress(done, total))?;
            let Some(objects) = &mut objects else { return Ok(()) };
            objects.read_server(to)?;
            return match header.files {
                Some(_) => objects.read_database(to),
                None => Ok(()),
            };
        }
        if parse_entry_name(&entry.name).is_none() {
            extras.push((entry.name.clone(), entry.bytes()?));
            return Ok(());
        }
        if let Some(objects) = &mut objects {
            objects.put(entry, total.saturating_sub(done))?;
        }
        done += entry.bytes;
        on_progress(done, total);
        Ok(())
    })?;
    if let Some(objects) = &objects {
        objects.sync()?;
    }
    Ok(Unpacked { header, extras, objects })
}

fn write(
    entry: &mut Entry<'_>,
    to: &Path,
    on_progress: &mut dyn FnMut(u64),
) -> Result<(), BackupError> {
    let total = entry.bytes;
    let failed = |done: u64, source| BackupError::unwritable(to, source, (total - done).max(1));
    let file = &private::create(to).map_err(|source| failed(0, source))?;
    // Flushing starts before everything is written, so the disk is not idle until then.
    let (request_flush, flush_requests) = sync_channel(1);
    std::thread::scope(|scope| {
        let syncing =
            scope.spawn(move || flush_requests.iter().try_for_each(|()| file.sync_data()));
        let (mut done, mut reserved) = (0, 0);
        let write = move |chunk: &[u8]| {
            let mut to = file;
            if done + chunk.len() as u64 > reserved {
                let bytes = RESERVE_BYTES.min(total - reserved);
                reserve(file, reserved, bytes);
                reserved += bytes;
            }
            to.write_all(chunk).map_err(|source| failed(done, source))?;
            let before = done;
            done += chunk.len() as u64;
            if before / FLUSH_INTERVAL_BYTES != done / FLUSH_INTERVAL_BYTES {
                // If the previous flush has not finished, one of the next chunks starts another.
                let _ = request_flush.try_send(());
            }
            Ok(())
        };
        let result = entry.read_all(write, on_progress);
        let synced = syncing.join().expect("syncing a file does not panic");
        result?;
        synced.and_then(|()| file.sync_all()).map_err(|source| failed(total, source))
    })
}

/// Reserves space on the disk for the next bytes of a file, and extends the file by them: writing and flushing them is
/// then faster, because the file's size does not change. If there is too little space, writing fails where it ends.
#[cfg(target_os = "linux")]
fn reserve(file: &File, start: u64, bytes: u64) {
    // Not every file system is able to.
    let _ = rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), start, bytes);
}

/// Does nothing on this system.
#[cfg(not(target_os = "linux"))]
fn reserve(_file: &File, _start: u64, _bytes: u64) {}
