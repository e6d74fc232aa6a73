//! Unpacks archives: `.zip`, `.tar`, and `.gz` and `.zst` of a tar or of a single file.
//!
//! An archive is unpacked into a temporary folder, which is removed after the import. Nothing is written outside of
//! that folder: entries whose paths would lead out of it, links and devices are left out. The unpacked size is
//! limited relative to the archive's size, and by the free space of the disk, so that no archive can fill the disk,
//! whatever it states about its entries.

use super::super::records::StopReason;
use crate::metrics::free_bytes;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Component, Path, PathBuf};

/// Maximum ratio between the unpacked size and the archive's size.
const MAX_RATIO: u64 = 200;
/// The unpacked size, in bytes, that any archive may have, however small it is.
const ALWAYS_ALLOWED_BYTES: u64 = 256 * 1024 * 1024;
/// Maximum number of entries of an archive.
const MAX_ENTRIES: usize = 1_000_000;
/// The number of bytes of the disk that remain free.
const RESERVE_BYTES: u64 = 256 * 1024 * 1024;
/// The number of bytes that are unpacked between two checks of the free space.
const STEP_BYTES: u64 = 16 * 1024 * 1024;

/// An unpacked archive.
#[derive(Debug)]
pub struct Unpacked {
    folder: tempfile::TempDir,
    /// The entries that were left out, and why.
    pub skipped: Vec<(&'static str, String)>,
    remaining_bytes: u64,
    entries: usize,
}

impl Unpacked {
    fn new(archive_bytes: u64) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("parlour-import-").tempdir()?;
        let remaining_bytes = archive_bytes.saturating_mul(MAX_RATIO).max(ALWAYS_ALLOWED_BYTES);
        Ok(Self { folder, skipped: Vec::new(), remaining_bytes, entries: 0 })
    }

    /// Returns the folder of its files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Unpacks one file.
    fn add(&mut self, name: &str, from: &mut impl Read) -> io::Result<()> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(io::Error::other("the archive has more than 1,000,000 entries"));
        }
        let Some(path) = safe_path(name) else {
            self.skipped.push(("a path that leads out of the archive, left out", name.to_owned()));
            return Ok(());
        };
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        let created = File::options().write(true).create_new(true).open(&path);
        let file = match created {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.skipped.push((
                    "a second file with the same name in the archive, left out",
                    name.into(),
                ));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let mut file = BufWriter::new(file);
        let copied = self.copy(from, &mut file);
        file.flush()?;
        copied
    }

    /// Copies an entry's bytes, within the limits.
    fn copy(&mut self, from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
        loop {
            if free_bytes(self.folder.path()).is_some_and(|free| free < RESERVE_BYTES) {
                let folder = std::env::temp_dir();
                return Err(io::Error::new(
                    io::ErrorKind::StorageFull,
                    format!(
                        "the disk of {} is too full to unpack the archive; unpack it elsewhere and import the folder",
                        folder.display()
                    ),
                ));
            }
            let step = STEP_BYTES.min(self.remaining_bytes + 1);
            let copied = io::copy(&mut from.by_ref().take(step), to)?;
            if copied > self.remaining_bytes {
                return Err(io::Error::other("the archive's unpacked size is too large"));
            }
            self.remaining_bytes -= copied;
            if copied < step {
                return Ok(());
            }
        }
    }
}

/// Returns the path of an entry relative to the folder, unless it would lead out of it.
fn safe_path(name: &str) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    let mut path = PathBuf::new();
    for part in Path::new(&name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    (!path.as_os_str().is_empty() && !is_drive && !name.contains('\0')).then_some(path)
}

/// Unpacks a file if it is an archive.
pub fn unpack(path: &Path) -> Result<Option<Unpacked>, StopReason> {
    try_unpack(path).map_err(|source| StopReason::Read { path: path.to_owned(), source })
}

