//! The parts of a message that its author wrote as text.

use crate::nodes::{Block, Inline};
use crate::parse::{Parsed, read};

/// Returns the text that the author wrote, without code and quotes, in which keywords do not notify.
/// Each piece ends with a newline. A text that is too complex to be parsed has no such part.
pub fn authored_text(body: &str) -> String {
    let mut out = String::new();
    match read(body) {
        Parsed::Marked(all) => blocks(&all, &mut out),
        Parsed::Plain => out.push_str(body),
        Parsed::AsWritten => {}
    }
    out
}

fn blocks(nodes: &[Block], out: &mut String) {
    for block in nodes {
        match block {
            Block::Paragraph { children } | Block::Heading { children, .. } => {
                inlines(children, out);
            }
            Block::List { items, .. } => {
                items.iter().for_each(|item| blocks(&item.children, out));
            }
            Block::Table { rows } => {
                for cell in rows.iter().flatten() {
                    inlines(&cell.children, out);
                    out.push('\n');
                }
            }
            Block::Quote { .. } | Block::Code { .. } | Block::Rule => {}
        }
        out.push('\n');
    }
}

fn inlines(nodes: &[Inline], out: &mut String) {
    for inline in nodes {
        match inline {
            Inline::Text { text } | Inline::Mention { text, .. } | Inline::MentionAll { text } => {
                out.push_str(text)
            }
            Inline::Code { .. } => out.push('\n'),
            Inline::Strong { children }
            | Inline::Emphasis { children }
            | Inline::Delete { children }
            | Inline::Link { children, .. } => inlines(children, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::authored_text;

    #[test]
    fn code_and_quotes_are_left_out() {
        let body = "hi **@wren** `@oak`\n\n> @elm\n\n```\n@ash\n```\n- @fir\n\n| @a |\n|-|\n| @b |";
        let text = authored_text(body);
        let names: Vec<&str> =
            text.split_whitespace().filter(|word| word.starts_with('@')).collect();
        assert_eq!(names, ["@wren", "@fir", "@a", "@b"]);
        assert_eq!(authored_text("plain @wren"), "plain @wren");
        assert_eq!(authored_text(&("> ".repeat(41) + "tea")), "");
    }
}
