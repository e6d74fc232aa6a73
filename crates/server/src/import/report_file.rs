//! Writes what was left out of an import or could not be parsed to a file, in its original form: one JSON object per
//! line.

use super::records::{Message, Record};
use super::report::ImportError;
use crate::no_follow;
use data_encoding::BASE64;
use parlour_sqlite::private;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The writer. The file is created when there is something to write.
pub struct ReportFile {
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl ReportFile {
    /// Creates a writer to this path, if there is one.
    pub fn new(path: Option<PathBuf>) -> Self {
        Self { path, file: None }
    }

    /// Writes a record if it describes something that was left out.
    pub fn add(&mut self, record: &Record) -> Result<(), ImportError> {
        let line = match record {
            Record::Warning { reason, location, count } => {
                json!({"reason": reason, "location": location, "count": count})
            }
            Record::Broken(broken) => {
                let (reason, location) = (&broken.reason, &broken.location);
                match std::str::from_utf8(&broken.raw) {
                    Ok(raw) => json!({"reason": reason, "location": location, "raw": raw}),
                    Err(_) => {
                        json!({"reason": reason, "location": location, "rawBase64": BASE64.encode(&broken.raw)})
                    }
                }
            }
            Record::Person(_)
            | Record::Conversation(_)
            | Record::Message(_)
            | Record::Amendment(_)
            | Record::Notice { .. }
            | Record::Read(_) => return Ok(()),
        };
        self.write(&line.to_string())
    }

    /// Writes which files of a message are not attached, and why.
    pub fn add_files(&mut self, message: &Message) -> Result<(), ImportError> {
        for file in &message.files {
            let Some(reason) = file.reason() else { continue };
            let location = format!("{} {} {}", message.conversation, message.key, file.name);
            self.add_reason(reason, &location)?;
        }
        Ok(())
    }

    /// Writes the reason why something was left out or altered, and its location.
    pub fn add_reason(&mut self, reason: &str, location: &str) -> Result<(), ImportError> {
        self.write(&json!({"reason": reason, "location": location, "count": 1}).to_string())
    }

    fn write(&mut self, line: &str) -> Result<(), ImportError> {
        let Some(path) = &self.path else { return Ok(()) };
        let failed = |source| ImportError::Write { path: path.clone(), source };
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(BufWriter::new(create(path).map_err(failed)?)),
        };
        writeln!(file, "{line}").map_err(failed)
    }

    /// Returns the path of the file, if something was written.
    pub fn finish(mut self) -> Result<Option<PathBuf>, ImportError> {
        let (Some(path), Some(mut file)) = (self.path.take(), self.file.take()) else {
            return Ok(None);
        };
        match file.flush() {
            Ok(()) => Ok(Some(path)),
            Err(source) => Err(ImportError::Write { path, source }),
        }
    }
}

/// Creates a file that only its owner can read, or empties an existing one. Does not follow a link.
pub fn create(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = no_follow::open(private::options().create(true).truncate(false), path)?;
    file.set_len(0)?;
    Ok(file)
}
