//! Where the bytes of a file are.

use crate::no_follow;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The location of a file's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Location {
    /// On the disk.
    Disk(PathBuf),
    /// Ranges of another file, one after another: the offset and the length of each, in bytes.
    Ranges(Box<Self>, Arc<[(u64, u64)]>),
    /// In memory, for tests.
    #[cfg(any(test, fuzzing))]
    Memory(Arc<[u8]>),
}

/// A file that can be read at any position.
trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

impl Location {
    /// Opens the file at its beginning.
    ///
    /// # Errors
    /// Fails if it cannot be opened, or if something else, such as a link, has taken its place since it was found.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        match self {
            Self::Ranges(whole, ranges) => {
                let whole = whole.open_to_seek()?;
                Ok(Box::new(RangesReader { whole, ranges: ranges.clone(), next: 0, remaining: 0 }))
            }
            Self::Disk(path) => Ok(Box::new(open_file(path)?)),
            #[cfg(any(test, fuzzing))]
            Self::Memory(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()))),
        }
    }

    fn open_to_seek(&self) -> Result<Box<dyn ReadSeek>> {
        match self {
            // Ranges of ranges do not occur.
            Self::Ranges(..) => Err(ErrorKind::InvalidInput.into()),
            Self::Disk(path) => Ok(Box::new(open_file(path)?)),
            #[cfg(any(test, fuzzing))]
            Self::Memory(bytes) => Ok(Box::new(std::io::Cursor::new(bytes.clone()))),
        }
    }
}

fn open_file(path: &Path) -> Result<std::fs::File> {
    let name = path.file_name().ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    no_follow::open_in(folder.unwrap_or(Path::new(".")), name)
}

/// Reads ranges of a file.
struct RangesReader {
    whole: Box<dyn ReadSeek>,
    ranges: Arc<[(u64, u64)]>,
    /// The index of the range after the current one.
    next: usize,
    /// The number of bytes of the current range that were not read yet.
    remaining: u64,
}

impl Read for RangesReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.remaining == 0 {
            let Some((offset, length)) = self.ranges.get(self.next).copied() else { return Ok(0) };
            self.whole.seek(SeekFrom::Start(offset))?;
            self.next += 1;
            self.remaining = length;
        }
        let wanted = usize::try_from(self.remaining).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.whole.read(&mut buffer[..wanted])?;
        if read == 0 && wanted > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.remaining -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_one_after_another() {
        let whole = Location::Memory(Arc::from(&b"0123456789"[..]));
        let read = |ranges: &[(u64, u64)]| {
            let mut bytes = Vec::new();
            let location = Location::Ranges(Box::new(whole.clone()), ranges.into());
            location.open()?.read_to_end(&mut bytes)?;
            Ok::<_, Error>(bytes)
        };
        assert_eq!(read(&[(7, 2), (0, 0), (1, 3)]).unwrap(), b"78123");
        assert_eq!(read(&[]).unwrap(), b"");
        assert_eq!(read(&[(8, 5)]).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| dir.path().join(name));
        std::fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(Location::Disk(file).open().is_ok());
        assert!(Location::Disk(link).open().is_err());
    }
}
