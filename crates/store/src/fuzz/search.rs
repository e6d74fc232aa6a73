//! The fuzz target of the search: a typed query, and a message to match it with.

use super::sample::store;
use crate::index::terms;
use crate::search::page::{Scope, Search, SearchOrder};
use crate::search::query::{Query, SearchContext};
use crate::search::snippet;
use jiff::tz::TimeZone;
use parlour_protocol::fold::Folded;

/// Takes a query, a line break, and a message. Every query must parse. If the message matches a
/// pattern, the index must contain the message under each of the pattern's terms. The index must
/// accept the query.
pub fn search(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (typed, body) = text.split_once('\n').unwrap_or((&text, &text));
    let context = SearchContext { zone: TimeZone::UTC, now: 1_715_940_000_000 };
    let query = Query::parse(typed, &context);
    let folded = Folded::new(body);
    let words = terms::words(&folded);
    for clause in &query.patterns {
        if clause.condition.find(&folded).is_empty() {
            continue;
        }
        for term in clause.condition.terms() {
            let mut words = words.iter();
            let is_indexed = words.any(|word| match term.is_prefix {
                true => word.starts_with(&term.word),
                false => *word == term.word,
            });
            assert!(is_indexed, "{term:?} of {typed:?} is not among the words of {body:?}");
        }
    }
    let shown = snippet::snippet(&[body], &query.patterns);
    // An ellipsis marks each place where the snippet was cut.
    assert!(shown.iter().all(|part| body.contains(part.text.trim_matches('…'))));
    assert!(snippet::score(&[body], &query.patterns).is_finite());
    for order in [SearchOrder::Newest, SearchOrder::Best] {
        let search = Search { order, ..Search::new(typed, Scope::Everywhere) };
        store(|store| store.search(&search, &context, 10).expect("the mirror is intact"));
    }
}
