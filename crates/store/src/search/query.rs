//! Parses a search query.
//!
//! ```text
//! query    = terms separated by spaces; a message must match all of them
//! term     = ["-"] (operator | "\"" words "\"" | word)
//! operator = name ":" value, or name ":" "\"" value "\"" with each "\"" in it doubled
//! name     = from | in | with | has | is | file | type | before | after | on
//! ```
//!
//! A minus before a term excludes the messages that match it; two of them are text, as in
//! `--help`. The last word of the query may be a prefix, because the user may still be typing; a
//! star after any word makes it a prefix. Words in quotes are consecutive. Several `from:` or `in:`
//! mean any of them. A quoted value is always a name or title, whatever it contains: `from:"me"` is
//! a person of that name, `in:"5"" nails"` a group. A term that is not an operator, or has an invalid value,
//! is text: a mistyped operator searches for itself.
//!
//! | | |
//! | --- | --- |
//! | `from:NAME` | written by this person; `from:me` |
//! | `in:TITLE` | in a group whose title starts with this, or the conversation with this person |
//! | `with:NAME` | in conversations that this person is in |
//! | `has:` | `link`, `file` and `image` (attached, or links to them), `code`, `reaction` |
//! | `file:NAME` | with a file whose name contains this word, or a word that begins with it |
//! | `type:` | with a file of this type: the extension of its name, or `image`, `video`, `audio`, `text` |
//! | `is:` | `pinned`, `saved`, `unread`, `mine` |
//! | `before:`, `after:`, `on:` | a day, month or year: `2024-05-17`, `2024-05`, `2024`, `today`, `yesterday` |

use super::pattern::Pattern;
use crate::index::terms::is_file_type;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

/// The condition of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filter {
    From(String),
    In(String),
    With(String),
    Link,
    File,
    Image,
    FileName(Pattern),
    FileType(String),
    Code,
    Reaction,
    Pinned,
    Saved,
    Unread,
    Mine,
    /// Sent at or after the first time and before the second, in milliseconds since the Unix epoch.
    Sent(i64, i64),
}

/// A term or, with `is_negated`, its opposite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause<T> {
    pub condition: T,
    pub is_negated: bool,
}

/// A query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query {
    pub patterns: Vec<Clause<Pattern>>,
    pub filters: Vec<Clause<Filter>>,
}

/// The user's time zone and time, for the days that they name.
#[derive(Debug, Clone)]
pub struct SearchContext {
    /// The user's time zone.
    pub zone: TimeZone,
    /// The current time, in milliseconds since the Unix epoch.
    pub now: i64,
}

impl Query {
    /// Parses a query.
    pub fn parse(typed: &str, context: &SearchContext) -> Self {
        let mut query = Self::default();
        let mut rest = typed.trim_start();
        while !rest.is_empty() {
            let (is_negated, term) = match rest.strip_prefix('-') {
                Some(term) if !term.starts_with(['-', ' ', '>']) && !term.is_empty() => {
                    (true, term)
                }
                _ => (false, rest),
            };
            rest = query.parse_term(is_negated, term, context).trim_start();
        }
        query
    }

    /// Returns whether the query has no terms.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.filters.is_empty()
    }

    /// Parses one term; returns the rest of the query.
    fn parse_term<'t>(
        &mut self,
        is_negated: bool,
        term: &'t str,
        context: &SearchContext,
    ) -> &'t str {
        if let Some(quoted) = term.strip_prefix('"') {
            let (words, rest) = quoted.split_once('"').unwrap_or((quoted, ""));
            self.add(is_negated, Pattern::phrase(words));
            return rest;
        }
        let end = term.find(char::is_whitespace).unwrap_or(term.len());
        if let Some((name, value)) = term[..end].split_once(':') {
            let is_quoted = value.starts_with('"');
            let (value, rest) = match is_quoted {
                true => read_quoted(&term[name.len() + 2..]),
                false => (value.to_owned(), &term[end..]),
            };
            if let Some(condition) = filter(name, &value, is_quoted, context) {
                self.filters.push(Clause { condition, is_negated });
                return rest;
            }
        }
        let (word, rest) = term.split_at(end);
        self.add(is_negated, Pattern::word(word, rest.is_empty()));
        rest
    }

    fn add(&mut self, is_negated: bool, pattern: Option<Pattern>) {
        self.patterns.extend(pattern.map(|condition| Clause { condition, is_negated }));
    }
}

