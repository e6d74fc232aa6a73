//! A file's lines, one at a time, however long it is.

use super::super::form::Stop;
use super::files::Entry;
use std::io::{BufRead, BufReader, Read};

/// Longest line that is read whole; of a longer one the rest is another line.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A line of a file.
#[derive(Debug, Default)]
pub struct Line {
    /// Its number, from 1.
    pub number: u64,
    /// Without its end.
    pub bytes: Vec<u8>,
    /// With its end, in bytes.
    pub length: u64,
}

/// A file's lines.
pub struct Lines<'a> {
    entry: &'a Entry,
    file: BufReader<Box<dyn Read>>,
    line: Line,
}

impl<'a> Lines<'a> {
    /// Opens the file.
    pub fn of(entry: &'a Entry) -> Result<Self, Stop> {
        Ok(Self { entry, file: BufReader::new(entry.open()?), line: Line::default() })
    }

    /// Returns the next line, if there is one.
    pub fn next(&mut self) -> Result<Option<&Line>, Stop> {
        let Line { number, bytes, length } = &mut self.line;
        bytes.clear();
        let read = (&mut self.file).take(LONGEST).read_until(b'\n', bytes);
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
        // A byte order mark.
        if *number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(&self.line))
    }
}
