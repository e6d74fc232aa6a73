//! Whether a text has anything to parse.

/// Whether a text has what may be a sign. Most have not, and are not parsed: what this misses is not seen.
/// One sign alone is a sign ("2 * 3").
pub(crate) fn any_in(body: &str) -> bool {
    // One look at every byte: what a text does not have at all is not looked for.
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

/// Whether an underscore may begin an emphasis, which none in a word does: `snake_case` is a word.
fn underlines(body: &str) -> bool {
    body.matches('_').nth(1).is_some()
        && body
            .match_indices('_')
            .any(|(at, _)| !body[..at].chars().next_back().is_some_and(char::is_alphanumeric))
}

/// Whether a backslash stands before what it takes the meaning of.
fn escapes(body: &str) -> bool {
    body.match_indices('\\').any(|(at, _)| {
        let next = body.as_bytes().get(at + 1);
        next.is_some_and(|byte| byte.is_ascii_punctuation() || *byte == b'\n')
    })
}

/// Whether a link or an address may stand in angle brackets.
fn brackets(body: &str) -> bool {
    body.match_indices('<').any(|(at, _)| {
        let inside = &body[at + 1..];
        let end = inside.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'));
        end.is_some_and(|end| inside[end..].starts_with('>') && inside[..end].contains([':', '@']))
    })
}

/// Whether an at sign may be of an address: somebody stands before it.
fn addresses(body: &str) -> bool {
    body.match_indices('@').any(|(at, _)| {
        let before = body[..at].chars().next_back();
        before.is_some_and(|c| c.is_ascii_alphanumeric() || "_.+-".contains(c))
    })
}

/// Whether a line begins with what makes a block; below another one an empty line does too, and what makes the
/// line above it a table's first.
fn begins(line: &str, is_below: bool) -> bool {
    let line = line.trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with(['-', '#', '>', '+', '*', '_', '~'])
        || (digits.len() < line.len() && digits.starts_with(['.', ')']))
        || (is_below && (line.is_empty() || line.starts_with(['|', ':'])))
}

/// Whether some line is nested deeper than this: the parser looks at all of it for each.
pub(crate) fn are_nested_in(body: &str, deepest: usize) -> bool {
    body.split('\n').any(|line| markers(line).nth(deepest).is_some())
}

/// What a line begins with that puts it into a quote or a list.
fn markers(line: &str) -> impl Iterator<Item = ()> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let line = rest.trim_start();
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        rest = match line.strip_prefix(['>', '-', '+', '*']) {
            Some(after) => after,
            None if digits.len() < line.len() => digits.strip_prefix(['.', ')'])?,
            None => return None,
        };
        Some(())
    })
}
