//! A query applied to one mirror: the query to the index, and the conditions to check in the
//! messages.

use super::page::Scope;
use super::pattern::{Pattern, Term};
use super::query::{Clause, Filter, Query};
use super::ranges::{Range, both, merged};
use super::resolve;
use crate::error::Result;
use crate::index::fold::Folded;
use crate::index::terms::{Indexed, Mark, stretch_name};
use crate::mirror::conversations;
use crate::mirror::messages::range;
use rusqlite::Connection;

/// The conditions of a query, and the ranges in which to search.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub patterns: Vec<Clause<Pattern>>,
    /// Groups of terms: a message must have at least one term of each group.
    all: Vec<Vec<Term>>,
    /// Terms of which a message must have none.
    none: Vec<Term>,
    /// Ranges of keys to search; `None` for everywhere. Sorted and disjoint.
    pub ranges: Option<Vec<Range>>,
    not_ranges: Vec<Range>,
    /// The keys of the candidates, if they are few and known. Sorted.
    pub keys: Option<Vec<i64>>,
    not_keys: Vec<i64>,
    /// The earliest time of sending, inclusive; `to` is the latest, exclusive.
    pub from: i64,
    pub to: i64,
    not_times: Vec<(i64, i64)>,
}

impl Plan {
    /// Creates a plan for a query.
    ///
    /// # Errors
    /// Fails if the mirror cannot be read.
    pub fn new(conn: &Connection, query: Query, scope: Scope) -> Result<Self> {
        let mut plan = Self { from: i64::MIN, to: i64::MAX, ..Self::default() };
        if let Scope::Conversation(id) = scope {
            let place = conversations::find(conn, id)?.map(range);
            plan.keep_to(place.into_iter().collect());
        }
        for Clause { what, not } in &query.patterns {
            match (not, what.is_in_index()) {
                (false, _) => plan.all.extend(what.terms().into_iter().map(|term| vec![term])),
                (true, true) => plan.none.extend(what.terms()),
                (true, false) => {}
            }
        }
        plan.patterns = query.patterns;
        let (mut senders, mut ranges) = (None, None);
        for Clause { what, not } in query.filters {
            match (&what, not) {
                (Filter::From(name), false) => {
                    let senders = senders.get_or_insert_with(Vec::new);
                    senders.extend(
                        resolve::people(conn, name)?.into_iter().map(|(number, _)| sender(number)),
                    );
                }
                (Filter::Mine, false) => {
                    senders.get_or_insert_with(Vec::new).extend(resolve::me(conn)?.map(sender))
                }
                (Filter::In(title), false) => {
                    ranges
                        .get_or_insert_with(Vec::new)
                        .extend(resolve::conversations_called(conn, title)?);
                }
                _ => plan.add(conn, &what, not)?,
            }
        }
        plan.all.extend(senders);
        if let Some(ranges) = ranges {
            plan.keep_to(merged(ranges));
        }
        if plan.all.is_empty() {
            plan.all.push(vec![mark(Mark::Any)]);
        }
        Ok(plan)
    }

    fn add(&mut self, conn: &Connection, filter: &Filter, not: bool) -> Result<()> {
        match filter {
            Filter::From(name) => {
                self.none.extend(
                    resolve::people(conn, name)?.into_iter().map(|(number, _)| sender(number)),
                );
            }
            Filter::Mine => self.none.extend(resolve::me(conn)?.map(sender)),
            Filter::In(title) => {
                self.place(merged(resolve::conversations_called(conn, title)?), not)
            }
            Filter::With(name) => self.place(resolve::conversations_with(conn, name)?, not),
            Filter::Unread => {
                self.place(resolve::unread(conn)?, not);
                if !not {
                    self.none.extend(resolve::me(conn)?.map(sender));
                }
            }
            Filter::Saved => {
                let keys = resolve::saved(conn)?;
                if not { self.not_keys = keys } else { self.keys = Some(keys) }
            }
            Filter::Sent(from, to) if not => self.not_times.push((*from, *to)),
            Filter::Sent(from, to) => {
                (self.from, self.to) = (self.from.max(*from), self.to.min(*to));
            }
            Filter::Link => self.mark(Mark::Link, not),
            Filter::File => self.mark(Mark::File, not),
            Filter::Image => self.mark(Mark::Image, not),
            Filter::Code => self.mark(Mark::Code, not),
            Filter::Reaction => self.mark(Mark::Reaction, not),
            Filter::Pinned => self.mark(Mark::Pinned, not),
        }
        Ok(())
    }

