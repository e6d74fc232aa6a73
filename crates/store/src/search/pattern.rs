//! The patterns that a query searches for in a message's text.

use crate::index::fold::{Folded, Kind};
use crate::index::terms::TERM_CHARS;

/// A word of the index, or a prefix of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub word: String,
    pub is_beginning: bool,
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
    Text { text: String, is_beginning: bool },
    /// Several consecutive words, whatever stands between them.
    Phrase(Vec<String>),
}

impl Pattern {
    /// Returns the pattern for a word that was typed between spaces, without the punctuation around
    /// it. `None` if nothing is left.
    pub fn word(typed: &str, is_beginning: bool) -> Option<Self> {
        let (typed, starred) = match typed.strip_suffix('*') {
            Some(stem) if stem.chars().any(char::is_alphanumeric) => (stem, true),
            _ => (typed, false),
        };
        let folded = Folded::new(typed);
        let text = folded.text.trim_start_matches(['(', '[', '{', '"', '\'', '«', '¿', '¡']);
        let around =
            [')', ']', '}', '"', '\'', '»', '.', ',', ';', ':', '!', '?', '。', '、', '？', '！'];
        let inner = text.trim_end_matches(around);
        // Trailing punctuation was removed: what precedes it is a complete word.
        let is_beginning = starred || (is_beginning && inner.len() == text.len());
        let text = if inner.is_empty() { text } else { inner };
        let inner = Folded::new(text);
        match inner.tokens[..] {
            _ if text.is_empty() => None,
            [token] if token.kind == Kind::Word && inner.word(&token) == text => {
                Some(if text.chars().count() > TERM_CHARS {
                    Self::Text { text: text.into(), is_beginning }
                } else {
                    Self::Word(Term { word: text.into(), is_beginning })
                })
            }
            _ => Some(Self::Text { text: text.into(), is_beginning }),
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
            Self::Text { text, is_beginning } => terms(&Folded::new(text), *is_beginning),
            Self::Phrase(words) => {
                words.iter().flat_map(|word| terms(&Folded::new(word), false)).collect()
            }
        }
    }

    /// Returns whether a match is a complete word, and not only its prefix.
    pub fn is_whole(&self, folded: &Folded, (start, end): Span) -> bool {
        match self {
            Self::Word(term) => folded.text[start..end] == term.word,
            Self::Text { .. } | Self::Phrase(_) => folded.ends(end),
        }
    }

    /// Returns the matches in a text, in order; empty if it does not match.
    pub fn find(&self, folded: &Folded) -> Vec<Span> {
        match self {
            Self::Word(term) => find_word(term, folded),
            Self::Text { text, is_beginning } => find_text(text, *is_beginning, folded),
            Self::Phrase(words) => find_phrase(words, folded),
        }
    }
}

fn terms(folded: &Folded, is_beginning: bool) -> Vec<Term> {
    let tokens = &folded.tokens;
    let mut terms = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let ends = token.end == folded.text.len();
        let next = tokens.get(index + 1);
        let next = next.filter(|next| next.kind == Kind::Dense && next.start == token.end);
        let follows = |before: &crate::index::fold::Token| {
            before.kind == Kind::Dense && before.end == token.start
        };
        let term = match token.kind {
            Kind::Word => {
                let word: String = folded.word(token).chars().take(TERM_CHARS).collect();
                Term { word, is_beginning: is_beginning && ends }
            }
            Kind::Sign => Term { word: folded.word(token).into(), is_beginning: false },
            Kind::Dense => match next {
                Some(next) => {
                    Term { word: folded.text[token.start..next.end].into(), is_beginning: false }
                }
                // The character is in the term of the previous pair.
                None if index > 0 && follows(&tokens[index - 1]) => continue,
                None => Term { word: folded.word(token).into(), is_beginning: true },
            },
        };
        terms.push(term);
    }
    terms
}

