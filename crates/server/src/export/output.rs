//! The files of an export, which only their owner can read.

use super::error::ExportError;
use super::progress::Progress;
use parlour_sqlite::private;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::path::{Path, PathBuf};

/// The number of bytes after which a file is flushed to the disk: much unflushed data would delay the commits of a
/// running server.
const FLUSH_INTERVAL_BYTES: usize = 8 * 1024 * 1024;

/// Where an export is written.
pub struct Output<'a> {
    /// The folder, which has another name until it is complete.
    pub folder: PathBuf,
    /// The name that it will have, for messages.
    pub target: PathBuf,
    /// How much is written.
    pub progress: Progress<'a>,
}

impl Output<'_> {
    /// Creates a folder, and missing parents.
    ///
    /// # Errors
    /// Fails if it cannot be created.
    pub fn create_folder(&self, path: &Path) -> std::result::Result<(), ExportError> {
        private::ensure_folder(path).map_err(|error| self.failed(error))
    }

    /// Creates an empty file.
    ///
    /// # Errors
    /// Fails if it cannot be created.
    pub fn create(&self, path: &Path) -> std::result::Result<OutputFile, ExportError> {
        let file = private::create(path).map_err(|error| self.failed(error))?;
        Ok(OutputFile { writer: BufWriter::new(file), unflushed: 0 })
    }

    /// Writes a line of JSON.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn line(
        &mut self,
        file: &mut OutputFile,
        record: &impl Serialize,
    ) -> std::result::Result<(), ExportError> {
        let mut line = serde_json::to_vec(record).expect("records are plain data");
        line.push(b'\n');
        file.write(&line).map_err(|error| self.failed(error))?;
        self.progress.add_text(line.len());
        Ok(())
    }

    /// Writes a part of the content of a file of a message.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn content(
        &mut self,
        file: &mut OutputFile,
        bytes: &[u8],
    ) -> std::result::Result<(), ExportError> {
        file.write(bytes).map_err(|error| self.failed(error))?;
        self.progress.add_file(bytes.len());
        Ok(())
    }

    /// Waits until a file is on the disk.
    ///
    /// # Errors
    /// Fails if it cannot be written.
    pub fn finish(&self, file: OutputFile) -> std::result::Result<(), ExportError> {
        file.finish().map_err(|error| self.failed(error))
    }

    /// Returns the error of something that cannot be written.
    pub fn failed(&self, error: std::io::Error) -> ExportError {
        ExportError::unwritable(&self.target, error, self.progress.missing_bytes())
    }
}

/// A file that is being written.
pub struct OutputFile {
    writer: BufWriter<File>,
    unflushed: usize,
}

impl OutputFile {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write_all(bytes)?;
        self.unflushed += bytes.len();
        if self.unflushed >= FLUSH_INTERVAL_BYTES {
            self.unflushed = 0;
            self.writer.flush()?;
            self.writer.get_ref().sync_data()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.writer.flush()?;
        self.writer.get_ref().sync_all()
    }
}
