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
mod plain;
mod signs;
mod spoken;
mod tree;
mod written;

pub use links::is_openable;
pub use plain::plain;
pub use spoken::spoken;

use serde::Serialize;
use written::Written;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Inline {
    /// Words.
    Text {
        /// As they were written.
        text: String,
    },
    /// Code in a line.
    Code {
        /// As it was written.
        text: String,
    },
    /// `**so**`.
    Strong {
        /// What is.
        children: Vec<Inline>,
    },
    /// `*so*`.
    Emphasis {
        /// What is.
        children: Vec<Inline>,
    },
    /// `~~so~~`.
    Delete {
        /// What was struck out.
        children: Vec<Inline>,
    },
    /// A link; an image is one too, because nothing is fetched that a message names.
    Link {
        /// Where to: see [`is_openable`].
        url: String,
        /// What says so.
        children: Vec<Inline>,
    },
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Block {
    /// Lines of words.
    Paragraph {
        /// The words.
        children: Vec<Inline>,
    },
    /// A title.
    Heading {
        /// 1 to 6, the largest first.
        depth: u8,
        /// The words.
        children: Vec<Inline>,
    },
    /// Lines of code.
    Code {
        /// As they were written.
        text: String,
        /// What language it is said to be; empty if none.
        language: String,
    },
    /// What somebody said.
    Quote {
        /// That.
        children: Vec<Block>,
    },
    /// A list.
    List {
        /// The first number; nothing if it has bullets.
        start: Option<u32>,
        /// What stands in it.
        items: Vec<ListItem>,
    },
    /// A table.
    Table {
        /// The first has the titles.
        rows: Vec<Vec<TableCell>>,
    },
    /// A line across.
    Rule,
}

/// One of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
pub struct ListItem {
    /// Whether a task is done; nothing if it is none.
    pub checked: Option<bool>,
    /// What it says.
    pub children: Vec<Block>,
}

/// One of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
pub struct TableCell {
    /// Where in its column; nothing if that is not said.
    pub align: Option<Align>,
    /// What it says.
    pub children: Vec<Inline>,
}

/// Where a column's words stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Align {
    /// At the left.
    Left,
    /// At the right.
    Right,
    /// In the middle.
    Center,
}

/// What the marks in a text mean; nothing if it has none, as most have, and is shown as it was written. So is
/// what is nested deeper, or has more pieces, than people write. Takes time in proportion to the text's length.
pub fn parse(body: &str) -> Option<Vec<Block>> {
    let is_marked = signs::any_in(body) && !signs::are_nested_in(body, tree::DEEPEST);
    if is_marked { parse_all(body) } else { None }
}

/// The same, without a look at whether there is anything to parse.
fn parse_all(body: &str) -> Option<Vec<Block>> {
    let written = Written::new(body)?;
    let blocks = tree::blocks(&written)?;
    let is_plain = match &blocks[..] {
        [] => true,
        [Block::Paragraph { children }] => {
            matches!(&children[..], [Inline::Text { text }] if text == body)
        }
        _ => false,
    };
    if is_plain { None } else { Some(blocks) }
}

#[cfg(test)]
mod tests;
