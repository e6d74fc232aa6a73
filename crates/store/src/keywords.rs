//! Finds keywords in a text: whole words, in any letter case. In scripts without spaces a keyword may touch other
//! letters.

use parlour_protocol::fold::with_one_sigma;
use parlour_protocol::limits;
use parlour_protocol::text::{is_mark, is_written_without_spaces};

/// The keywords of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keywords(Vec<String>);

impl Keywords {
    /// Parses a stored list; ignores keywords beyond the maximum number or length.
    pub fn parse(stored: &str) -> Self {
        let words: Vec<String> = serde_json::from_str(stored).unwrap_or_default();
        let folded = words.iter().map(|word| fold(word.trim()));
        Self(
            folded
                .filter(|word| !word.is_empty() && word.chars().count() <= limits::KEYWORD_CHARS)
                .take(limits::KEYWORDS)
                .collect(),
        )
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether a text contains one of the keywords as a word.
    pub fn are_in(&self, text: &str) -> bool {
        self.first_in(text).is_some()
    }

    /// Returns the first of the keywords that a text contains as a word.
    pub fn first_in(&self, text: &str) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let text = with_one_sigma(&fold(text));
        let is_contained = |word: &&String| {
            text.match_indices(&with_one_sigma(word))
                .any(|(start, found)| is_whole_word(&text, start, start + found.len()))
        };
        self.0.iter().find(is_contained).map(String::as_str)
    }

    /// Returns the keywords, folded.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Returns a text in lower case, with runs of white space replaced by one space.
fn fold(text: &str) -> String {
    let lower = text.to_lowercase();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns whether a part of a text is not inside a longer word.
fn is_whole_word(text: &str, from: usize, to: usize) -> bool {
    let (before, after) = (text[..from].chars().next_back(), text[to..].chars().next());
    let part = &text[from..to];
    // A mark belongs to the letter before it.
    !after.is_some_and(is_mark)
        && is_word_boundary(part.chars().next(), before)
        && is_word_boundary(part.chars().next_back(), after)
}

/// Returns whether there is a word boundary between two characters. A sign at the end of a keyword, as in `c++`, is
/// one.
fn is_word_boundary(part: Option<char>, outside: Option<char>) -> bool {
    let Some((part, outside)) = part.zip(outside) else { return true };
    let is_separator =
        |c: char| !c.is_alphanumeric() && !is_mark(c) || is_written_without_spaces(c);
    is_separator(part) || is_separator(outside)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn are_in(words: &[&str], text: &str) -> bool {
        Keywords::parse(&serde_json::to_string(words).unwrap()).are_in(text)
    }

    #[test]
    fn a_keyword_is_found_as_a_whole_word() {
        for (word, text, is_in) in [
            ("oak", "the oak, at last", true),
            ("oak", "OAK", true),
            ("Oak", "oak!", true),
            ("oak", "oaks", false),
            ("oak", "soak", false),
            ("oak", "soak the oak", true),
            ("oak", "oak_tree", true),
            ("oak", "oak2", false),
            ("inline cache", "an inline  cache", true),
            ("inline cache", "an inline caches", false),
            ("c++", "c++ and rust", true),
            ("c++", "c++11", true),
            ("c++", "abc++", false),
            ("straße", "Die STRASSE und die Straße", true),
            ("ΟΔΟΣ", "η οδός και η οδος", true),
            ("οδος", "ΟΔΟΣ, οδοσ", true),
            ("οδοσ", "οδος", true),
            ("дуб", "дубы", false),
            ("дуб", "Дуб.", true),
            ("cafe", "cafe\u{301}", false),
        ] {
            assert_eq!(are_in(&[word], text), is_in, "{word:?} in {text:?}");
        }
    }

    #[test]
    fn in_scripts_without_spaces_a_keyword_touches_other_letters() {
        for (word, text) in [
            ("会議", "明日の会議は中止です"),
            ("东京", "我在东京工作"),
            ("ประชุม", "วันนี้ประชุมตอนบ่าย"),
            ("회의", "회의는 내일"),
            ("rust", "私はrustが好き"),
        ] {
            assert!(are_in(&[word], text), "{word:?} in {text:?}");
        }
    }

    #[test]
    fn an_invalid_list_and_empty_words_find_nothing() {
        for stored in ["", "no list", "[1]", r#"["", "  "]"#] {
            assert_eq!(Keywords::parse(stored), Keywords::default(), "{stored:?}");
        }
        let long = "x".repeat(limits::KEYWORD_CHARS + 1);
        assert!(!are_in(&[&long], &long));
        let words: Vec<String> = (0..10_000).map(|n| format!("word{n}")).collect();
        assert_eq!(
            Keywords::parse(&serde_json::to_string(&words).unwrap()).0.len(),
            limits::KEYWORDS
        );
    }
}
