//! From a text to its tree.

use crate::nodes::{Block, Inline};
use crate::written::Written;
use crate::{signs, tree};

/// What the marks in a text mean; nothing if it has none, as most have, and is shown as it was written. So is
/// what is nested deeper, or has more pieces, than people write. Takes time in proportion to the text's length.
pub fn parse(body: &str) -> Option<Vec<Block>> {
    let is_marked = signs::any_in(body) && !signs::are_nested_in(body, tree::DEEPEST);
    if is_marked { parse_all(body) } else { None }
}

/// The same, without a look at whether there is anything to parse.
pub(crate) fn parse_all(body: &str) -> Option<Vec<Block>> {
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