    fn mark(&mut self, wanted: Mark, not: bool) {
        if not { self.none.push(mark(wanted)) } else { self.all.push(vec![mark(wanted)]) }
    }

    fn place(&mut self, ranges: Vec<Range>, not: bool) {
        if not { self.not_ranges.extend(ranges) } else { self.keep_to(ranges) }
    }

    fn keep_to(&mut self, ranges: Vec<Range>) {
        self.ranges = Some(match self.ranges.take() {
            Some(before) => both(&before, &ranges),
            None => ranges,
        });
    }

    /// Returns the index query for some stretches of time.
    pub fn expression(&self, stretches: &[i64]) -> String {
        let in_stretch = |stretch: &i64| {
            let name = stretch_name(*stretch);
            let term = |term: &Term| {
                // A term contains only letters, digits and symbols without a meaning in the index's
                // query syntax.
                let star = if term.is_beginning { "*" } else { "" };
                format!("\"{name}{}\"{star}", term.word)
            };
            let any = |terms: &[Term]| terms.iter().map(term).collect::<Vec<_>>().join(" OR ");
            let all = self.all.iter().map(|terms| format!("({})", any(terms)));
            let all = all.collect::<Vec<_>>().join(" AND ");
            if self.none.is_empty() {
                format!("({all})")
            } else {
                format!("({all} NOT ({}))", any(&self.none))
            }
        };
        stretches.iter().map(in_stretch).collect::<Vec<_>>().join(" OR ")
    }

    /// Returns whether no message can match.
    pub fn is_impossible(&self) -> bool {
        self.all.iter().any(Vec::is_empty)
            || self.ranges.as_ref().is_some_and(Vec::is_empty)
            || self.keys.as_ref().is_some_and(Vec::is_empty)
            || self.from >= self.to
    }

    /// Returns whether everything that the index finds matches.
    pub fn is_exact(&self) -> bool {
        self.patterns.iter().all(|clause| clause.what.is_in_index())
            && (self.from, self.to) == (i64::MIN, i64::MAX)
            && self.not_times.is_empty()
            && self.not_ranges.is_empty()
            && self.not_keys.is_empty()
            && self.keys.is_none()
    }

    /// Returns whether a key is in the ranges to search.
    pub fn is_in_place(&self, key: i64) -> bool {
        let is_in = |ranges: &[Range]| {
            let after = ranges.partition_point(|(first, _)| *first <= key);
            after > 0 && key <= ranges[after - 1].1
        };
        self.ranges.as_ref().is_none_or(|ranges| is_in(ranges))
            && !self.not_ranges.iter().any(|(first, last)| (*first..=*last).contains(&key))
            && self.not_keys.binary_search(&key).is_err()
    }

    /// Returns whether a message that the index found matches, in everything that the index cannot
    /// know.
    pub fn fits(&self, message: &Indexed<'_>) -> bool {
        let at = message.sent_at;
        let is_then = (self.from..self.to).contains(&at)
            && !self.not_times.iter().any(|(from, to)| (*from..*to).contains(&at));
        let mut open = self.patterns.iter().filter(|clause| !clause.what.is_in_index()).peekable();
        if !is_then || open.peek().is_none() {
            return is_then;
        }
        let folded = Folded::new(message.body);
        open.all(|clause| clause.what.find(&folded).is_empty() == clause.not)
    }

    /// Returns whether a message that did not come from the index matches.
    pub fn fits_whole(&self, message: &Indexed<'_>) -> bool {
        let marks: Vec<Term> = message.marks().into_iter().map(mark).collect();
        let is_mark = |term: &Term| term.word.starts_with('=');
        let has = |terms: &[Term]| terms.iter().any(|term| is_mark(term) && marks.contains(term));
        let fits =
            self.all.iter().filter(|terms| terms.iter().all(is_mark)).all(|terms| has(terms));
        let folded = Folded::new(message.body);
        let says = |clause: &Clause<Pattern>| clause.what.find(&folded).is_empty() == clause.not;
        fits && !has(&self.none) && self.patterns.iter().all(says) && self.fits(message)
    }
}

fn mark(mark: Mark) -> Term {
    Term { word: mark.term(), is_beginning: false }
}

fn sender(number: i64) -> Term {
    mark(Mark::Sender(number))
}
