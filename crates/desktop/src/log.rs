//! A log file without texts, names, addresses or tokens of users: it contains only our own fixed messages, their
//! position in the source, numbers, and the numbers of system errors.

use parlour_sqlite::private;
use std::fmt::{Debug, Write as _};
use std::fs::File;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

const NAME: &str = "parlour.log";
const OLD: &str = "parlour.log.1";
/// Size at which the file is rotated, in bytes.
const FILE_BYTES: u64 = 512 * 1024;

/// The log file and the previous one.
#[derive(Debug)]
pub struct LogFile {
    folder: PathBuf,
    open: Mutex<Option<(File, u64)>>,
}

impl LogFile {
    /// Returns the log in a folder. The file is created with the first line.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), open: Mutex::default() }
    }

    /// Writes a line. If that fails, the line is lost.
    fn write(&self, line: &str) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.try_to_write(&mut open, line);
        if written.is_err() {
            *open = None;
        }
    }

    fn try_to_write(&self, open: &mut Option<(File, u64)>, line: &str) -> Result<()> {
        if open.as_ref().is_some_and(|(_, size)| *size >= FILE_BYTES) {
            *open = None;
            std::fs::rename(self.folder.join(NAME), self.folder.join(OLD))?;
        }
        let (file, size) = match open.take() {
            Some(known) => open.insert(known),
            None => {
                private::ensure_folder(&self.folder)?;
                let file =
                    private::options().create(true).append(true).open(self.folder.join(NAME))?;
                let size = file.metadata()?.len();
                open.insert((file, size))
            }
        };
        file.write_all(line.as_bytes())?;
        *size += line.len() as u64;
        Ok(())
    }

    /// Returns the content of both files, oldest lines first.
    pub fn read(&self) -> String {
        let read = |name| std::fs::read(self.folder.join(name)).unwrap_or_default();
        let all = [read(OLD), read(NAME)].concat();
        String::from_utf8_lossy(&all).into_owned()
    }
}

/// A `tracing` layer that writes this project's events to a log.
#[derive(Debug)]
pub struct LogLayer(pub std::sync::Arc<LogFile>);

impl<S: Subscriber> Layer<S> for LogLayer {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if !is_logged(metadata) {
            return;
        }
        let now = parlour_client::Clock::now(&parlour_client::SystemClock);
        let mut line = Line(String::new());
        event.record(&mut line);
        let (level, target) = (metadata.level(), metadata.target());
        let source_line = metadata.line().unwrap_or_default();
        self.0.write(&format!("{} {level} {target}:{source_line}{}\n", now.0, line.0));
    }
}

fn is_logged(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("parlour") && *metadata.level() <= Level::INFO
}

/// The fields of an event as text.
struct Line(String);

impl Line {
    fn add(&mut self, field: &Field, value: impl std::fmt::Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.0, " {}={value}", field.name());
    }
}

impl Visit for Line {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }

    fn record_str(&mut self, _: &Field, _: &str) {}

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, " {value:?}");
        } else if let Some(number) = system_error(&format!("{value:?}")) {
            self.add(field, number);
        }
    }
}

/// Returns the number of the system error in a text.
fn system_error(text: &str) -> Option<i32> {
    let (_, rest) = text.split_once("(os error ")?;
    rest.split_once(')')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tracing_subscriber::layer::SubscriberExt;

    #[test]
    fn a_log_line_contains_only_fixed_text_and_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let log = Arc::new(LogFile::new(folder.path()));
        let subscriber = tracing_subscriber::registry().with(LogLayer(log.clone()));
        tracing::subscriber::with_default(subscriber, || {
            let error = std::io::Error::from_raw_os_error(28);
            let server = "https://chat.example.org";
            tracing::warn!(%error, server, tries = 3, "the name could not be stored");
            tracing::error!(error = "wren said hello", ?server, "it failed");
            tracing::debug!("a detail");
            tracing::warn!(target: "hyper", "a body");
        });
        let lines = log.read();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[0].contains(" WARN parlour_desktop::log::tests:"), "{lines:?}");
        assert!(lines[0].ends_with("the name could not be stored error=28 tries=3"), "{lines:?}");
        assert!(lines[1].ends_with(" it failed"), "{lines:?}");
        assert!(!lines.concat().contains("example") && !lines.concat().contains("hello"));
    }

    #[test]
    fn the_log_size_is_limited() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("logs");
        let log = LogFile::new(&folder);
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..2000 {
            log.write(&line);
        }
        let size = |name: &str| std::fs::metadata(folder.join(name)).unwrap().len();
        assert!(size(NAME) + size(OLD) <= 2 * FILE_BYTES);
        assert_eq!(log.read().len() as u64, size(NAME) + size(OLD));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    }
}
