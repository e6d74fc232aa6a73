//! The messages of a conversation as lines of JSON: docs/export.md describes the format.

mod records;
mod writer;

pub(crate) use records::Origin;
pub(crate) use writer::JsonlWriter;
