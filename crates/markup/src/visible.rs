//! Whether a text has anything visible.

use crate::nodes::{Block, Inline};
use parlour_protocol::text::is_blank;

/// Returns whether these blocks have anything visible: a rule, or a character in a text.
pub(crate) fn has_visible_content(blocks: &[Block]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Rule => true,
        Block::Paragraph { children } | Block::Heading { children, .. } => {
            inlines_are_visible(children)
        }
        Block::Code { text, .. } => !is_blank(text),
        Block::Quote { children } => has_visible_content(children),
        Block::List { items, .. } => items.iter().any(|item| has_visible_content(&item.children)),
        Block::Table { rows } => {
            rows.iter().flatten().any(|cell| inlines_are_visible(&cell.children))
        }
    })
}

fn inlines_are_visible(children: &[Inline]) -> bool {
    children.iter().any(|inline| match inline {
        Inline::Text { text }
        | Inline::Mention { text, .. }
        | Inline::MentionAll { text }
        | Inline::Code { text } => !is_blank(text),
        Inline::Strong { children }
        | Inline::Emphasis { children }
        | Inline::Delete { children }
        | Inline::Link { children, .. } => inlines_are_visible(children),
    })
}
