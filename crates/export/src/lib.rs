//! Writes what an account has on this computer as files that people and programs can read, without a network: pages of
//! HTML, and lines of JSON (docs/export.md). [`export()`] is the only entry.
//!
//! Messages are read and written in pages, so memory does not grow with the history, except for a few bytes per hit of
//! a search and per file. Everything is written into a new folder, which gets its name when it is complete.

mod clock;
mod error;
mod files;
mod folder;
mod html;
mod jsonl;
mod output;
mod people;
mod plan;
mod progress;
mod request;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod texts;

pub use error::{Error, Result};
pub use folder::free_folder;
pub use progress::Progress;
pub use request::{ExportFormat, ExportRequest, ExportSelection};
pub use run::{ExportContext, Exported, export};
pub use texts::ExportTexts;
