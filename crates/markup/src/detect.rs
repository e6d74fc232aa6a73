//! Detects whether a text has any markup to parse.

/// Returns whether a text may contain markup. Most texts do not, and are not parsed: markup that
/// this function misses is not recognized. A single character of a pair is not markup ("2 * 3").
pub(crate) fn has_markup(body: &str) -> bool {
    // Reads every byte once, so that characters which do not occur need no search.
    let mut occurs = [false; 256];
    body.bytes().for_each(|byte| occurs[usize::from(byte)] = true);
    let contains = |c: u8| occurs[usize::from(c)];
    let occurs_twice = |c: char| body.matches(c).nth(1).is_some();
    contains(b'`') && occurs_twice('`')
        || contains(b'*') && occurs_twice('*')
        || contains(b'~') && body.contains("~~")
        || contains(b'_') && has_emphasis_underscore(body)
        || contains(b']') && body.contains("](")
        || contains(b'\\') && has_escape(body)
        || contains(b'>') && contains(b'<') && has_bracketed_link(body)
        || contains(b'&') && contains(b';')
        || contains(b'/') && body.contains("://")
        || contains(b'w') && body.contains("www.")
        || contains(b'@') && has_address(body)
        || body.split('\n').enumerate().any(|(position, line)| starts_block(line, position > 0))
}

/// Returns whether an underscore may start an emphasis. One inside a word does not: `snake_case` is
/// a word.
fn has_emphasis_underscore(body: &str) -> bool {
    body.matches('_').nth(1).is_some()
        && body.match_indices('_').any(|(position, _)| {
            !body[..position].chars().next_back().is_some_and(char::is_alphanumeric)
        })
}

/// Returns whether a backslash precedes a character that it escapes.
fn has_escape(body: &str) -> bool {
    body.match_indices('\\').any(|(position, _)| {
        let next = body.as_bytes().get(position + 1);
        next.is_some_and(|byte| byte.is_ascii_punctuation() || *byte == b'\n')
    })
}

/// Returns whether there may be a link or an address in angle brackets.
fn has_bracketed_link(body: &str) -> bool {
    body.match_indices('<').any(|(position, _)| {
        let inside = &body[position + 1..];
        let end = inside.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        end.is_some_and(|end| inside[end..].starts_with('>') && inside[..end].contains([':', '@']))
    })
}

/// Returns whether an at sign may belong to an address: a name precedes it.
fn has_address(body: &str) -> bool {
    body.match_indices('@').any(|(position, _)| {
        let previous = body[..position].chars().next_back();
        previous.is_some_and(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c))
    })
}

/// Returns whether a line starts with something that makes a block. A line below another one does so, too,
/// if it is empty or makes the line above it the head of a table.
fn starts_block(line: &str, is_below: bool) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '#', '>', '+', '*', '_', '~'])
        || (digits.len() < line.len() && digits.starts_with(['.', ')']))
        || (is_below && (line.is_empty() || line.starts_with(['|', ':'])))
}

/// Returns whether a line is nested more deeply than `max_depth`, because the parser examines all
/// levels again for each line.
pub(crate) fn is_nested_deeper(body: &str, max_depth: usize) -> bool {
    body.split('\n').any(|line| markers(line).nth(max_depth).is_some())
}

/// Returns an item for each marker at the start of a line that puts it into a quote or a list.
fn markers(line: &str) -> impl Iterator<Item = ()> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let line = rest.trim_start();
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let item = || match line.strip_prefix(['-', '+', '*']) {
            Some(after) => Some(after),
            None if digits.len() < line.len() => digits.strip_prefix(['.', ')']),
            None => None,
        };
        // A line of dashes is no list in a list.
        let is_item = |after: &&str| after.is_empty() || after.starts_with(char::is_whitespace);
        rest = match line.strip_prefix('>') {
            Some(after) => after,
            None => item().filter(is_item)?,
        };
        Some(())
    })
}
