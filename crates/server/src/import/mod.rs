//! Imports the history of other chat systems.
//!
//! A reader for each format turns an export into records ([`records`]), one at a time, so that memory does not grow with
//! the history; one writer stores them. Ids are derived from the export's own keys, and each message is stored with a
//! digest of its content: a second import adds new messages, updates changed ones and leaves the others alone,
//! wherever the first one stopped.

mod contents;
mod csv;
mod detect;
mod format;
mod ids;
mod input;
mod options;
mod people;
mod readers;
mod rebuild;
mod recording;
mod records;
mod report;
mod report_file;
mod run;
mod tally;
mod text;
mod unchanged_files;
mod undo;
mod write;

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod file_tests;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
#[cfg(test)]
mod tests;

pub use crate::queries::import_runs::ImportRun;
pub use format::Format;
pub use options::{Options, OptionsError};
pub use people::Names;
pub use report::{ImportError, Report};
pub use run::import;
pub use undo::{UndoReport, undo};
