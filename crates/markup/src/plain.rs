//! One line of a message without markup, for places with no room for more.

use crate::nodes::{Block, text_of};
use crate::parse::parse;

/// Returns a line without its markup. Markup that was cut off stays as it is.
pub fn plain(line: &str) -> String {
    let line = without_beginnings(line);
    let text = match parse(&line) {
        Some(blocks) => blocks.iter().map(of_block).collect::<Vec<_>>().join(" "),
        None => line,
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes markup that is only recognized at the beginning of a line: after a message's lines were
/// joined, it is in the middle, and would be read as text.
fn without_beginnings(line: &str) -> String {
    let (mut kept, mut rest) = (String::new(), line);
    while !rest.is_empty() {
        if let Some(after) = without_beginning(rest) {
            rest = after;
            continue;
        }
        let (word, after) = rest.split_at(rest.find(' ').map_or(rest.len(), |at| at + 1));
        match word.strip_prefix("```") {
            // The name of the code's language.
            Some(name) if !name.contains("```") => {}
            _ => kept.push_str(&word.replace("```", " ")),
        }
        rest = after;
    }
    kept
}

/// Returns what follows a task's box or a heading's `#` characters.
fn without_beginning(rest: &str) -> Option<&str> {
    let task = ["- [x] ", "- [ ] ", "* [x] ", "* [ ] "].iter();
    let title = || {
        let after = rest.trim_start_matches('#');
        if (1..=6).contains(&(rest.len() - after.len())) { after.strip_prefix(' ') } else { None }
    };
    task.copied().find_map(|task| rest.strip_prefix(task)).or_else(title)
}

fn of_block(block: &Block) -> String {
    let all = |children: &[Block]| children.iter().map(of_block).collect::<Vec<_>>().join(" ");
    match block {
        Block::Paragraph { children } | Block::Heading { children, .. } => text_of(children),
        Block::Code { text, .. } => text.clone(),
        Block::Quote { children } => all(children),
        Block::List { items, .. } => {
            items.iter().map(|item| all(&item.children)).collect::<Vec<_>>().join(" ")
        }
        Block::Table { rows } => {
            let cells = rows.iter().flatten().map(|cell| text_of(&cell.children));
            cells.collect::<Vec<_>>().join(" ")
        }
        Block::Rule => String::new(),
    }
}
