//! The function of this crate's fuzz target.

use crate::{Block, Inline, ListItem, count_mentions, parse, plain};

/// Parses any message: it must be shown, and no link in it can run anything.
pub fn markup(bytes: &[u8]) {
    let body = String::from_utf8_lossy(bytes);
    if let Some(blocks) = parse(&body) {
        blocks.iter().for_each(block);
    }
    count_mentions(&body);
    let line = plain(&body);
    assert!(!line.contains('\n'), "{line:?}");
}

/// Returns texts of about this length in which characters with a meaning are repeated, nested and
/// mixed.
pub fn repeated(bytes: usize) -> Vec<String> {
    let signs = [
        "*",
        "_",
        "~",
        "~~",
        "`",
        "[",
        "]",
        "](",
        "![",
        "<",
        "|",
        "- ",
        "#",
        ":",
        "!",
        "?",
        ".",
        "'",
        "&amp;",
        "\\",
        "\n",
        "\t",
        "    ",
        "1.",
        "- [ ] ",
        "> ",
        "\n|-|\n",
        "http://a/",
        "www.a.",
        "a@b.c",
        "@",
        "[a](",
        "<a:",
        "<!--",
        "```\n",
        "é",
        "。",
        "---\n",
        ")",
        "*a _b ",
        "**a",
        "a\n",
    ];
    let mut all = Vec::new();
    for (at, one) in signs.iter().enumerate() {
        all.push(one.repeat(bytes / one.len()));
        for begin in ["http://a/", "www.a", "[", "> "] {
            all.push(format!("{begin}{}", one.repeat((bytes - begin.len()) / one.len())));
        }
        for other in signs.iter().cycle().skip(at + 1).step_by(5).take(4) {
            let (pair, half) = (format!("{one}{other}"), bytes / 2);
            all.push(pair.repeat(bytes / pair.len()));
            all.push(one.repeat(half / one.len()) + &other.repeat(half / other.len()));
        }
    }
    all
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
                let read = url::Url::parse(url).expect("a link leads somewhere");
                assert!(["http", "https", "mailto"].contains(&read.scheme()), "{url:?}");
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
        parlour_samples::try_out("markup", 5_000, super::markup);
    }
}
