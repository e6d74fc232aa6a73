//! The snippet of a hit, and the score by which hits are compared.

use super::page::SnippetPart;
use super::pattern::{Pattern, Span};
use super::query::Clause;
use parlour_protocol::fold::Folded;

/// Length of a snippet, in characters.
const SNIPPET_CHARS: usize = 160;
/// Number of characters before the first match.
const LEAD_CHARS: usize = 40;

/// Returns the part of a message's texts, one per line, around the matches, which are marked.
pub(crate) fn snippet(texts: &[&str], patterns: &[Clause<Pattern>]) -> Vec<SnippetPart> {
    let (body, marks) = (&texts.join("\n"), marks(texts, patterns));
    let first = marks.first().map_or(0, |(start, _)| *start);
    let start = start_of_word(body, first, LEAD_CHARS);
    let end = body[start..]
        .char_indices()
        .nth(SNIPPET_CHARS)
        .map_or(body.len(), |(position, _)| start + position);
    let mut parts = Parts::default();
    if start > 0 {
        parts.add("…", false);
    }
    let mut position = start;
    for (from, to) in marks {
        let (from, to) = (from.max(position), to.min(end));
        if from < to {
            parts.add(&body[position..from], false);
            parts.add(&body[from..to], true);
            position = to;
        }
    }
    parts.add(&body[position..end], false);
    if end < body.len() {
        parts.add("…", false);
    }
    parts.0
}

/// Returns the matches in order, as ranges of the texts that are joined by line breaks.
fn marks(texts: &[&str], patterns: &[Clause<Pattern>]) -> Vec<Span> {
    let (mut marks, mut offset) = (Vec::new(), 0);
    for text in texts {
        let folded = Folded::new(text);
        let positive = patterns.iter().filter(|clause| !clause.is_negated);
        let mut found: Vec<Span> =
            positive.flat_map(|clause| clause.condition.find(&folded)).collect();
        found.sort_unstable();
        let found = found.into_iter().map(|span| original(&folded, text, span));
        marks.extend(found.map(|(start, end)| (offset + start, offset + end)));
        offset += text.len() + 1;
    }
    marks
}

/// Maps a range of the folded text to the original, extended to whole characters.
fn original(folded: &Folded, body: &str, (start, end): Span) -> Span {
    let from = folded.origins[start];
    // A folded character may be part of an original one, and combining marks may follow that.
    let last = folded.origins[end - 1];
    let next = body[last..].chars().next().map_or(body.len(), |c| last + c.len_utf8());
    (from, folded.origins[end].max(next))
}

/// Returns the beginning of a word about `chars` characters before a position.
fn start_of_word(body: &str, position: usize, chars: usize) -> usize {
    let Some((start, _)) = body[..position].char_indices().rev().nth(chars) else { return 0 };
    // Does not start in the middle of a word, if there is a space.
    body[start..position].find(char::is_whitespace).map_or(start, |space| {
        let c = body[start + space..].chars().next().map_or(1, char::len_utf8);
        start + space + c
    })
}

#[derive(Default)]
struct Parts(Vec<SnippetPart>);

impl Parts {
    fn add(&mut self, text: &str, mark: bool) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.mark == mark => last.text.push_str(text),
            _ => self.0.push(SnippetPart { text: text.into(), mark }),
        }
    }
}

/// An occurrence of a pattern, as a range of the folded texts that are joined by line breaks.
#[derive(Clone, Copy)]
struct Occurrence {
    start: usize,
    end: usize,
    is_whole_word: bool,
}

fn occurrences(pattern: &Pattern, texts: &[Folded]) -> Vec<Occurrence> {
    let (mut found, mut offset) = (Vec::new(), 0);
    for text in texts {
        found.extend(pattern.find(text).into_iter().map(|(start, end)| Occurrence {
            start: offset + start,
            end: offset + end,
            is_whole_word: pattern.is_whole_word(text, (start, end)),
        }));
        offset += text.text.len() + 1;
    }
    found
}

