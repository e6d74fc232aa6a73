//! The parts of a message that its author wrote as text.

use crate::nodes::{Block, Inline};
use crate::parse::{Parsed, read};

/// Returns the text that the author wrote, without code and quotes, in which no keyword notifies anybody.
/// Each piece ends with a newline. A text that is too intricate to be parsed has no such part.
pub fn spoken(body: &str) -> String {
    let mut words = String::new();
    match read(body) {
        Parsed::Marked(all) => blocks(&all, &mut words),
        Parsed::Plain => words.push_str(body),
        Parsed::AsWritten => {}
    }
    words
}

fn blocks(nodes: &[Block], words: &mut String) {
    for block in nodes {
        match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => {
                inlines(children, words);
            }
            Block::List { items, .. } => {
                items.iter().for_each(|item| blocks(&item.children, words));
            }
            Block::Table { rows } => {
                for cell in rows.iter().flatten() {
                    inlines(&cell.children, words);
                    words.push('\n');
                }
            }
            Block::Quote { .. } | Block::Code { .. } | Block::Rule => {}
        }
        words.push('\n');
    }
}

fn inlines(nodes: &[Inline], words: &mut String) {
    for inline in nodes {
        match inline {
            Inline::Text { text } | Inline::Mention { text, .. } | Inline::MentionAll { text } => {
                words.push_str(text)
            }
            Inline::Code { .. } => words.push('\n'),
            Inline::Strong { children }
            | Inline::Emphasis { children }
            | Inline::Delete { children }
            | Inline::Link { children, .. } => inlines(children, words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn code_and_quotes_are_left_out() {
        let body = "hi **@wren** `@oak`\n\n> @elm\n\n```\n@ash\n```\n- @fir\n\n| @a |\n|-|\n| @b |";
        let words = spoken(body);
        let names: Vec<&str> =
            words.split_whitespace().filter(|word| word.starts_with('@')).collect();
        assert_eq!(names, ["@wren", "@fir", "@a", "@b"]);
        assert_eq!(spoken("plain @wren"), "plain @wren");
        assert_eq!(spoken(&("> ".repeat(41) + "tea")), "");
    }
}
