//! A file of the export.

use crate::error::{Error, Result};
use parlour_store::private;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is being written, which only its owner can read.
pub(crate) struct OutputFile {
    path: PathBuf,
    writer: BufWriter<File>,
    /// Number of bytes that were written.
    pub bytes: usize,
}

impl OutputFile {
    /// Creates an empty file.
    ///
    /// # Errors
    /// Fails if it cannot be created.
    pub fn create(path: &Path) -> Result<Self> {
        let file = private::create(path).map_err(Error::write(path))?;
        Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), bytes: 0 })
    }

    /// Writes bytes at the end.
    ///
    /// # Errors
    /// Fails if they cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.writer.write_all(bytes).map_err(Error::write(&self.path))
    }

    /// Waits until the file is on the disk.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        let written = self.writer.flush().and_then(|()| self.writer.get_ref().sync_all());
        written.map_err(Error::write(&self.path))
    }
}