/// Returns how well a message's texts match: complete words score more than prefixes, words in the order and
/// nearness in which they were typed more than scattered ones, short texts more than long ones.
/// Only scores of texts that match are comparable.
pub(crate) fn score(texts: &[&str], patterns: &[Clause<Pattern>]) -> f64 {
    let folded: Vec<Folded> = texts.iter().map(|text| Folded::new(text)).collect();
    let (mut score, mut before): (f64, Option<usize>) = (0.0, None);
    for clause in patterns.iter().filter(|clause| !clause.is_negated) {
        let found = occurrences(&clause.condition, &folded);
        let whole_word = found.iter().find(|occurrence| occurrence.is_whole_word);
        let Some(first) = whole_word.or(found.first()) else { continue };
        score += if first.is_whole_word { 3.0 } else { 1.0 };
        // Further occurrences, up to the fourth, add a little.
        score += (found.len().min(4) as f64 - 1.0) * 0.3;
        let distance = before.and_then(|before| {
            let next = found.iter().find(|occurrence| occurrence.start >= before);
            next.map(|occurrence| occurrence.start - before)
        });
        score += distance.map_or(0.0, |gap| 2.0 / (1.0 + gap as f64 / 4.0));
        before = Some(first.end);
    }
    let tokens: usize = folded.iter().map(|text| text.tokens.len()).sum();
    score / (8.0 + tokens as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::query::{Query, SearchContext};
    use super::*;

    fn patterns(typed: &str) -> Vec<Clause<Pattern>> {
        let context = SearchContext { zone: jiff::tz::TimeZone::UTC, now: 0 };
        Query::parse(typed, &context).patterns
    }

    fn shown(body: &str, typed: &str) -> String {
        let parts = snippet(&[body], &patterns(typed)).into_iter();
        parts.map(|part| if part.mark { format!("[{}]", part.text) } else { part.text }).collect()
    }

    #[test]
    fn matches_are_marked_in_the_original_text() {
        assert_eq!(shown("So Spesh can specialize", "spe"), "So [Spesh] can [specialize]");
        assert_eq!(shown("eine Straße, e\u{301}té", "strasse ete"), "eine [Straße], [e\u{301}té]");
        assert_eq!(shown("see 東京都", "京都"), "see 東[京都]");
        assert_eq!(shown("nothing", "-x "), "nothing");
    }

    #[test]
    fn a_phrase_is_marked_within_a_text_and_not_across_two() {
        let parts = snippet(&["the red fox", "red", "fox"], &patterns("\"red fox\""));
        let marked: Vec<_> = parts.iter().filter(|part| part.mark).map(|part| &part.text).collect();
        assert_eq!(marked, ["red fox"]);
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(text, "the red fox\nred\nfox");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_mark() {
        let body = format!("{} needle {}", "hay ".repeat(100).trim(), "straw ".repeat(100));
        let shown = shown(&body, "needle ");
        assert!(shown.starts_with("…hay hay"), "{shown}");
        assert!(shown.contains("[needle]") && shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() < SNIPPET_CHARS + 10, "{shown}");
    }

    #[test]
    fn the_better_hit_has_complete_words_near_each_other_and_in_order() {
        let better = |a: &str, b: &str, typed: &str| {
            let score = |text| score(&[text], &patterns(typed));
            assert!(score(a) > score(b), "{a:?} before {b:?}");
        };
        better("a log of it", "a logger of it", "log");
        better("inline cache is on", "inline means no cache at all here", "inline cache ");
        better("inline cache is on", "the cache is inline", "inline cache ");
        better("short log", "a long text in which a log is one of many other words", "log ");
    }

    proptest::proptest! {
        #[test]
        fn a_snippet_of_any_text_is_a_piece_of_it(body in ".{0,300}", typed in "\\PC{0,12}") {
            let parts = snippet(&[body.as_str()], &patterns(&typed));
            let text: String = parts.iter().map(|part| part.text.as_str()).collect();
            let text = text.strip_prefix('…').filter(|rest| body.contains(rest.trim_end_matches('…'))).unwrap_or(&text);
            proptest::prop_assert!(body.contains(text.strip_suffix('…').unwrap_or(text)) || body.contains(text));
        }
    }
}
