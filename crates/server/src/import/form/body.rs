//! References to people in a text. Their names on this server are only known when the text is stored.

/// Delimiters around a person's key in a text: private-use characters of Unicode.
const OPEN: char = '\u{fdd3}';
const CLOSE: char = '\u{fdd4}';

/// Returns the reference to a person in a text.
pub fn person(key: &str) -> String {
    format!("{OPEN}{key}{CLOSE}")
}

/// Removes from a text what could be taken for such a reference.
pub fn without_marks(text: &str) -> String {
    text.replace([OPEN, CLOSE], "\u{fffd}")
}

/// Returns the keys of the people to whom a text refers.
pub fn people(text: &str) -> impl Iterator<Item = &str> {
    text.split(OPEN).skip(1).filter_map(|rest| rest.split_once(CLOSE).map(|(key, _)| key))
}

/// Returns the text with each reference replaced by the name that `name` returns.
pub fn named(text: &str, mut name: impl FnMut(&str) -> String) -> String {
    let mut named = String::with_capacity(text.len());
    let mut pieces = text.split(OPEN);
    named.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        match piece.split_once(CLOSE) {
            Some((key, rest)) => {
                named.push_str(&name(key));
                named.push_str(rest);
            }
            None => named.push_str(piece),
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_found_and_named() {
        let text = format!("hi {} and {}!", person("U1"), person("U2"));
        assert_eq!(people(&text).collect::<Vec<_>>(), ["U1", "U2"]);
        assert_eq!(named(&text, |key| format!("@{key}")), "hi @U1 and @U2!");
        assert_eq!(named("a\u{fdd3}b", |_| unreachable!()), "ab");
    }
}
