//! A query applied to one mirror: the query to the index, and the conditions to check in the
//! messages.

use super::page::Scope;
use super::pattern::{Pattern, Term};
use super::query::{Clause, Filter, Query};
use super::ranges::{Range, intersection, sorted_unique};
use super::resolve;
use crate::error::Result;
use crate::index::terms::{Indexed, Property, bucket_name};
use crate::mirror::conversations;
use crate::mirror::messages::range;
use parlour_protocol::fold::Folded;
use rusqlite::Connection;

/// The conditions of a query, and the ranges in which to search.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub patterns: Vec<Clause<Pattern>>,
    /// What the names of the files must contain.
    file_names: Vec<Clause<Pattern>>,
    /// What is highlighted in the hits: all patterns.
    pub highlights: Vec<Clause<Pattern>>,
    /// Groups of terms: a message must have at least one term of each group.
    required: Vec<Vec<Term>>,
    /// Terms of which a message must have none.
    excluded: Vec<Term>,
    /// Ranges of keys to search; `None` for everywhere. Sorted and disjoint.
    pub ranges: Option<Vec<Range>>,
    excluded_ranges: Vec<Range>,
    /// The keys of the candidates, if they are few and known. Sorted.
    pub keys: Option<Vec<i64>>,
    excluded_keys: Vec<i64>,
    /// The earliest time of sending, inclusive; `to` is the latest, exclusive.
    pub from: i64,
    pub to: i64,
    excluded_times: Vec<(i64, i64)>,
}

impl Plan {
    /// Creates a plan for a query.
    ///
    /// # Errors
    /// Fails if the mirror cannot be read.
    pub fn new(conn: &Connection, query: Query, scope: Scope) -> Result<Self> {
        let mut plan = Self { from: i64::MIN, to: i64::MAX, ..Self::default() };
        if let Scope::Conversation(id) = scope {
            let range = conversations::find(conn, id)?.map(range);
            plan.intersect(range.into_iter().collect());
        }
        for Clause { condition, is_negated } in &query.patterns {
            match (is_negated, condition.is_in_index()) {
                (false, _) => {
                    plan.required.extend(condition.terms().into_iter().map(|term| vec![term]))
                }
                (true, true) => plan.excluded.extend(condition.terms()),
                (true, false) => {}
            }
        }
        plan.patterns = query.patterns;
        let (mut senders, mut ranges) = (None, None);
        for Clause { condition, is_negated } in query.filters {
            match (&condition, is_negated) {
                (Filter::From(name), false) => {
                    let senders = senders.get_or_insert_with(Vec::new);
                    senders.extend(
                        resolve::people(conn, name)?
                            .into_iter()
                            .map(|(number, _)| sender_term(number)),
                    );
                }
                (Filter::Mine, false) => {
                    senders.get_or_insert_with(Vec::new).extend(resolve::me(conn)?.map(sender_term))
                }
                (Filter::In(title), false) => {
                    ranges
                        .get_or_insert_with(Vec::new)
                        .extend(resolve::conversations_by_name(conn, title)?);
                }
                _ => plan.add(conn, &condition, is_negated)?,
            }
        }
        plan.highlights = [plan.patterns.as_slice(), &plan.file_names].concat();
        plan.required.extend(senders);
        if let Some(ranges) = ranges {
            plan.intersect(sorted_unique(ranges));
        }
        if plan.required.is_empty() {
            plan.required.push(vec![property_term(&Property::Any)]);
        }
        Ok(plan)
    }

    fn add(&mut self, conn: &Connection, filter: &Filter, is_negated: bool) -> Result<()> {
        match filter {
            Filter::From(name) => {
                self.excluded.extend(
                    resolve::people(conn, name)?.into_iter().map(|(number, _)| sender_term(number)),
                );
            }
            Filter::Mine => self.excluded.extend(resolve::me(conn)?.map(sender_term)),
            Filter::In(title) => self
                .restrict(sorted_unique(resolve::conversations_by_name(conn, title)?), is_negated),
            Filter::With(name) => {
                self.restrict(resolve::conversations_with(conn, name)?, is_negated)
            }
            Filter::Unread => {
                self.restrict(resolve::unread(conn)?, is_negated);
                if !is_negated {
                    self.excluded.extend(resolve::me(conn)?.map(sender_term));
                }
            }
            Filter::Saved => {
                let keys = resolve::saved(conn)?;
                if is_negated { self.excluded_keys = keys } else { self.keys = Some(keys) }
            }
            Filter::Sent(from, to) if is_negated => self.excluded_times.push((*from, *to)),
            Filter::Sent(from, to) => {
                (self.from, self.to) = (self.from.max(*from), self.to.min(*to));
            }
            Filter::Link => self.require_property(Property::Link, is_negated),
            Filter::File => self.require_property(Property::File, is_negated),
            Filter::Image => self.require_property(Property::Image, is_negated),
            Filter::FileType(name) => {
                self.require_property(Property::FileType(name.clone()), is_negated)
            }
            Filter::FileName(pattern) => {
                if !is_negated {
                    self.required.push(vec![property_term(&Property::File)]);
                    self.required.extend(pattern.terms().into_iter().map(|term| vec![term]));
                }
                self.file_names.push(Clause { condition: pattern.clone(), is_negated });
            }
            Filter::Code => self.require_property(Property::Code, is_negated),
            Filter::Reaction => self.require_property(Property::Reaction, is_negated),
            Filter::Pinned => self.require_property(Property::Pinned, is_negated),
        }
        Ok(())
    }

