//! Parses a message's text into a tree, according to CommonMark 0.31 with GitHub's tables, task
//! lists, strikethrough and bare links. The tree becomes nodes in the window; HTML of a message
//! never reaches the page.
//!
//! Three features of CommonMark are off, because they would remove characters that people type on
//! purpose: HTML (it is shown as it was written), link definitions, and headings underlined with
//! dashes. Indented code is off, too: pasted text keeps its spaces. A line break in the text is a
//! line break in the result.

mod authored;
mod bare_links;
mod detect;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod links;
mod mentions;
mod nodes;
mod parse;
mod plain;
mod prepared;
mod tree;
mod visible;

pub use authored::authored_text;
pub use links::is_openable;
pub use mentions::{MentionCount, Mentioned, Names, count_mentions, mark_mentions, mentioned};
pub use nodes::{Align, Block, Inline, ListItem, TableCell};
pub use parse::parse;
pub use plain::plain;

#[cfg(test)]
mod tests;
