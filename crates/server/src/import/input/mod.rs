//! The files of an export: in a folder, alone, or in an archive that is unpacked into a folder of its own.

mod archive;
pub mod bson;
mod files;
pub mod json;
mod lines;
mod parse;
mod salvage;
mod walk;

pub use files::{Entry, Files};
pub use lines::Lines;
