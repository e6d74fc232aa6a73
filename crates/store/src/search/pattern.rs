//! The patterns that a query searches for in a message's text.

use crate::index::terms::TERM_CHARS;
use parlour_protocol::fold::{Folded, TokenKind};

/// A word of the index, or a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub word: String,
    pub is_prefix: bool,
}

/// A range of bytes of a folded text.
pub(crate) type Span = (usize, usize);

/// Something that a message's text can contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// A word, or a prefix of one. Every message with its term matches.
    Word(Term),
    /// Literal text, including the punctuation in it: an identifier, an address, words of a script
    /// without spaces.
    Text { text: String, is_prefix: bool },
    /// Several consecutive words, with any characters between them.
    Phrase(Vec<String>),
}

impl Pattern {
    /// Returns the pattern for a word that was typed between spaces, without the punctuation around
    /// it. `None` if nothing is left.
    pub fn word(typed: &str, is_prefix: bool) -> Option<Self> {
        let (typed, has_star) = match typed.strip_suffix('*') {
            Some(stem) if stem.chars().any(char::is_alphanumeric) => (stem, true),
            _ => (typed, false),
        };
        let folded = Folded::new(typed);
        let text = folded.text.trim_start_matches(['(', '[', '{', '"', '\'', '«', '¿', '¡']);
        const PUNCTUATION: [char; 16] =
            [')', ']', '}', '"', '\'', '»', '.', ',', ';', ':', '!', '?', '。', '、', '？', '！'];
        let inner = text.trim_end_matches(PUNCTUATION);
        // Trailing punctuation was removed: what precedes it is a complete word.
        let is_prefix = has_star || (is_prefix && inner.len() == text.len());
        let text = if inner.is_empty() { text } else { inner };
        let inner = Folded::new(text);
        match inner.tokens[..] {
            _ if text.is_empty() => None,
            [token] if token.kind == TokenKind::Word && inner.word(&token) == text => {
                Some(if text.chars().count() > TERM_CHARS {
                    Self::Text { text: text.into(), is_prefix }
                } else {
                    Self::Word(Term { word: text.into(), is_prefix })
                })
            }
            _ => Some(Self::Text { text: text.into(), is_prefix }),
        }
    }

    /// Returns the pattern for a quoted part of the query. Without a space, it is one complete word.
    pub fn phrase(typed: &str) -> Option<Self> {
        let folded = Folded::new(typed);
        let words: Vec<String> =
            folded.tokens.iter().map(|token| folded.word(token).to_owned()).collect();
        if words.len() < 2 || !typed.trim().contains(char::is_whitespace) {
            return Self::word(typed.trim(), false);
        }
        Some(Self::Phrase(words))
    }

    /// Returns whether every message with the pattern's terms matches it.
    pub fn is_in_index(&self) -> bool {
        matches!(self, Self::Word(_))
    }

    /// Returns terms that every matching message has; none if the pattern consists of punctuation
    /// only.
    pub fn terms(&self) -> Vec<Term> {
        match self {
            Self::Word(term) => vec![term.clone()],
            Self::Text { text, is_prefix } => terms(&Folded::new(text), *is_prefix),
            Self::Phrase(words) => {
                words.iter().flat_map(|word| terms(&Folded::new(word), false)).collect()
            }
        }
    }

    /// Returns whether a match is a complete word, and not only its prefix.
    pub fn is_whole_word(&self, folded: &Folded, (start, end): Span) -> bool {
        match self {
            Self::Word(term) => folded.text[start..end] == term.word,
            Self::Text { .. } | Self::Phrase(_) => folded.ends(end),
        }
    }

    /// Returns the matches in a text, in order; empty if it does not match.
    pub fn find(&self, folded: &Folded) -> Vec<Span> {
        match self {
            Self::Word(term) => find_word(term, folded),
            Self::Text { text, is_prefix } => find_text(text, *is_prefix, folded),
            Self::Phrase(words) => find_phrase(words, folded),
        }
    }
}

fn terms(folded: &Folded, is_prefix: bool) -> Vec<Term> {
    let tokens = &folded.tokens;
    let mut terms = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let ends = token.end == folded.text.len();
        let next = tokens.get(index + 1);
        let next = next.filter(|next| next.kind == TokenKind::Dense && next.start == token.end);
        let follows = |before: &parlour_protocol::fold::Token| {
            before.kind == TokenKind::Dense && before.end == token.start
        };
        let term = match token.kind {
            TokenKind::Word => {
                let word: String = folded.word(token).chars().take(TERM_CHARS).collect();
                Term { word, is_prefix: is_prefix && ends }
            }
            TokenKind::Sign => Term { word: folded.word(token).into(), is_prefix: false },
            TokenKind::Dense => match next {
                Some(next) => {
                    Term { word: folded.text[token.start..next.end].into(), is_prefix: false }
                }
                // The character is in the term of the previous pair.
                None if index > 0 && follows(&tokens[index - 1]) => continue,
                None => Term { word: folded.word(token).into(), is_prefix: true },
            },
        };
        terms.push(term);
    }
    terms
}

