//! A message's text as a tree, after CommonMark 0.31 with GitHub's tables, task lists, strikethrough and bare
//! links. The tree becomes nodes in the window; no HTML of a message ever reaches the page.
//!
//! Three things of CommonMark are off, because they would eat characters that people type and mean: HTML (it is
//! shown as it was written), definitions of links, and titles underlined with dashes. Code by indentation is off
//! too: pasted text keeps its spaces. A new line is a new line.

mod bare;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod links;
mod nodes;
mod parse;
mod plain;
mod signs;
mod spoken;
mod tree;
mod written;

pub use links::is_openable;
pub use nodes::{Align, Block, Inline, ListItem, TableCell};
pub use parse::parse;
pub use plain::plain;
pub use spoken::spoken;

#[cfg(test)]
mod tests;