fn find_word(term: &Term, folded: &Folded) -> Vec<Span> {
    let is_it = |word: &str| {
        if term.is_beginning { word.starts_with(&term.word) } else { word == term.word }
    };
    let mut spans = Vec::new();
    for token in folded.tokens.iter().filter(|token| token.kind == Kind::Word) {
        let parts = folded.parts_of(token).into_iter();
        let pieces = parts.flat_map(|(start, end)| [(start, end), (start, token.end)]);
        let mut pieces = [(token.start, token.end)].into_iter().chain(pieces);
        let found = pieces.find(|(start, end)| is_it(&folded.text[*start..*end]));
        spans.extend(found);
    }
    spans
}

fn find_text(text: &str, is_beginning: bool, folded: &Folded) -> Vec<Span> {
    let is_word = |c: Option<char>| {
        c.is_some_and(|c| {
            Folded::new(c.encode_utf8(&mut [0; 4]))
                .tokens
                .first()
                .is_some_and(|token| token.kind == Kind::Word)
        })
    };
    let (begins, ends) = (is_word(text.chars().next()), is_word(text.chars().next_back()));
    let found = folded.text.match_indices(text).map(|(at, _)| (at, at + text.len()));
    found
        .filter(|(start, _)| !begins || folded.begins(*start))
        .filter(|(_, end)| !ends || is_beginning || folded.ends(*end))
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

    fn says(body: &str, pattern: Option<Pattern>) -> bool {
        !pattern.expect("a pattern").find(&Folded::new(body)).is_empty()
    }

    #[test]
    fn a_typed_word_matches_its_occurrences() {
        let exact = |typed| Pattern::word(typed, false);
        assert!(says("set MVM_SPESH_DISABLE=1", exact("MVM_SPESH_DISABLE")));
        assert!(!says("set MVM_SPESH_DISABLED", exact("MVM_SPESH_DISABLE")));
        assert!(says("call foo->bar()", exact("foo->bar")) && !says("foo bar", exact("foo->bar")));
        assert!(says("Foo::Bar::Baz", exact("foo::bar")) && says("XFoo::Bar", exact("Foo::Bar")));
        assert!(
            says("run with --profile", exact("--profile"))
                && !says("a profile", exact("--profile"))
        );
        assert!(
            says("at 10.0.0.17:80", exact("10.0.0.17")) && !says("10.0.0.170", exact("10.0.0.17"))
        );
        assert!(says("I like C++.", exact("c++")) && says("(hello)", exact("hello,")));
        assert!(says("東京都に住む", exact("京都")) && !says("京の都", exact("京都")));
        assert!(says("mail wren@example.org!", exact("wren@example.org")));
        assert!(says("since v2024.10-3", exact("2024.10")) && says("v1.2.3", exact("v1.2")));
    }

    #[test]
    fn a_prefix_matches_a_word_or_a_part_of_one() {
        assert!(says("the specializer", Pattern::word("spec", true)));
        assert!(says("parseHTTPBody", Pattern::word("bod", true)));
        assert!(!says("unspecific", Pattern::word("spec", true)));
        assert!(says("the specializer", Pattern::word("spec*", false)));
        assert!(says("foo->barber", Pattern::word("foo->bar", true)));
    }

    #[test]
    fn a_phrase_matches_consecutive_words_with_any_punctuation() {
        assert!(says("an inline, Cache!", Pattern::phrase("inline cache")));
        assert!(!says("inline the cache", Pattern::phrase("inline cache")));
        assert!(says("a -> b", Pattern::phrase("->")));
        assert!(says("cc -O2", Pattern::phrase("-O2")) && !says("an o2", Pattern::phrase("-O2")));
    }

    #[test]
    fn every_matching_message_has_the_terms() {
        let words = |pattern: Option<Pattern>| {
            let terms = pattern.expect("a pattern").terms().into_iter();
            terms
                .map(|term| term.word + if term.is_beginning { "*" } else { "" })
                .collect::<Vec<_>>()
        };
        assert_eq!(words(Pattern::word("foo->ba", true)), ["foo", "ba*"]);
        assert_eq!(words(Pattern::word("東京都", true)), ["東京", "京都"]);
        assert_eq!(words(Pattern::word("京", false)), ["京*"]);
        assert_eq!(words(Pattern::phrase("a 東京")), ["a", "東*", "京*"]);
        assert_eq!(words(Pattern::word("::", false)), [""; 0]);
    }
}
