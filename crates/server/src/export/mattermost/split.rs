//! Texts that are too long for one post.

/// Longest text of a post, in characters.
const POST_CHARS: usize = 16_383;

/// Splits a text into parts that Mattermost accepts, at the ends of lines where possible. Returns at least one.
pub fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((end, _)) = rest.char_indices().nth(POST_CHARS) {
        let end = rest[..end].rfind('\n').filter(|at| *at > 0).unwrap_or(end);
        parts.push(&rest[..end]);
        rest = rest[end..].strip_prefix('\n').unwrap_or(&rest[end..]);
    }
    parts.push(rest);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_split_at_lines_and_nothing_is_lost() {
        assert_eq!(parts(""), [""]);
        assert_eq!(parts("short\ntext"), ["short\ntext"]);
        let line = "ü".repeat(10_000);
        assert_eq!(parts(&format!("{line}\n{line}")), [line.as_str(), &line]);
        let long = "ü".repeat(40_000);
        let split = parts(&long);
        assert!(split.len() == 3 && split.concat() == long);
        assert!(split.iter().all(|part| part.chars().count() <= POST_CHARS));
    }
}
