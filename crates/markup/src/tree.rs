//! From the parser's tree to ours.

use crate::links::is_openable;
use crate::{Align, Block, Inline, ListItem, TableCell};
use markdown::mdast::{AlignKind, Node};

pub(crate) fn blocks(nodes: &[Node]) -> Vec<Block> {
    nodes.iter().filter_map(block).collect()
}

fn block(node: &Node) -> Option<Block> {
    Some(match node {
        Node::Paragraph(paragraph) => Block::Paragraph { children: inlines(&paragraph.children) },
        Node::Heading(heading) => {
            Block::Heading { depth: heading.depth, children: inlines(&heading.children) }
        }
        Node::Code(code) => Block::Code {
            text: code.value.clone(),
            language: code.lang.clone().unwrap_or_default(),
        },
        Node::Blockquote(quote) => Block::Quote { children: blocks(&quote.children) },
        Node::List(list) => Block::List {
            start: list.ordered.then(|| list.start.unwrap_or(1)),
            items: list.children.iter().filter_map(item).collect(),
        },
        Node::Table(table) => Block::Table {
            rows: table.children.iter().map(|row| cells(row, &table.align)).collect(),
        },
        Node::ThematicBreak(_) => Block::Rule,
        _ => return None,
    })
}

fn item(node: &Node) -> Option<ListItem> {
    let Node::ListItem(item) = node else { return None };
    Some(ListItem { checked: item.checked, children: blocks(&item.children) })
}

fn cells(row: &Node, align: &[AlignKind]) -> Vec<TableCell> {
    let cell = |(at, cell): (usize, &Node)| TableCell {
        align: match align.get(at) {
            Some(AlignKind::Left) => Some(Align::Left),
            Some(AlignKind::Right) => Some(Align::Right),
            Some(AlignKind::Center) => Some(Align::Center),
            Some(AlignKind::None) | None => None,
        },
        children: inlines(cell.children().map_or(&[], |children| children)),
    };
    row.children().into_iter().flatten().enumerate().map(cell).collect()
}

fn inlines(nodes: &[Node]) -> Vec<Inline> {
    nodes.iter().flat_map(inline).collect()
}

fn inline(node: &Node) -> Vec<Inline> {
    let text = |text: &str| Inline::Text { text: text.to_owned() };
    vec![match node {
        Node::Text(words) => text(&words.value),
        Node::Break(_) => text("\n"),
        Node::InlineCode(code) => Inline::Code { text: code.value.clone() },
        Node::Strong(strong) => Inline::Strong { children: inlines(&strong.children) },
        Node::Emphasis(emphasis) => Inline::Emphasis { children: inlines(&emphasis.children) },
        Node::Delete(delete) => Inline::Delete { children: inlines(&delete.children) },
        Node::Link(to) => return link(&to.url, inlines(&to.children)),
        Node::Image(image) => {
            let says = if image.alt.is_empty() { &image.url } else { &image.alt };
            return link(&image.url, vec![text(says)]);
        }
        other => text(&other.to_string()),
    }]
}

/// What leads nowhere says where it would have led.
fn link(url: &str, children: Vec<Inline>) -> Vec<Inline> {
    if is_openable(url) {
        return vec![Inline::Link { url: url.to_owned(), children }];
    }
    let shown: String = children.iter().map(own_text).collect();
    let hint = Inline::Text { text: format!(" ({url})") };
    let is_said = shown == url || url.is_empty();
    children.into_iter().chain((!is_said).then_some(hint)).collect()
}

fn own_text(inline: &Inline) -> &str {
    match inline {
        Inline::Text { text } | Inline::Code { text } => text,
        _ => "",
    }
}