    fn require_property(&mut self, property: Property, is_negated: bool) {
        let term = property_term(&property);
        if is_negated { self.excluded.push(term) } else { self.required.push(vec![term]) }
    }

    fn restrict(&mut self, ranges: Vec<Range>, is_negated: bool) {
        if is_negated { self.excluded_ranges.extend(ranges) } else { self.intersect(ranges) }
    }

    fn intersect(&mut self, ranges: Vec<Range>) {
        self.ranges = Some(match self.ranges.take() {
            Some(before) => intersection(&before, &ranges),
            None => ranges,
        });
    }

    /// Returns the index query for some time buckets.
    pub fn expression(&self, buckets: &[i64]) -> String {
        let in_bucket = |bucket: &i64| {
            let name = bucket_name(*bucket);
            let term = |term: &Term| {
                // A term contains only letters, digits and symbols without a meaning in the index's
                // query syntax.
                let prefix_mark = if term.is_prefix { "*" } else { "" };
                format!("\"{name}{}\"{prefix_mark}", term.word)
            };
            let any = |terms: &[Term]| terms.iter().map(term).collect::<Vec<_>>().join(" OR ");
            let required = self.required.iter().map(|terms| format!("({})", any(terms)));
            let required = required.collect::<Vec<_>>().join(" AND ");
            if self.excluded.is_empty() {
                format!("({required})")
            } else {
                format!("({required} NOT ({}))", any(&self.excluded))
            }
        };
        buckets.iter().map(in_bucket).collect::<Vec<_>>().join(" OR ")
    }

    /// Returns whether no message can match.
    pub fn is_impossible(&self) -> bool {
        self.required.iter().any(Vec::is_empty)
            || self.ranges.as_ref().is_some_and(Vec::is_empty)
            || self.keys.as_ref().is_some_and(Vec::is_empty)
            || self.from >= self.to
    }

    /// Returns whether everything that the index finds matches.
    pub fn is_exact(&self) -> bool {
        self.patterns.iter().all(|clause| clause.condition.is_in_index())
            && self.file_names.is_empty()
            && (self.from, self.to) == (i64::MIN, i64::MAX)
            && self.excluded_times.is_empty()
            && self.excluded_ranges.is_empty()
            && self.excluded_keys.is_empty()
            && self.keys.is_none()
    }

    /// Returns whether a key is in the ranges to search.
    pub fn is_in_range(&self, key: i64) -> bool {
        let is_in = |ranges: &[Range]| {
            let after = ranges.partition_point(|(first, _)| *first <= key);
            after > 0 && key <= ranges[after - 1].1
        };
        self.ranges.as_ref().is_none_or(|ranges| is_in(ranges))
            && !self.excluded_ranges.iter().any(|(first, last)| (*first..=*last).contains(&key))
            && self.excluded_keys.binary_search(&key).is_err()
    }

    /// Returns whether a message that the index found matches the conditions that the index cannot
    /// check.
    pub fn matches(&self, message: &Indexed<'_>) -> bool {
        let sent_at = message.sent_at;
        let is_in_time = (self.from..self.to).contains(&sent_at)
            && !self.excluded_times.iter().any(|(from, to)| (*from..*to).contains(&sent_at));
        let mut open =
            self.patterns.iter().filter(|clause| !clause.condition.is_in_index()).peekable();
        if !is_in_time || !self.matches_file_names(message) {
            return false;
        }
        if open.peek().is_none() {
            return true;
        }
        let texts = message.folded();
        open.all(|clause| is_met(clause, &texts))
    }

    fn matches_file_names(&self, message: &Indexed<'_>) -> bool {
        if self.file_names.is_empty() {
            return true;
        }
        let names: Vec<Folded> = message.files.iter().map(|file| Folded::new(&file.name)).collect();
        self.file_names.iter().all(|clause| is_met(clause, &names))
    }

    /// Returns whether a message that did not come from the index matches.
    pub fn matches_completely(&self, message: &Indexed<'_>) -> bool {
        let properties: Vec<Term> = message.properties().iter().map(property_term).collect();
        let is_property = |term: &Term| term.word.starts_with('=');
        let has = |terms: &[Term]| {
            terms.iter().any(|term| is_property(term) && properties.contains(term))
        };
        let matches = self
            .required
            .iter()
            .filter(|terms| terms.iter().all(is_property))
            .all(|terms| has(terms));
        let texts = message.folded();
        matches
            && !has(&self.excluded)
            && self.patterns.iter().all(|clause| is_met(clause, &texts))
            && self.matches(message)
    }
}

/// Returns whether one of these texts contains the pattern or, if it is negated, none does.
fn is_met(clause: &Clause<Pattern>, texts: &[Folded]) -> bool {
    texts.iter().all(|text| clause.condition.find(text).is_empty()) == clause.is_negated
}

fn property_term(property: &Property) -> Term {
    Term { word: property.term(), is_prefix: false }
}

fn sender_term(number: i64) -> Term {
    property_term(&Property::Sender(number))
}