fn find_word(term: &Term, folded: &Folded) -> Vec<Span> {
    let matches = |word: &str| {
        if term.is_prefix { word.starts_with(&term.word) } else { word == term.word }
    };
    let mut spans = Vec::new();
    for token in folded.tokens.iter().filter(|token| token.kind == TokenKind::Word) {
        let parts = folded.parts_of(token).into_iter();
        let pieces = parts.flat_map(|(start, end)| [(start, end), (start, token.end)]);
        let mut pieces = [(token.start, token.end)].into_iter().chain(pieces);
        let found = pieces.find(|(start, end)| matches(&folded.text[*start..*end]));
        spans.extend(found);
    }
    spans
}

fn find_text(text: &str, is_prefix: bool, folded: &Folded) -> Vec<Span> {
    let is_word = |c: Option<char>| {
        c.is_some_and(|c| {
            Folded::new(c.encode_utf8(&mut [0; 4]))
                .tokens
                .first()
                .is_some_and(|token| token.kind == TokenKind::Word)
        })
    };
    let (begins, ends) = (is_word(text.chars().next()), is_word(text.chars().next_back()));
    let found = folded.text.match_indices(text).map(|(start, _)| (start, start + text.len()));
    found
        .filter(|(start, _)| !begins || folded.begins(*start))
        .filter(|(_, end)| !ends || is_prefix || folded.ends(*end))
        .collect()
}

fn find_phrase(words: &[String], folded: &Folded) -> Vec<Span> {
    let runs = folded.tokens.windows(words.len());
    runs.filter(|run| run.iter().zip(words).all(|(token, word)| folded.word(token) == word))
        .filter_map(|run| Some((run.first()?.start, run.last()?.end)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(body: &str, pattern: Option<Pattern>) -> bool {
        !pattern.expect("a pattern").find(&Folded::new(body)).is_empty()
    }

    #[test]
    fn a_typed_word_matches_its_occurrences() {
        let exact = |typed| Pattern::word(typed, false);
        assert!(matches("set MVM_SPESH_DISABLE=1", exact("MVM_SPESH_DISABLE")));
        assert!(!matches("set MVM_SPESH_DISABLED", exact("MVM_SPESH_DISABLE")));
        assert!(
            matches("call foo->bar()", exact("foo->bar")) && !matches("foo bar", exact("foo->bar"))
        );
        assert!(
            matches("Foo::Bar::Baz", exact("foo::bar")) && matches("XFoo::Bar", exact("Foo::Bar"))
        );
        assert!(
            matches("run with --profile", exact("--profile"))
                && !matches("a profile", exact("--profile"))
        );
        assert!(
            matches("at 10.0.0.17:80", exact("10.0.0.17"))
                && !matches("10.0.0.170", exact("10.0.0.17"))
        );
        assert!(matches("I like C++.", exact("c++")) && matches("(hello)", exact("hello,")));
        assert!(matches("東京都に住む", exact("京都")) && !matches("京の都", exact("京都")));
        assert!(matches("mail wren@example.org!", exact("wren@example.org")));
        assert!(matches("since v2024.10-3", exact("2024.10")) && matches("v1.2.3", exact("v1.2")));
    }

    #[test]
    fn a_prefix_matches_a_word_or_a_part_of_one() {
        assert!(matches("the specializer", Pattern::word("spec", true)));
        assert!(matches("parseHTTPBody", Pattern::word("bod", true)));
        assert!(!matches("unspecific", Pattern::word("spec", true)));
        assert!(matches("the specializer", Pattern::word("spec*", false)));
        assert!(matches("foo->barber", Pattern::word("foo->bar", true)));
    }

    #[test]
    fn a_phrase_matches_consecutive_words_with_any_punctuation() {
        assert!(matches("an inline, Cache!", Pattern::phrase("inline cache")));
        assert!(!matches("inline the cache", Pattern::phrase("inline cache")));
        assert!(matches("a -> b", Pattern::phrase("->")));
        assert!(
            matches("cc -O2", Pattern::phrase("-O2")) && !matches("an o2", Pattern::phrase("-O2"))
        );
    }

    #[test]
    fn every_matching_message_has_the_terms() {
        let words = |pattern: Option<Pattern>| {
            let terms = pattern.expect("a pattern").terms().into_iter();
            terms.map(|term| term.word + if term.is_prefix { "*" } else { "" }).collect::<Vec<_>>()
        };
        assert_eq!(words(Pattern::word("foo->ba", true)), ["foo", "ba*"]);
        assert_eq!(words(Pattern::word("東京都", true)), ["東京", "京都"]);
        assert_eq!(words(Pattern::word("京", false)), ["京*"]);
        assert_eq!(words(Pattern::phrase("a 東京")), ["a", "東*", "京*"]);
        assert_eq!(words(Pattern::word("::", false)), [""; 0]);
    }
}