fn try_unpack(path: &Path) -> io::Result<Option<Unpacked>> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let mut magic = Vec::new();
    (&mut file).take(512).read_to_end(&mut magic)?;
    file.rewind()?;
    let mut out = Unpacked::new(bytes)?;
    // The name of a file that was compressed by itself.
    let single_name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let file = BufReader::new(file);
    if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
        zip_into(file, &mut out)?;
    } else if magic.starts_with(b"\x1f\x8b") {
        stream_into(flate2::read::MultiGzDecoder::new(file), &single_name, &mut out)?;
    } else if magic.starts_with(b"\x28\xb5\x2f\xfd") {
        stream_into(zstd::Decoder::new(file)?, &single_name, &mut out)?;
    } else if magic.starts_with(b"BZh")
        || magic.starts_with(b"\xfd7zXZ")
        || magic.starts_with(b"7z\xbc\xaf")
    {
        return Err(io::Error::other("bzip2, xz and 7-Zip are not supported: unpack it first"));
    } else if is_tar(&magic) {
        tar_into(file, &mut out)?;
    } else {
        return Ok(None);
    }
    Ok(Some(out))
}

fn is_tar(block: &[u8]) -> bool {
    block.get(257..262) == Some(b"ustar")
}

/// Unpacks a compressed tar, or a single compressed file.
fn stream_into(from: impl Read, single_name: &str, out: &mut Unpacked) -> io::Result<()> {
    let mut from = BufReader::new(from);
    let mut first = Vec::new();
    (&mut from).take(512).read_to_end(&mut first)?;
    let is_tar = is_tar(&first);
    let mut all = io::Cursor::new(first).chain(from);
    if is_tar { tar_into(all, out) } else { out.add(single_name, &mut all) }
}

fn tar_into(from: impl Read, out: &mut Unpacked) -> io::Result<()> {
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            out.add(&name, &mut entry)?;
        } else if !kind.is_dir() && !kind.is_pax_global_extensions() {
            out.skipped.push(("a link or device in the archive, left out", name));
        }
    }
    Ok(())
}

fn zip_into(from: impl Read + Seek, out: &mut Unpacked) -> io::Result<()> {
    let mut archive = zip::ZipArchive::new(from).map_err(io::Error::other)?;
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(error) => {
                let reason = "an entry of the archive that cannot be unpacked, left out";
                out.skipped.push((reason, format!("entry {index}: {error}")));
                continue;
            }
        };
        // Some programs write UTF-8 without setting the flag.
        let name = match std::str::from_utf8(entry.name_raw()) {
            Ok(name) => name.to_owned(),
            Err(_) => entry.name().to_owned(),
        };
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            out.skipped.push(("a link or device in the archive, left out", name));
            continue;
        }
        let before = out.skipped.len();
        if let Err(error) = out.add(&name, &mut entry) {
            // This entry is damaged; others may be intact.
            if error.kind() != io::ErrorKind::InvalidData
                && error.kind() != io::ErrorKind::InvalidInput
            {
                return Err(error);
            }
            out.skipped.truncate(before);
            out.skipped.push(("a damaged entry of the archive, read as far as it goes", name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_out_of_the_folder_are_refused() {
        for bad in ["../x", "a/../../x", "/etc/passwd", "C:\\x", "..\\x", "", "a\0b"] {
            assert_eq!(safe_path(bad), None, "{bad:?}");
        }
        assert_eq!(safe_path("./a\\b/c.json"), Some(PathBuf::from("a/b/c.json")));
    }

    #[test]
    fn a_small_archive_with_a_huge_unpacked_size_is_refused() {
        let mut out = Unpacked::new(10).unwrap();
        out.remaining_bytes = 1000;
        assert!(out.add("a", &mut io::repeat(b'x').take(1000)).is_ok());
        assert!(out.add("b", &mut io::repeat(b'x').take(1)).is_err());
        assert!(out.add("../c", &mut io::empty()).is_ok());
        assert_eq!(out.skipped.len(), 1);
    }
}
