//! Lines of JSON, in the format that docs/export.md describes and the app's export has too (`crates/export`).

mod title;
mod write;
mod writer;

pub use write::write;
