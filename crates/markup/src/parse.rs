//! Parses a text into its tree.

use crate::ink::has_ink;
use crate::nodes::{Block, Inline};
use crate::prepared::PreparedText;
use crate::{signs, tree};

/// What a text is.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// It has no markup.
    Plain,
    /// It has markup.
    Marked(Vec<Block>),
    /// It is shown as it was written, and what its marks mean is not known: it is nested more deeply, or has more
    /// pieces, than people write, or nothing but marks.
    AsWritten,
}

/// Parses the markup in a text. Returns `None` if the text has none, as most texts, and is shown as
/// it was written; also if it is nested more deeply, or has more pieces, than people write, or if nothing of it would
/// be seen. Takes time in proportion to the text's length.
pub fn parse(body: &str) -> Option<Vec<Block>> {
    match read(body) {
        Parsed::Marked(blocks) => Some(blocks),
        Parsed::Plain | Parsed::AsWritten => None,
    }
}

/// Same as [`parse`], and tells why there are no blocks.
pub(crate) fn read(body: &str) -> Parsed {
    if !signs::any_in(body) {
        Parsed::Plain
    } else if signs::are_nested_in(body, tree::MAX_DEPTH) {
        Parsed::AsWritten
    } else {
        read_all(body)
    }
}

/// Same as [`read`], without checking first whether there is anything to parse.
pub(crate) fn read_all(body: &str) -> Parsed {
    let blocks = PreparedText::new(body).and_then(|prepared| tree::blocks(&prepared));
    let Some(blocks) = blocks else { return Parsed::AsWritten };
    match &blocks[..] {
        [] => Parsed::Plain,
        [Block::Paragraph { children }] if matches!(&children[..], [Inline::Text { text }] if text == body) => {
            Parsed::Plain
        }
        all if !has_ink(all) => Parsed::AsWritten,
        _ => Parsed::Marked(blocks),
    }
}
