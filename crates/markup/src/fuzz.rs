//! The function of this crate's fuzz target.

use crate::{Block, Inline, ListItem, count_mentions, parse, plain};

/// Parses any message: it must be displayable, and no link in it can run anything.
pub fn markup(bytes: &[u8]) {
    let body = String::from_utf8_lossy(bytes);
    if let Some(blocks) = parse(&body) {
        blocks.iter().for_each(block);
    }
    count_mentions(&body);
    let line = plain(&body);
    assert!(!line.contains('\n'), "{line:?}");
}

fn block(node: &Block) {
    match node {
        Block::Paragraph { children } | Block::Heading { children, .. } => inlines(children),
        Block::Quote { children } => children.iter().for_each(block),
        Block::List { items, .. } => items.iter().for_each(item),
        Block::Table { rows } => {
            rows.iter().flatten().for_each(|cell| inlines(&cell.children));
        }
        Block::Code { .. } | Block::Rule => {}
    }
}

fn item(node: &ListItem) {
    node.children.iter().for_each(block);
}

fn inlines(node: &[Inline]) {
    for inline in node {
        match inline {
            Inline::Link { url, children } => {
                let parsed = url::Url::parse(url).expect("a link has a valid URL");
                assert!(["http", "https", "mailto"].contains(&parsed.scheme()), "{url:?}");
                inlines(children);
            }
            Inline::Strong { children }
            | Inline::Emphasis { children }
            | Inline::Delete { children } => inlines(children),
            Inline::Text { .. }
            | Inline::Mention { .. }
            | Inline::MentionAll { .. }
            | Inline::Code { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_message_is_shown() {
        parlour_samples::run_samples("markup", 5_000, super::markup);
    }
}
