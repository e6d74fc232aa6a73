//! Mattermost's bulk format: `import.jsonl`, and the files below `data`. Everything is addressed by names.

mod content;
mod emoji;
mod mentions;
mod names;
mod posts;
mod records;
mod split;
mod threads;
mod write;

pub use write::write;
