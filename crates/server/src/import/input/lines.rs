//! Reads the lines of a file one at a time, whatever the file's size.

use super::super::records::StopReason;
use super::entry::Entry;
use std::io::{BufRead, BufReader, Read};

/// Maximum length of a line, in bytes; the rest of a longer one is returned as another line.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A line of a file.
#[derive(Debug, Default)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Its text, without the line ending.
    pub bytes: Vec<u8>,
    /// Its length with the line ending, in bytes.
    pub length: u64,
}

/// A file's lines.
pub struct Lines<'a> {
    entry: &'a Entry,
    file: BufReader<Box<dyn Read + Send>>,
    line: Line,
}

impl<'a> Lines<'a> {
    /// Opens the file.
    pub fn open(entry: &'a Entry) -> Result<Self, StopReason> {
        Ok(Self { entry, file: BufReader::new(entry.open()?), line: Line::default() })
    }

    /// Returns the next line, if there is one.
    pub fn next(&mut self) -> Result<Option<&Line>, StopReason> {
        let Line { number, bytes, length } = &mut self.line;
        bytes.clear();
        let read = (&mut self.file).take(MAX_BYTES).read_until(b'\n', bytes);
        *length = read.map_err(|source| self.entry.failed(source))? as u64;
        if *length == 0 {
            return Ok(None);
        }
        *number += 1;
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        // Skips a byte order mark.
        if *number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(&self.line))
    }
}
