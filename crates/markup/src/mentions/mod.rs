//! The people whom a message mentions. This is the only code that decides what is a mention: the client
//! calls it when a message is written and when it is shown, the server when it accepts a message.
//!
//! A mention is an `@`, of any width, at the start of a word and a name, in text that the message's author wrote: not in
//! code, in a quote, in the address of a link, or in anything that looks like an address. A text that is
//! too complex to be parsed mentions nobody.

mod line;
mod marker;
mod names;

pub use names::Names;

use crate::nodes::{Block, Inline, ListItem, TableCell};
use crate::parse::{Parsed, read};
use line::mark_line;
use marker::Marker;
use parlour_protocol::reserved::has_mention_sign;
use parlour_protocol::{UserId, limits};
use std::collections::BTreeSet;

/// The people whom a text mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentioned {
    /// The people whom it mentions by name, at most 100.
    pub people: BTreeSet<UserId>,
    /// Whether it mentions everybody, as `@all`.
    pub all: bool,
}

/// An upper bound of the number of mentions in a text, independent of the names that exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MentionCount {
    /// The number of possible mentions of people.
    pub people: usize,
    /// Whether it contains the word that mentions everybody.
    pub all: bool,
}

/// Returns which of these people a text mentions. Names are searched after the first 1,000 `@` characters.
pub fn mentioned(body: &str, names: &Names) -> Mentioned {
    let mut mentioned = Mentioned::default();
    if !has_mention_sign(body) {
        return mentioned;
    }
    let resolve = &mut |text: &str| names.resolve(text);
    let mut marker = Marker::new(resolve);
    mark_blocks(blocks_of(body), &mut marker);
    for user in marker.found {
        match user {
            None => mentioned.all = true,
            Some(id) if mentioned.people.len() < limits::MENTIONS => {
                mentioned.people.insert(id);
            }
            Some(_) => {}
        }
    }
    mentioned
}

/// Returns an upper bound of the number of mentions in a text.
pub fn count_mentions(body: &str) -> MentionCount {
    let mut count = MentionCount::default();
    if has_mention_sign(body) {
        let resolve = &mut |text: &str| {
            count.people += usize::from(text.starts_with(|c: char| !c.is_whitespace()));
            count.all |= names::everybody_length(text).is_some();
            None
        };
        mark_blocks(blocks_of(body), &mut Marker::new(resolve));
    }
    count
}

/// Returns a text's blocks with a node for each mention of these people. `blocks` are those that
/// [`crate::parse()`] returned; if it returned none and there are no mentions, there are still none.
pub fn mark_mentions(body: &str, blocks: Option<Vec<Block>>, names: &Names) -> Option<Vec<Block>> {
    if !has_mention_sign(body) {
        return blocks;
    }
    let has_blocks = blocks.is_some();
    let resolve = &mut |text: &str| names.resolve(text);
    let mut marker = Marker::new(resolve);
    let marked = mark_blocks(blocks.unwrap_or_else(|| blocks_of(body)), &mut marker);
    (has_blocks || !marker.found.is_empty()).then_some(marked)
}

/// Returns the blocks of a text: one paragraph if it has no markup; none if it is too complex to be parsed.
fn blocks_of(body: &str) -> Vec<Block> {
    match read(body) {
        Parsed::Plain => {
            vec![Block::Paragraph { children: vec![Inline::Text { text: body.into() }] }]
        }
        Parsed::Marked(blocks) => blocks,
        Parsed::AsWritten => Vec::new(),
    }
}

fn mark_blocks(blocks: Vec<Block>, marker: &mut Marker<'_>) -> Vec<Block> {
    let mut marked = Vec::with_capacity(blocks.len());
    for block in blocks {
        marked.push(match block {
            Block::Paragraph { children } => {
                Block::Paragraph { children: mark_line(children, marker) }
            }
            Block::Heading { depth, children } => {
                Block::Heading { depth, children: mark_line(children, marker) }
            }
            Block::List { start, items } => Block::List { start, items: mark_items(items, marker) },
            Block::Table { rows } => {
                let rows = rows.into_iter().map(|row| mark_cells(row, marker)).collect();
                Block::Table { rows }
            }
            other @ (Block::Quote { .. } | Block::Code { .. } | Block::Rule) => other,
        });
    }
    marked
}

fn mark_items(items: Vec<ListItem>, marker: &mut Marker<'_>) -> Vec<ListItem> {
    let mark = |item: ListItem| ListItem { children: mark_blocks(item.children, marker), ..item };
    items.into_iter().map(mark).collect()
}

fn mark_cells(cells: Vec<TableCell>, marker: &mut Marker<'_>) -> Vec<TableCell> {
    let mark = |cell: TableCell| TableCell { children: mark_line(cell.children, marker), ..cell };
    cells.into_iter().map(mark).collect()
}

#[cfg(test)]
mod tests;
