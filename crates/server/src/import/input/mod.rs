//! The files of an export: in a folder, alone, or in an archive that is unpacked into a folder of its own. The contents
//! of attached files are looked for among them, and in a second folder.

mod archive;
mod attached;
pub mod bson;
mod entry;
mod files;
mod index;
pub mod json;
mod lines;
mod media;
mod parse;
mod salvage;
mod walk;

pub use attached::Wanted;
pub use entry::Entry;
pub use files::Files;
pub use lines::Lines;
