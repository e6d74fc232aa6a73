//! Parses a text into its tree.

use crate::nodes::{Block, Inline};
use crate::prepared::PreparedText;
use crate::{signs, tree};

/// Parses the markup in a text. Returns `None` if the text has none, as most texts, and is shown as
/// it was written; also if it is nested more deeply, or has more pieces, than people write. Takes
/// time in proportion to the text's length.
pub fn parse(body: &str) -> Option<Vec<Block>> {
    let is_marked = signs::any_in(body) && !signs::are_nested_in(body, tree::MAX_DEPTH);
    if is_marked { parse_all(body) } else { None }
}

/// Same as [`parse`], without checking first whether there is anything to parse.
pub(crate) fn parse_all(body: &str) -> Option<Vec<Block>> {
    let prepared_text = PreparedText::new(body)?;
    let blocks = tree::blocks(&prepared_text)?;
    let is_plain = match &blocks[..] {
        [] => true,
        [Block::Paragraph { children }] => {
            matches!(&children[..], [Inline::Text { text }] if text == body)
        }
        _ => false,
    };
    if is_plain { None } else { Some(blocks) }
}
