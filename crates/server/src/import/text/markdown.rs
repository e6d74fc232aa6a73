//! Writes Markdown. Plain text is escaped, so that it is displayed as it was written.

use std::fmt::Write;

/// The beginning of a line with the name of a file that is not attached.
const FILE_MARK: &str = "📎 ";

/// Escapes plain text, so that as Markdown it is displayed unchanged. URLs remain unescaped.
pub fn escaped(text: &str) -> String {
    let has_links = text.contains("](");
    let has_tildes = text.matches('~').nth(1).is_some();
    let mut out = String::with_capacity(text.len() + 8);
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        escape_line(line, (has_links, has_tildes), &mut out);
    }
    out
}

/// Escapes a line.
fn escape_line(line: &str, (has_links, has_tildes): (bool, bool), out: &mut String) {
    let body = line.trim_start_matches([' ', '\t']);
    out.push_str(&line[..line.len() - body.len()]);
    let start = start_to_escape(body);
    let mut before = None;
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        if let Some(length) = url_length(rest, before) {
            out.push_str(&rest[..length]);
            before = rest[..length].chars().next_back();
            at += length;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        let next = rest[c.len_utf8()..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let is_mark = match c {
            '\\' => next.is_none_or(|next| next.is_ascii_punctuation()),
            '`' => true,
            '*' => !(is_space(before) && is_space(next)) || Some(at) == start,
            '_' => !(is_word(before) && is_word(next) || is_space(before) && is_space(next)),
            '~' => has_tildes,
            '[' | ']' => has_links,
            '<' => rest.find('>').is_some_and(|end| rest[..end].contains([':', '@'])),
            '&' => is_entity(rest),
            _ => false,
        };
        if is_mark || Some(at) == start {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
        at += c.len_utf8();
    }
}

/// Returns the position of the character that would begin a block, if the line has one.
fn start_to_escape(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let is_ended = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    match first {
        '>' => Some(0),
        '#' => {
            let rest = line.trim_start_matches('#');
            (line.len() - rest.len() <= 6 && is_ended(rest)).then_some(0)
        }
        '-' | '+' | '*' | '_' | '=' | '|' | ':' => {
            let is_rule = line.chars().all(|c| "-*_=|: \t".contains(c)) && line.len() > 1;
            let is_item = "-+*".contains(first) && is_ended(&line[1..]);
            (is_rule || is_item || first == '|').then_some(0)
        }
        '0'..='9' => {
            let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let rest = &line[digits..];
            (digits <= 9 && rest.starts_with(['.', ')']) && is_ended(&rest[1..])).then_some(digits)
        }
        _ => None,
    }
}

fn is_entity(text: &str) -> bool {
    let end = text[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    end.is_some_and(|end| end > 0 && text[1 + end..].starts_with(';'))
}

/// Returns the length of the URL at the beginning of a text, if there is one.
fn url_length(text: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(char::is_alphanumeric) || !text.starts_with(['h', 'w', 'f']) {
        return None;
    }
    let begins =
        ["http://", "https://", "www.", "ftp://"].iter().any(|start| text.starts_with(start));
    let end = text.find(|c: char| c.is_whitespace() || c == '<' || c == '>').unwrap_or(text.len());
    let shown = text[..end]
        .trim_end_matches(['*', '_', '~', '`', '.', ',', ')', ']', '!', '?', ':', ';', '\'', '"']);
    begins.then_some(shown.len()).filter(|length| *length > 4)
}

/// Puts a delimiter around each line of Markdown, inside of leading and trailing spaces.
pub fn marked(mark: &str, markdown: &str) -> String {
    let mark_line = |line: &str| {
        let inner = line.trim();
        if inner.is_empty() {
            return line.to_owned();
        }
        let start = line.len() - line.trim_start().len();
        let (before, after) = (&line[..start], &line[start + inner.len()..]);
        format!("{before}{mark}{inner}{mark}{after}")
    };
    markdown.split('\n').map(mark_line).collect::<Vec<_>>().join("\n")
}

/// Returns text as inline code, or as a code block if it has several lines.
pub fn code(text: &str) -> String {
    if text.contains('\n') {
        return block(text, "");
    }
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let has_edge = text.starts_with('`') || text.ends_with('`');
    let space = if has_edge || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Returns text as a code block.
pub fn block(text: &str, language: &str) -> String {
    let fence = "`".repeat((longest_run(text, '`') + 1).max(3));
    let language: String =
        language.chars().filter(|c| c.is_alphanumeric() || "+-#.".contains(*c)).collect();
    let text = text.strip_prefix('\n').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    format!("{fence}{language}\n{text}\n{fence}")
}

fn longest_run(text: &str, character: char) -> usize {
    text.split(|c| c != character).map(str::len).max().unwrap_or(0)
}

/// Returns a link whose text is Markdown.
pub fn link(markdown: &str, url: &str) -> String {
    let (text, url) = (markdown.trim(), url.trim());
    if url.is_empty() || url.contains(['\n', '<', '>']) {
        return format!("{text} {}", escaped(url)).trim().to_owned();
    }
    if text.is_empty() || text == url || text == escaped(url) {
        return url.to_owned();
    }
    let text = text.replace('\n', " ");
    if url.contains([' ', '(', ')']) {
        return format!("[{text}](<{url}>)");
    }
    format!("[{text}]({url})")
}

/// Returns Markdown as a quote.
pub fn quoted(markdown: &str) -> String {
    let lines = markdown.split('\n').map(|line| format!("> {line}").trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Applies `change` to all parts of Markdown that are not code.
pub fn outside_code(markdown: &str, change: &dyn Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(start) = rest.find('`') {
        let length = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = &rest[start..start + length];
        let after = &rest[start + length..];
        let Some(end) = after.find(fence) else { break };
        out.push_str(&change(&rest[..start]));
        out.push_str(&rest[start..start + length + end + length]);
        rest = &after[end + length..];
    }
    out + &change(rest)
}

/// Returns the body with a line for the name of each file that is not attached.
pub fn with_files(body: &str, files: &[&str]) -> String {
    let mut body = body.to_owned();
    for file in files {
        let name: String =
            file.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect();
        let newline = if body.is_empty() { "" } else { "\n" };
        let _ = write!(body, "{newline}{FILE_MARK}{}", escaped(name.trim()));
    }
    body
}

/// Returns a text with the lines that [`with_files`] added to another one, instead of its own.
pub fn with_file_lines_of(body: &str, other: &str) -> String {
    let mut body = without_files(body);
    for line in other.split('\n').filter(|line| line.starts_with(FILE_MARK)) {
        let newline = if body.is_empty() { "" } else { "\n" };
        let _ = write!(body, "{newline}{line}");
    }
    body
}

/// Returns a text without the lines that [`with_files`] adds.
pub fn without_files(body: &str) -> String {
    let lines = body.split('\n').filter(|line| !line.starts_with(FILE_MARK));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_markup::{Block, Inline};

    #[test]
    fn plain_text_is_displayed_as_it_was_written() {
        for text in [
            "2 * 3 * 4",
            "*a* _b_ `c` ~~d~~ [x](y) <a:b> &amp; \\* a\\",
            "# no heading\n> no quote\n- no item\n1. no item\n---\na\n===\n| a |\n|---|",
            "snake_case and __init__ and a_b_",
            "see https://example.org/a_b_c*d*?x=*y*, *now*",
            "<nick> said <b>hi</b>",
            "```\nx\n```\n~~~",
            "   indented\n\n\nfar",
            "C:\\dir\\*.txt",
            "+1\n+ 1\n* \n-",
        ] {
            assert_eq!(shown(&escaped(text)), words(text), "{text:?}: {}", escaped(text));
        }
        assert_eq!(escaped("a_b it's 100%, 2 * 3 (ok) #5 -1"), "a_b it's 100%, 2 * 3 (ok) #5 -1");
    }

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    /// Returns the words of a text as the client displays it. Fails if any of it has formatting.
    fn shown(markdown: &str) -> Vec<String> {
        let Some(blocks) = parlour_markup::parse(markdown) else { return words(markdown) };
        let mut text = String::new();
        for block in &blocks {
            let Block::Paragraph { children } = block else { panic!("{block:?}") };
            for inline in children {
                match inline {
                    Inline::Text { text: part } => text.push_str(part),
                    Inline::Link { children, .. } => match &children[..] {
                        [Inline::Text { text: part }] => text.push_str(part),
                        other => panic!("{other:?}"),
                    },
                    other => panic!("{other:?} in {markdown:?}"),
                }
            }
            text.push('\n');
        }
        words(&text)
    }

    #[test]
    fn delimiters_are_placed_so_that_they_are_parsed() {
        assert_eq!(marked("**", " a b \nc"), " **a b** \n**c**");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("a\nb"), "```\na\nb\n```");
        assert_eq!(link("a", "https://x.org/(y)"), "[a](<https://x.org/(y)>)");
        assert_eq!(link("https://x.org", "https://x.org"), "https://x.org");
        assert_eq!(with_files("a", &["b_c.png"]), "a\n📎 b_c.png");
        for body in ["", "a", "a\nb"] {
            assert_eq!(without_files(&with_files(body, &["b_c.png", "x"])), body);
        }
    }
}
