//! Reads a backup from beginning to end, and verifies it.

use super::entry::Entry;
use super::error::BackupError;
use super::header::{HEADER, Header, HeaderError, SUMS};
use super::key::{Key, open_decrypted};
use super::objects::{FileTotals, parse_entry_name};
use crate::data_names::{DATABASE, SERVER_KEY, SETTINGS};
use crate::file_store::FileKey;
use data_encoding::HEXLOWER;
use parlour_protocol::limits::PART_BYTES;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::Path;
use zstd::Decoder;

/// The entries that a backup may contain, besides the contents of files.
const NAMES: [&str; 5] = [HEADER, SETTINGS, SERVER_KEY, DATABASE, SUMS];

/// A backup that was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// The header.
    pub header: Header,
    /// Its size in bytes.
    pub bytes: u64,
    /// The names of its entries besides the database.
    #[serde(rename = "with")]
    pub extra_entries: Vec<String>,
    /// The files whose contents are in it; `None` if the contents of files were not backed up.
    pub files: Option<FileTotals>,
}

/// Verifies a backup by reading it to its end. `on_progress` is called with the number of bytes of the database and of
/// files that are done, and their total.
///
/// # Errors
/// Fails if the backup is damaged, has a newer version, or is not opened by `key`.
pub fn verify(
    file: &Path,
    key: &Key,
    mut on_progress: impl FnMut(u64, u64),
) -> Result<Verified, BackupError> {
    let mut file_bytes = 0;
    let (header, contents) = walk(file, key, |header, entry| {
        let total = header.total_bytes();
        if entry.name == DATABASE {
            return entry.read_all(|_| Ok(()), &mut |done| on_progress(done, total));
        }
        if is_object(&entry.name) {
            file_bytes += entry.bytes;
            on_progress(header.database_bytes + file_bytes, total);
        }
        Ok(())
    })?;
    let bytes = file.metadata().map_err(|error| BackupError::unreadable(file, error))?.len();
    let (extra_entries, files) = (contents.extras(), contents.files);
    Ok(Verified { bytes, extra_entries, files: header.files.map(|_| files), header })
}