/// Returns the text up to the closing quote, and the rest after it. Two quotes are a literal quote,
/// not a closing one.
fn read_quoted(text: &str) -> (String, &str) {
    let (mut value, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('"') {
        value.push_str(before);
        let Some(after_quote) = after.strip_prefix('"') else { return (value, after) };
        value.push('"');
        rest = after_quote;
    }
    value.push_str(rest);
    (value, "")
}

fn filter(name: &str, value: &str, is_quoted: bool, context: &SearchContext) -> Option<Filter> {
    let text = || (!value.trim().is_empty()).then(|| value.trim().to_owned());
    let name = name.to_ascii_lowercase();
    match (name.as_str(), value.to_ascii_lowercase().as_str()) {
        ("from", "me") if !is_quoted => Some(Filter::Mine),
        ("is", "mine") => Some(Filter::Mine),
        ("from", _) => text().map(Filter::From),
        ("in", _) => text().map(Filter::In),
        ("with", _) => text().map(Filter::With),
        ("has", "link") => Some(Filter::Link),
        ("has", "file") => Some(Filter::File),
        ("has", "image") => Some(Filter::Image),
        ("has", "code") => Some(Filter::Code),
        ("has", "reaction") => Some(Filter::Reaction),
        ("file", _) if is_quoted => Pattern::phrase(value).map(Filter::FileName),
        ("file", _) => Pattern::word(value, true).map(Filter::FileName),
        ("type", name) => is_file_type(name).then(|| Filter::FileType(name.to_owned())),
        ("is", "pinned") => Some(Filter::Pinned),
        ("is", "saved") => Some(Filter::Saved),
        ("is", "unread") => Some(Filter::Unread),
        ("before", day) => days(day, context).map(|(from, _)| Filter::Sent(i64::MIN, from)),
        ("after", day) => days(day, context).map(|(_, to)| Filter::Sent(to, i64::MAX)),
        ("on", day) => days(day, context).map(|(from, to)| Filter::Sent(from, to)),
        _ => None,
    }
}

/// Returns when a day, a month or a year starts and ends in the user's time zone, in milliseconds.
fn days(text: &str, context: &SearchContext) -> Option<(i64, i64)> {
    let now = jiff::Timestamp::from_millisecond(context.now).ok()?;
    let today = now.to_zoned_datetime(context.zone.clone()).date();
    let (first, length): (Date, Span) = match text {
        "today" => (today, 1.day()),
        "yesterday" => (today.yesterday().ok()?, 1.day()),
        text => {
            let mut numbers = text.split('-').map(|part| {
                let is_number = part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
                part.parse::<i16>().ok().filter(|_| is_number)
            });
            let year = numbers.next()??;
            let month = numbers.next();
            let day = numbers.next();
            if numbers.next().is_some() || year < 1000 {
                return None;
            }
            let in_i8 = |number: Option<Option<i16>>| match number {
                Some(number) => i8::try_from(number?).ok(),
                None => Some(1),
            };
            let first = Date::new(year, in_i8(month)?, in_i8(day)?).ok()?;
            let length = match (month, day) {
                (None, _) => 1.year(),
                (Some(_), None) => 1.month(),
                (Some(_), Some(_)) => 1.day(),
            };
            (first, length)
        }
    };
    let start = |date: Date| {
        let zoned = date.to_zoned_datetime(context.zone.clone()).ok()?;
        Some(zoned.timestamp().as_millisecond())
    };
    Some((start(first)?, start(first.checked_add(length).ok()?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> SearchContext {
        // 2024-05-17 12:00 in Berlin's summer time.
        SearchContext { zone: TimeZone::fixed(jiff::tz::offset(2)), now: 1_715_940_000_000 }
    }

    fn parse(typed: &str) -> Query {
        Query::parse(typed, &context())
    }

    fn words(query: &Query) -> Vec<String> {
        let terms = query.patterns.iter().map(|clause| {
            let words = clause.condition.terms().into_iter();
            let words = words.map(|term| term.word + if term.is_prefix { "*" } else { "" });
            let minus = if clause.is_negated { "-" } else { "" };
            format!("{minus}{}", words.collect::<Vec<_>>().join("+"))
        });
        terms.collect()
    }

    #[test]
    fn words_phrases_and_prefixes_are_parsed() {
        assert_eq!(words(&parse("spesh  log")), ["spesh", "log*"]);
        assert_eq!(words(&parse("\"inline cache\" si ")), ["inline+cache", "si"]);
        assert_eq!(
            words(&parse("sp* -log --help -\"a b\" -> x")),
            ["sp*", "-log", "help", "-a+b", "", "x*"]
        );
        assert_eq!(words(&parse("\"never closed")), ["never+closed"]);
    }

    #[test]
    fn operators_and_negated_operators_are_parsed() {
        let filters = |typed| {
            let filters = parse(typed).filters.into_iter();
            filters.map(|clause| (clause.is_negated, clause.condition)).collect::<Vec<_>>()
        };
        assert_eq!(
            filters("From:Wren -in:\"the workshop\" has:link is:mine"),
            [
                (false, Filter::From("Wren".into())),
                (true, Filter::In("the workshop".into())),
                (false, Filter::Link),
                (false, Filter::Mine)
            ]
        );
        let report = Pattern::word("report", true).unwrap();
        assert_eq!(
            filters("file:report type:PDF"),
            [(false, Filter::FileName(report)), (false, Filter::FileType("pdf".into()))]
        );
        let day = 24 * 3600 * 1000;
        let midnight = 1_715_940_000_000 - day / 2;
        assert_eq!(filters("on:2024-05-17"), [(false, Filter::Sent(midnight, midnight + day))]);
        assert_eq!(filters("after:today"), [(false, Filter::Sent(midnight + day, i64::MAX))]);
        assert_eq!(
            filters("before:2024-05"),
            [(false, Filter::Sent(i64::MIN, midnight - 16 * day))]
        );
    }

    #[test]
    fn a_quoted_value_is_taken_literally() {
        let filters = |typed| {
            let query = parse(typed);
            assert!(query.patterns.is_empty(), "{typed}: {query:?}");
            query.filters.into_iter().map(|clause| clause.condition).collect::<Vec<_>>()
        };
        assert_eq!(filters("in:\"5\"\" nails\""), [Filter::In("5\" nails".into())]);
        assert_eq!(filters("in:\"\"\"so\"\"\""), [Filter::In("\"so\"".into())]);
        assert_eq!(filters("in:\"-not from:oak\""), [Filter::In("-not from:oak".into())]);
        assert_eq!(filters("in:\"never \"\"closed"), [Filter::In("never \"closed".into())]);
        assert_eq!(
            filters("in:#raku in:\"#raku\""),
            [Filter::In("#raku".into()), Filter::In("#raku".into())]
        );
        assert_eq!(filters("from:\"me\" from:me"), [Filter::From("me".into()), Filter::Mine]);
    }

    #[test]
    fn a_mistyped_operator_is_text() {
        for typed in [
            "fron:wren",
            "has:lonk",
            "on:2024-13-01",
            "on:someday",
            "is:",
            "from:",
            "type:",
            "type:a.b",
            "file:",
            "http://a",
        ] {
            let query = parse(typed);
            assert!(query.filters.is_empty() && query.patterns.len() == 1, "{typed}: {query:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_query_parses(typed in ".{0,60}") {
            parse(&typed);
        }
    }
}
