//! One line of a message without markup, for previews.

use crate::nodes::{Block, plain_text};
use crate::parse::parse;

/// Returns a line without its markup. Markup that was cut off stays as it is.
pub fn plain(line: &str) -> String {
    let line = without_block_markers(line);
    let text = match parse(&line) {
        Some(blocks) => blocks.iter().map(block_text).collect::<Vec<_>>().join(" "),
        None => line,
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes markup that is only recognized at the beginning of a line: after a message's lines were
/// joined, it is in the middle, and would be read as text.
fn without_block_markers(line: &str) -> String {
    let (mut text_only, mut rest) = (String::new(), line);
    while !rest.is_empty() {
        if let Some(after) = after_block_marker(rest) {
            rest = after;
            continue;
        }
        let (word, after) = rest.split_at(rest.find(' ').map_or(rest.len(), |at| at + 1));
        match word.strip_prefix("```") {
            // The name of the code's language.
            Some(name) if !name.contains("```") => {}
            _ => text_only.push_str(&word.replace("```", " ")),
        }
        rest = after;
    }
    text_only
}

/// Returns what follows a task's box or a heading's `#` characters.
fn after_block_marker(rest: &str) -> Option<&str> {
    let task = ["- [x] ", "- [ ] ", "* [x] ", "* [ ] "].iter();
    let title = || {
        let after = rest.trim_start_matches('#');
        if (1..=6).contains(&(rest.len() - after.len())) { after.strip_prefix(' ') } else { None }
    };
    task.copied().find_map(|task| rest.strip_prefix(task)).or_else(title)
}

fn block_text(block: &Block) -> String {
    let joined = |children: &[Block]| children.iter().map(block_text).collect::<Vec<_>>().join(" ");
    match block {
        Block::Paragraph { children } | Block::Heading { children, .. } => plain_text(children),
        Block::Code { text, .. } => text.clone(),
        Block::Quote { children } => joined(children),
        Block::List { items, .. } => {
            items.iter().map(|item| joined(&item.children)).collect::<Vec<_>>().join(" ")
        }
        Block::Table { rows } => {
            let cells = rows.iter().flatten().map(|cell| plain_text(&cell.children));
            cells.collect::<Vec<_>>().join(" ")
        }
        Block::Rule => String::new(),
    }
}
