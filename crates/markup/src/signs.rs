//! Whether a text has anything to parse, and whether parsing it would take too long.

/// How deep quotes in quotes and lists in lists go; beyond, they are shown as they were written.
const DEEPEST: usize = 12;
/// Signs whose cost grows with each other's number: more of them than this are shown as they were written.
const MOST: usize = 600;

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

/// Whether some line is nested deeper than people nest.
pub(crate) fn are_nested_in(body: &str) -> bool {
    body.split('\n').any(|line| markers(line).nth(DEEPEST - 1).is_some())
}

/// What a line begins with that puts it into a quote or a list: where each ends.
fn markers(line: &str) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = line[at..].trim_start();
        let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = match rest.strip_prefix(['>', '-', '+', '*']) {
            Some(after) => after,
            None if digits.len() < rest.len() => digits.strip_prefix(['.', ')'])?,
            None => return None,
        };
        at = line.len() - after.len();
        Some(at)
    })
}

/// Runs of signs for emphasis.
fn runs(line: &str) -> usize {
    let is_sign = |byte: &u8| matches!(byte, b'*' | b'_');
    line.as_bytes().chunk_by(|a, b| is_sign(a) == is_sign(b)).filter(|run| is_sign(&run[0])).count()
}

/// Whether there are more signs outside code than people write.
pub(crate) fn are_too_many_in(body: &str) -> bool {
    if body.len() <= MOST {
        return false;
    }
    let (mut count, mut in_code, mut is_code) = (0, 0, false);
    for line in body.split('\n') {
        let is_fence = line.trim_start_matches(' ').starts_with("```");
        if is_fence {
            is_code = !is_code;
            in_code = 0;
            continue;
        }
        let signs = runs(line) + line.matches(['|', '[']).count() + markers(line).count();
        if is_code { in_code += signs } else { count += signs }
    }
    // Code that does not end may be none.
    count + in_code > MOST
}
