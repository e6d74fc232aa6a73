//! The nodes of a message's tree.

use parlour_protocol::UserId;
use serde::Serialize;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Inline {
    /// Text.
    Text {
        /// The text as it was written.
        text: String,
    },
    /// A mention of a person. Only `mark_mentions` adds it.
    Mention {
        /// The `@` and the name as it was written.
        text: String,
        /// The person who is mentioned.
        user: UserId,
    },
    /// A mention of everybody. Only `mark_mentions` adds it.
    MentionAll {
        /// The `@` and the word as it was written.
        text: String,
    },
    /// Code in a line.
    Code {
        /// The code as it was written.
        text: String,
    },
    /// Strong text: `**so**`.
    Strong {
        /// The contents.
        children: Vec<Inline>,
    },
    /// Emphasized text: `*so*`.
    Emphasis {
        /// The contents.
        children: Vec<Inline>,
    },
    /// Struck out text: `~~so~~`.
    Delete {
        /// The contents.
        children: Vec<Inline>,
    },
    /// A link; an image is one, too, because nothing that a message names is fetched.
    Link {
        /// The URL; see `is_openable`.
        url: String,
        /// The text of the link.
        children: Vec<Inline>,
    },
}

/// A block of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Block {
    /// Lines of text.
    Paragraph {
        /// The contents.
        children: Vec<Inline>,
    },
    /// A heading.
    Heading {
        /// The level, 1 to 6; 1 is the largest.
        depth: u8,
        /// The contents.
        children: Vec<Inline>,
    },
    /// Lines of code.
    Code {
        /// The code as it was written.
        text: String,
        /// The name of its language; empty if none is given.
        language: String,
    },
    /// A quote.
    Quote {
        /// The contents.
        children: Vec<Block>,
    },
    /// A list.
    List {
        /// The first number; `None` for bullets.
        start: Option<u32>,
        /// The items.
        items: Vec<ListItem>,
    },
    /// A table.
    Table {
        /// The rows; the first one contains the headings.
        rows: Vec<Vec<TableCell>>,
    },
    /// A horizontal line.
    Rule,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
pub struct ListItem {
    /// Whether a task is done; `None` if the item is not a task.
    pub checked: Option<bool>,
    /// The contents.
    pub children: Vec<Block>,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
pub struct TableCell {
    /// The alignment in its column; `None` if none is given.
    pub align: Option<Align>,
    /// The contents.
    pub children: Vec<Inline>,
}

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum Align {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Centered.
    Center,
}

/// Returns the text without markup.
pub(crate) fn plain_text(inlines: &[Inline]) -> String {
    let text = |inline: &Inline| match inline {
        Inline::Text { text }
        | Inline::Mention { text, .. }
        | Inline::MentionAll { text }
        | Inline::Code { text } => text.clone(),
        Inline::Strong { children }
        | Inline::Emphasis { children }
        | Inline::Delete { children }
        | Inline::Link { children, .. } => plain_text(children),
    };
    inlines.iter().map(text).collect()
}
