//! The messages of a conversation as lines of JSON: docs/export.md describes the format.

mod origin;
mod writer;

pub(crate) use origin::Origin;
pub(crate) use writer::JsonlWriter;
