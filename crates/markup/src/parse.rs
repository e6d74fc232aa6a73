//! Parses a text into its tree.

use crate::nodes::{Block, Inline};
use crate::prepared::PreparedText;
use crate::visible::has_visible_content;
use crate::{detect, tree};

/// The result of parsing a text.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// It has no markup.
    Plain,
    /// It has markup.
    Marked(Vec<Block>),
    /// It is shown as it was written, because its markup is too complex (nested too deeply, or of too many
    /// parts) or shows nothing.
    AsWritten,
}

/// Parses the markup in a text. Returns `None` if the text is shown as it was written: it has no markup,
/// like most texts, is too complex, or would show nothing. Takes time in proportion to the text's length.
pub fn parse(body: &str) -> Option<Vec<Block>> {
    match read(body) {
        Parsed::Marked(blocks) => Some(blocks),
        Parsed::Plain | Parsed::AsWritten => None,
    }
}

/// Same as [`parse`], with the reason if there are no blocks.
pub(crate) fn read(body: &str) -> Parsed {
    if !detect::has_markup(body) {
        Parsed::Plain
    } else if detect::is_nested_deeper(body, tree::MAX_DEPTH) {
        Parsed::AsWritten
    } else {
        parse_without_precheck(body)
    }
}

/// Same as [`read`], without checking first whether there is any markup, and how deeply it is nested.
pub(crate) fn parse_without_precheck(body: &str) -> Parsed {
    let blocks = PreparedText::new(body).and_then(|prepared| tree::blocks(&prepared));
    let Some(blocks) = blocks else { return Parsed::AsWritten };
    match &blocks[..] {
        [] => Parsed::Plain,
        [Block::Paragraph { children }] if matches!(&children[..], [Inline::Text { text }] if text == body) => {
            Parsed::Plain
        }
        all if !has_visible_content(all) => Parsed::AsWritten,
        _ => Parsed::Marked(blocks),
    }
}
