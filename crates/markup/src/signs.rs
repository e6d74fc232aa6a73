//! Detects whether a text has any markup to parse.

/// Returns whether a text may contain markup. Most texts do not, and are not parsed: markup that
/// this function misses is not recognized. A single sign of those that come in pairs is no markup
/// ("2 * 3").
pub(crate) fn any_in(body: &str) -> bool {
    // Looks at every byte once, so that signs which do not occur need no search.
    let mut there = [false; 256];
    body.bytes().for_each(|byte| there[usize::from(byte)] = true);
    let has = |sign: u8| there[usize::from(sign)];
    let twice = |sign: char| body.matches(sign).nth(1).is_some();
    has(b'`') && twice('`')
        || has(b'*') && twice('*')
        || has(b'~') && body.contains("~~")
        || has(b'_') && underlines(body)
        || has(b']') && body.contains("](")
        || has(b'\\') && escapes(body)
        || has(b'>') && has(b'<') && brackets(body)
        || has(b'&') && has(b';')
        || has(b'/') && body.contains("://")
        || has(b'w') && body.contains("www.")
        || has(b'@') && addresses(body)
        || body.split('\n').enumerate().any(|(at, line)| begins(line, at > 0))
}

/// Returns whether an underscore may start an emphasis. One inside a word does not: `snake_case` is
/// a word.
fn underlines(body: &str) -> bool {
    body.matches('_').nth(1).is_some()
        && body
            .match_indices('_')
            .any(|(at, _)| !body[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Returns whether a backslash precedes a character that it escapes.
fn escapes(body: &str) -> bool {
    body.match_indices('\\').any(|(at, _)| {
        let next = body.as_bytes().get(at + 1);
        next.is_some_and(|byte| byte.is_ascii_punctuation() || *byte == b'\n')
    })
}

/// Returns whether there may be a link or an address in angle brackets.
fn brackets(body: &str) -> bool {
    body.match_indices('<').any(|(at, _)| {
        let inside = &body[at + 1..];
        let end = inside.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        end.is_some_and(|end| inside[end..].starts_with('>') && inside[..end].contains([':', '@']))
    })
}

/// Returns whether an at sign may belong to an address: a name precedes it.
fn addresses(body: &str) -> bool {
    body.match_indices('@').any(|(at, _)| {
        let before = body[..at].chars().next_back();
        before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c))
    })
}

/// Returns whether a line starts with something that makes a block. A line below another one does
/// so, too, if it is empty or if it makes the line above a table's first one.
fn begins(line: &str, is_below: bool) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '#', '>', '+', '*', '_', '~'])
        || (digits.len() < line.len() && digits.starts_with(['.', ')']))
        || (is_below && (line.is_empty() || line.starts_with(['|', ':'])))
}

/// Returns whether a line is nested more deeply than `deepest`, because the parser examines all
/// levels again for each line.
pub(crate) fn are_nested_in(body: &str, deepest: usize) -> bool {
    body.split('\n').any(|line| markers(line).nth(deepest).is_some())
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