/// Reads a backup to its end, and calls `handle_entry` with each entry except the first and the last. Returns the
/// header and what the backup contains. Do not rely on what `handle_entry` received until this has returned
/// successfully: only then is it verified.
pub(super) fn walk(
    file: &Path,
    key: &Key,
    handle_entry: impl FnMut(&Header, &mut Entry<'_>) -> Result<(), BackupError>,
) -> Result<(Header, Contents), BackupError> {
    let zstd = Decoder::new(open_decrypted(file, key)?);
    walk_archive(file, zstd.map_err(|error| BackupError::unreadable(file, error))?, handle_entry)
}

/// Like [`walk`], for the decompressed archive in a backup; `file` is the path that errors contain.
pub(super) fn walk_archive(
    file: &Path,
    from: impl Read,
    mut handle_entry: impl FnMut(&Header, &mut Entry<'_>) -> Result<(), BackupError>,
) -> Result<(Header, Contents), BackupError> {
    let unreadable = |error| BackupError::unreadable(file, error);
    let mut archive = tar::Archive::new(from);
    let (mut header, mut contents, mut is_complete) = (None, Contents::default(), false);
    for found in archive.entries().map_err(unreadable)?.raw(true) {
        let mut found = found.map_err(unreadable)?;
        let bytes = found.size();
        let name = name_of(&found).filter(|name| {
            !is_complete
                && header.is_none() == (*name == HEADER)
                && contents.may_follow(name, bytes, header.as_ref())
        });
        let name = name.ok_or_else(|| damaged(file, "it contains unexpected entries"))?;
        let mut entry = Entry::new(&mut found, file, name.clone(), bytes);
        match (name.as_str(), &header) {
            (HEADER, _) => header = Some(read_header(file, &mut entry)?),
            (SUMS, _) => {
                if !contents.has(DATABASE) {
                    return Err(damaged(file, "its end is missing"));
                }
                if entry.finish()? != contents.digest_of_sums() {
                    return Err(damaged(file, "the digests of its entries are wrong"));
                }
                is_complete = true;
                continue;
            }
            (name, Some(header)) => {
                if name == DATABASE && bytes != header.database_bytes {
                    return Err(damaged(file, "the size of its database differs from the header"));
                }
                handle_entry(header, &mut entry)?;
            }
            (_, None) => unreachable!("the header comes first"),
        }
        contents.add(name, bytes, &entry.finish()?);
    }
    // Reads to the very end, where the checksums of the compression and of the encryption are.
    std::io::copy(&mut archive.into_inner(), &mut Zeros).map_err(unreadable)?;
    match header {
        Some(header) if is_complete => Ok((header, contents)),
        _ => Err(damaged(file, "its end is missing")),
    }
}

/// What was read of a backup. Its size does not depend on the number of files.
#[derive(Default)]
pub(super) struct Contents {
    /// The names of the entries that are not contents of files.
    names: Vec<String>,
    last_object: String,
    last_file: Option<FileKey>,
    /// The lines of the list of digests.
    sums: Sha256,
    /// The files whose contents were read.
    files: FileTotals,
}

impl Contents {
    fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Returns whether an entry may follow, each of which may exist once. The contents of files follow the database,
    /// sorted, so that a duplicate is found without comparing it with all others.
    fn may_follow(&self, name: &str, bytes: u64, header: Option<&Header>) -> bool {
        if !is_object(name) {
            return name == SUMS || self.last_object.is_empty() && !self.has(name);
        }
        let total = self.files.bytes.saturating_add(bytes);
        let is_announced = header.and_then(|header| header.files);
        self.has(DATABASE)
            && self.last_object.as_str() < name
            && (1..=PART_BYTES as u64).contains(&bytes)
            && is_announced.is_some_and(|files| total <= files.bytes)
    }

    fn add(&mut self, name: String, bytes: u64, digest: &[u8]) {
        self.sums.update(format!("{}  {name}\n", HEXLOWER.encode(digest)));
        let Some((key, _)) = parse_entry_name(&name) else { return self.names.push(name) };
        self.files.bytes += bytes;
        if self.last_file.as_ref() != Some(&key) {
            self.files.count += 1;
            self.last_file = Some(key);
        }
        self.last_object = name;
    }

    fn digest_of_sums(&self) -> [u8; 32] {
        self.sums.clone().finalize().into()
    }

    /// Returns the names of the entries besides the database and files: the settings and the server's own key, if they
    /// are in it.
    fn extras(&self) -> Vec<String> {
        let names =
            self.names.iter().filter(|name| [SETTINGS, SERVER_KEY].contains(&name.as_str()));
        names.cloned().collect()
    }
}

/// A writer that accepts only zeros: the padding after the end of an archive.
struct Zeros;

impl std::io::Write for Zeros {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Ok(bytes.len());
        }
        Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "there is data after its end"))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Returns the name of an entry, if a backup may contain one with this name.
fn name_of<R: Read>(found: &tar::Entry<'_, R>) -> Option<String> {
    let name = String::from_utf8(found.path_bytes().into_owned()).ok()?;
    let is_file = found.header().entry_type() == tar::EntryType::Regular;
    let is_known = NAMES.contains(&name.as_str()) || parse_entry_name(&name).is_some();
    (is_file && is_known).then_some(name)
}

/// Returns whether a name of an entry is that of an object of the file store.
fn is_object(name: &str) -> bool {
    parse_entry_name(name).is_some()
}

fn read_header(file: &Path, entry: &mut Entry<'_>) -> Result<Header, BackupError> {
    let path = file.to_owned();
    Header::parse(&entry.bytes()?).map_err(|error| match error {
        HeaderError::Newer(what) => BackupError::Newer { path, what },
        HeaderError::Damaged => damaged(file, "its header is invalid"),
    })
}

fn damaged(file: &Path, reason: &str) -> BackupError {
    BackupError::Damaged { path: file.to_owned(), reason: reason.to_owned() }
}
