//! Finds the position after damaged JSON at which reading can continue.

/// Returns where the next element of a list seems to begin in `raw`, after its first byte: at the beginning of a line
/// with the same indentation as the others, or after a comma and with the same first key.
pub fn next_start(raw: &[u8], indent: Option<&[u8]>, prefix: Option<&[u8]>) -> Option<usize> {
    let by_line = indent.and_then(|indent| {
        let pattern = [b"\n", indent, b"{"].concat();
        find(raw, &pattern, 1).map(|at| at + pattern.len() - 1)
    });
    if by_line.is_some() || indent.is_some() {
        return by_line;
    }
    let first_key = || {
        let colon = raw.iter().take(64).position(|byte| *byte == b':')?;
        Some(raw[..colon].to_vec())
    };
    let prefix = prefix.map(<[u8]>::to_vec).or_else(first_key).filter(|prefix| prefix.len() > 1)?;
    let mut from = 1;
    while let Some(at) = find(raw, &prefix, from) {
        let before = raw[..at].iter().rev().find(|byte| !byte.is_ascii_whitespace());
        if before == Some(&b',') {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let found = haystack.get(from..)?.windows(needle.len()).position(|window| window == needle);
    found.map(|at| at + from)
}
