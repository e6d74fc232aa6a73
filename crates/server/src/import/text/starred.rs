//! Converts formatting shared by WhatsApp, Slack and Rocket.Chat: `*bold*`, `_italic_`, `~struck~`, `` `code` ``.

use super::markdown::{block, code, escaped, marked, quoted};

/// How to convert a text besides the shared formatting.
pub struct Rules<'a> {
    /// Whether lines that begin with `>` are quotes.
    pub has_quotes: bool,
    /// Converts text without formatting to Markdown.
    pub plain: &'a dyn Fn(&str) -> String,
    /// Converts the content of code to plain text.
    pub literal: &'a dyn Fn(&str) -> String,
}

impl Default for Rules<'_> {
    fn default() -> Self {
        Self { has_quotes: false, plain: &escaped, literal: &str::to_owned }
    }
}

/// Converts such a text to Markdown.
pub fn markdown(text: &str, rules: &Rules<'_>) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(start) = rest.find("```") {
        let after = &rest[start + 3..];
        let Some(end) = after.find("```") else { break };
        out.push_str(&lines(&rest[..start], rules));
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&block(&(rules.literal)(&after[..end]), ""));
        rest = &after[end + 3..];
        if !rest.is_empty() && !rest.starts_with('\n') {
            out.push('\n');
        }
    }
    out.push_str(&lines(rest, rules));
    out
}

fn lines(text: &str, rules: &Rules<'_>) -> String {
    let line = |line: &str| {
        let quoted_line = line.strip_prefix("&gt;").or_else(|| line.strip_prefix('>'));
        match quoted_line.filter(|_| rules.has_quotes) {
            Some(rest) => quoted(&inline(rest.strip_prefix(' ').unwrap_or(rest), rules)),
            None => inline(line, rules),
        }
    };
    let mut out = String::new();
    let mut was_quote = false;
    for (at, current) in text.split('\n').enumerate() {
        let is_quote =
            rules.has_quotes && (current.starts_with("&gt;") || current.starts_with('>'));
        if at > 0 {
            out.push('\n');
            // Without an empty line, a line after a quote would be part of it.
            if was_quote && !is_quote && !current.is_empty() {
                out.push('\n');
            }
        }
        out.push_str(&line(current));
        was_quote = is_quote;
    }
    out
}

/// Converts one line.
fn inline(text: &str, rules: &Rules<'_>) -> String {
    let mut out = String::new();
    let mut plain_from = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let Some(c) = rest.chars().next() else { break };
        // Characters inside of references to links and people are not formatting.
        if c == '<'
            && let Some(end) = rest.find('>')
        {
            at += end + 1;
            continue;
        }
        let before = text[..at].chars().next_back();
        let found = match c {
            '`' => rest[1..].find('`').filter(|end| *end > 0).map(|end| (end, true)),
            '*' | '_' | '~' if !before.is_some_and(char::is_alphanumeric) => {
                closing(rest, c).map(|end| (end, false))
            }
            _ => None,
        };
        let Some((end, is_code)) = found else {
            at += c.len_utf8();
            continue;
        };
        out.push_str(&(rules.plain)(&text[plain_from..at]));
        let inner = &rest[1..=end];
        out.push_str(&match (c, is_code) {
            (_, true) => code(&(rules.literal)(inner)),
            ('*', _) => marked("**", &inline(inner, rules)),
            ('_', _) => marked("*", &inline(inner, rules)),
            _ => marked("~~", &inline(inner, rules)),
        });
        at += end + 2;
        plain_from = at;
    }
    out.push_str(&(rules.plain)(&text[plain_from..]));
    out
}

/// Returns the distance from a delimiter to its closing counterpart, if there is one.
fn closing(text: &str, delimiter: char) -> Option<usize> {
    let inside = &text[1..];
    if inside.starts_with(|c: char| c.is_whitespace() || c == delimiter) {
        return None;
    }
    inside.match_indices(delimiter).find_map(|(at, _)| {
        let before = inside[..at].chars().next_back()?;
        let after = inside[at + 1..].chars().next();
        let is_end = !before.is_whitespace()
            && !after.is_some_and(char::is_alphanumeric)
            && after != Some(delimiter);
        is_end.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_formatting_becomes_markdown() {
        let rules = Rules { has_quotes: true, ..Rules::default() };
        for (text, expected) in [
            ("*bold* _it_ ~no~ `c*d`", "**bold** *it* ~~no~~ `c*d`"),
            ("2*3*4 snake_case_x * a *", "2\\*3\\*4 snake_case_x * a *"),
            ("a ```x\ny``` b", "a \n```\nx\ny\n```\n b"),
            ("> q\nnext", "> q\n\nnext"),
            ("*a _b_*", "**a *b***"),
            ("**", "\\*\\*"),
            ("# x", "\\# x"),
        ] {
            assert_eq!(markdown(text, &rules), expected, "{text:?}");
        }
    }
}
