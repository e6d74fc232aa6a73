//! Exports the whole server, as lines of JSON or in Mattermost's bulk format, from one snapshot of the database.
//!
//! Messages are read and written in pages, so memory grows only with the number of people and groups, and by about a
//! hundred bytes per reply and file of one conversation. Which conversations are private, and who decides whether they
//! are exported: docs/decisions/0043-exports-of-the-server.md.

mod error;
mod file_copies;
mod format;
mod jsonl;
mod mattermost;
mod output;
mod progress;
mod report;
mod run;
mod scope;
mod snapshot;
mod source;

pub use error::ExportError;
pub use format::ExportFormat;
pub use report::ExportReport;
pub use run::{ExportOptions, export};
