//! References to people in a text. Their names on this server are only known when the text is stored.

/// Delimiters around a person's key in a text: private-use characters of Unicode.
const OPEN: char = '\u{fdd3}';
const CLOSE: char = '\u{fdd4}';

/// Returns the reference to a person in a text.
pub fn person(key: &str) -> String {
    format!("{OPEN}{key}{CLOSE}")
}

/// Replaces delimiters in a text, so that nothing in it is taken for such a reference.
pub fn without_marks(text: &str) -> String {
    text.replace([OPEN, CLOSE], "\u{fffd}")
}

/// Returns the keys of the people to whom a text refers.
pub fn people(text: &str) -> impl Iterator<Item = &str> {
    text.split(OPEN).skip(1).filter_map(|rest| rest.split_once(CLOSE).map(|(key, _)| key))
}

/// Returns the text with each reference replaced by the name that `name` returns.
pub fn with_names(text: &str, mut name: impl FnMut(&str) -> String) -> String {
    let mut with_names = String::with_capacity(text.len());
    let mut parts = text.split(OPEN);
    with_names.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once(CLOSE) {
            Some((key, rest)) => {
                with_names.push_str(&name(key));
                with_names.push_str(rest);
            }
            None => with_names.push_str(part),
        }
    }
    with_names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_and_replaced() {
        let text = format!("hi {} and {}!", person("U1"), person("U2"));
        assert_eq!(people(&text).collect::<Vec<_>>(), ["U1", "U2"]);
        assert_eq!(with_names(&text, |key| format!("@{key}")), "hi @U1 and @U2!");
        assert_eq!(with_names("a\u{fdd3}b", |_| unreachable!()), "ab");
    }
}
