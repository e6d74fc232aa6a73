//! What a message's text is a tree of.

use serde::Serialize;

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
        /// Where to: see `is_openable`.
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
