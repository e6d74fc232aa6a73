//! A query over one mirror: who and where are meant, and what to ask the index.

use super::Scope;
use super::fold::Folded;
use super::pattern::{Pattern, Term};
use super::query::{Asked, Query, Wish};
use super::terms::{Indexed, Mark, stretch_name};
use crate::messages::{key, range};
use crate::{Result, conversations, users};
use parlour_protocol::{ConversationId, UserId};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

parlour_sqlite::statements! {
    ME = "SELECT users.number FROM mirror CROSS JOIN users ON users.id = mirror.user_id
        WHERE mirror.only_row = 1";
    MY_ID = "SELECT user_id FROM mirror WHERE only_row = 1";
    SAVED = "SELECT messages.key FROM saved INDEXED BY saved_saved_at
            CROSS JOIN messages ON substr(messages.id, 1, 8) = substr(saved.message_id, 1, 8)
                AND messages.id = saved.message_id
        WHERE saved.saved_at IS NOT NULL";
}

// These read a row a conversation: its title, its members, how far it is read.
const WITH: &str = "SELECT conversations.number FROM conversations
    WHERE EXISTS (SELECT 1 FROM members WHERE members.conversation = conversations.number
        AND members.user = $1 AND members.left_at IS NULL)";
const TITLES: &str = "SELECT number, title FROM conversations WHERE type = 'group'";
const UNREAD: &str = "SELECT number, last_read_seq, last_seq FROM conversations
    WHERE left_at IS NULL AND last_seq > last_read_seq";

/// People that a beginning of a name can mean.
const PEOPLE_MEANT: usize = 50;

/// First and last keys.
type Range = (i64, i64);

/// What to look for, and where.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub patterns: Vec<Asked<Pattern>>,
    /// Of each, a message has one.
    all: Vec<Vec<Term>>,
    /// A message has none of them.
    none: Vec<Term>,
    /// Where; nothing for everywhere. Sorted, apart from each other.
    pub ranges: Option<Vec<Range>>,
    not_ranges: Vec<Range>,
    /// The candidates, where they are few and known. Sorted.
    pub keys: Option<Vec<i64>>,
    not_keys: Vec<i64>,
    /// Sent from then on, and before then.
    pub from: i64,
    pub to: i64,
    not_times: Vec<(i64, i64)>,
}

impl Plan {
    /// # Errors
    /// The mirror fails.
    pub fn new(conn: &Connection, query: Query, scope: Scope) -> Result<Self> {
        let mut plan = Self { from: i64::MIN, to: i64::MAX, ..Self::default() };
        if let Scope::Conversation(id) = scope {
            let place = conversations::find(conn, id)?.map(range);
            plan.keep_to(place.into_iter().collect());
        }
        for Asked { what, not } in &query.patterns {
            match (not, what.is_in_index()) {
                (false, _) => plan.all.extend(what.terms().into_iter().map(|term| vec![term])),
                (true, true) => plan.none.extend(what.terms()),
                (true, false) => {}
            }
        }
        plan.patterns = query.patterns;
        let (mut senders, mut places) = (None, None);
        for Asked { what, not } in query.wishes {
            match (&what, not) {
                (Wish::From(name), false) => {
                    let senders = senders.get_or_insert_with(Vec::new);
                    senders
                        .extend(people(conn, name)?.into_iter().map(|(number, _)| sender(number)));
                }
                (Wish::Mine, false) => senders.get_or_insert_with(Vec::new).extend(me(conn)?),
                (Wish::In(title), false) => {
                    places.get_or_insert_with(Vec::new).extend(places_called(conn, title)?);
                }
                _ => plan.add(conn, &what, not)?,
            }
        }
        plan.all.extend(senders);
        if let Some(places) = places {
            plan.keep_to(merged(places));
        }
        if plan.all.is_empty() {
            plan.all.push(vec![mark(Mark::Any)]);
        }
        Ok(plan)
    }

    fn add(&mut self, conn: &Connection, wish: &Wish, not: bool) -> Result<()> {
        match wish {
            Wish::From(name) => {
                self.none.extend(people(conn, name)?.into_iter().map(|(number, _)| sender(number)));
            }
            Wish::Mine => self.none.extend(me(conn)?),
            Wish::In(title) => self.place(merged(places_called(conn, title)?), not),
            Wish::With(name) => self.place(places_with(conn, name)?, not),
            Wish::Unread => {
                self.place(unread(conn)?, not);
                if !not {
                    self.none.extend(me(conn)?);
                }
            }
            Wish::Saved => {
                let mut keys = saved(conn)?;
                keys.sort_unstable();
                if not { self.not_keys = keys } else { self.keys = Some(keys) }
            }
            Wish::Sent(from, to) if not => self.not_times.push((*from, *to)),
            Wish::Sent(from, to) => {
                (self.from, self.to) = (self.from.max(*from), self.to.min(*to));
            }
            Wish::Link => self.mark(Mark::Link, not),
            Wish::File => self.mark(Mark::File, not),
            Wish::Image => self.mark(Mark::Image, not),
            Wish::Code => self.mark(Mark::Code, not),
            Wish::Reaction => self.mark(Mark::Reaction, not),
            Wish::Pinned => self.mark(Mark::Pinned, not),
        }
        Ok(())
    }

    fn mark(&mut self, asked: Mark, not: bool) {
        if not { self.none.push(mark(asked)) } else { self.all.push(vec![mark(asked)]) }
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

    /// What to ask the index about some stretches of time.
    pub fn expression(&self, stretches: &[i64]) -> String {
        let of = |stretch: &i64| {
            let name = stretch_name(*stretch);
            let term = |term: &Term| {
                // A term holds letters, digits and signs that are none of the index's own.
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
        stretches.iter().map(of).collect::<Vec<_>>().join(" OR ")
    }

    /// Whether nothing can fit.
    pub fn is_impossible(&self) -> bool {
        self.all.iter().any(Vec::is_empty)
            || self.ranges.as_ref().is_some_and(Vec::is_empty)
            || self.keys.as_ref().is_some_and(Vec::is_empty)
            || self.from >= self.to
    }

    /// Whether what the index answers fits, all of it.
    pub fn is_exact(&self) -> bool {
        self.patterns.iter().all(|asked| asked.what.is_in_index())
            && (self.from, self.to) == (i64::MIN, i64::MAX)
            && self.not_times.is_empty()
            && self.not_ranges.is_empty()
            && self.not_keys.is_empty()
            && self.keys.is_none()
    }

    /// Whether a key is where one looks.
    pub fn is_in_place(&self, key: i64) -> bool {
        let is_in = |ranges: &[Range]| {
            let after = ranges.partition_point(|(first, _)| *first <= key);
            after > 0 && key <= ranges[after - 1].1
        };
        self.ranges.as_ref().is_none_or(|ranges| is_in(ranges))
            && !self.not_ranges.iter().any(|(first, last)| (*first..=*last).contains(&key))
            && self.not_keys.binary_search(&key).is_err()
    }

    /// Whether a message fits that the index answered, as far as the index cannot know.
    pub fn fits(&self, message: &Indexed<'_>) -> bool {
        let at = message.sent_at;
        let is_then = (self.from..self.to).contains(&at)
            && !self.not_times.iter().any(|(from, to)| (*from..*to).contains(&at));
        let mut open = self.patterns.iter().filter(|asked| !asked.what.is_in_index()).peekable();
        if !is_then || open.peek().is_none() {
            return is_then;
        }
        let folded = Folded::new(message.body);
        open.all(|asked| asked.what.find(&folded).is_empty() == asked.not)
    }

    /// The same of one that the index was not asked about.
    pub fn fits_whole(&self, message: &Indexed<'_>) -> bool {
        let marks: Vec<Term> = message.marks().into_iter().map(mark).collect();
        let is_mark = |term: &Term| term.word.starts_with('=');
        let has = |terms: &[Term]| terms.iter().any(|term| is_mark(term) && marks.contains(term));
        let fits =
            self.all.iter().filter(|terms| terms.iter().all(is_mark)).all(|terms| has(terms));
        let folded = Folded::new(message.body);
        let says = |asked: &Asked<Pattern>| asked.what.find(&folded).is_empty() == asked.not;
        fits && !has(&self.none) && self.patterns.iter().all(says) && self.fits(message)
    }
}

fn mark(mark: Mark) -> Term {
    Term { word: mark.term(), is_beginning: false }
}

fn sender(number: i64) -> Term {
    mark(Mark::Sender(number))
}

fn me(conn: &Connection) -> Result<Option<Term>> {
    let number = conn.prepare_cached(ME)?.query_row([], |row| row.get("number")).optional()?;
    Ok(number.map(sender))
}

/// Who is called so, or else whose name begins so.
fn people(conn: &Connection, name: &str) -> Result<Vec<(i64, UserId)>> {
    let name = name.trim_start_matches('@');
    let found = users::starting(conn, name)?;
    // With an accent it is another name.
    let is_whole = |username: &str| username.to_lowercase() == name.to_lowercase();
    let whole = found.iter().any(|named| is_whole(&named.person.username));
    let meant = found.into_iter().filter(|named| !whole || is_whole(&named.person.username));
    Ok(meant.take(PEOPLE_MEANT).map(|named| (named.number, named.person.id)).collect())
}

/// How well a name fits what was typed, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    /// But for a `#` before it, which some titles have and some people type.
    WholeName,
    Beginning,
}

impl Fit {
    /// Of folded texts; nothing if it does not.
    fn of(known: &str, asked: &str) -> Option<Self> {
        let [known_name, asked_name] = [known, asked].map(|text| text.trim_start_matches('#'));
        if known == asked {
            Some(Self::Whole)
        } else if known_name == asked_name {
            Some(Self::WholeName)
        } else if known.starts_with(asked) || known_name.starts_with(asked_name) {
            Some(Self::Beginning)
        } else {
            None
        }
    }
}

/// Groups with this title and conversations with somebody of this name; else those whose title or name begins
/// so.
fn places_called(conn: &Connection, title: &str) -> Result<Vec<Range>> {
    let asked = Folded::new(title).text;
    let mut statement = conn.prepare_cached(TITLES)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let known = Folded::new(row.get_ref("title")?.as_str().unwrap_or_default()).text;
        if let Some(fit) = Fit::of(&known, &asked) {
            found.push((fit, row.get("number")?));
        }
    }
    let me: Uuid = conn.prepare_cached(MY_ID)?.query_row([], |row| row.get("user_id"))?;
    let name = asked.trim_start_matches(['#', '@']);
    for named in users::starting(conn, name)? {
        let known = Folded::new(&named.person.username).text;
        let place = ConversationId::p2p(UserId(me), named.person.id);
        if let (Some(fit), Some(number)) =
            (Fit::of(&known, name), conversations::find(conn, place)?)
        {
            found.push((fit, number));
        }
    }
    let best = found.iter().map(|(fit, _)| *fit).min();
    let meant = found.into_iter().filter(|(fit, _)| Some(*fit) == best);
    Ok(meant.map(|(_, number)| range(number)).collect())
}

fn places_with(conn: &Connection, name: &str) -> Result<Vec<Range>> {
    let mut places = Vec::new();
    for (number, _) in people(conn, name)? {
        let mut statement = conn.prepare_cached(WITH)?;
        let rows = statement.query_map([number], |row| row.get("number"))?;
        places.extend(rows.collect::<rusqlite::Result<Vec<i64>>>()?.into_iter().map(range));
    }
    Ok(merged(places))
}

fn unread(conn: &Connection) -> Result<Vec<Range>> {
    let mut statement = conn.prepare_cached(UNREAD)?;
    let rows = statement.query_map([], |row| {
        let (number, read, last) =
            (row.get("number")?, row.get::<_, i64>("last_read_seq")?, row.get("last_seq")?);
        Ok((key(number, read + 1), key(number, last)))
    })?;
    Ok(merged(rows.collect::<rusqlite::Result<_>>()?))
}

fn saved(conn: &Connection) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(SAVED)?;
    let rows = statement.query_map([], |row| row.get("key"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Sorted, each once.
fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    ranges.dedup();
    ranges
}

/// What is in both; each is sorted, its ranges apart.
fn both(a: &[Range], b: &[Range]) -> Vec<Range> {
    let (mut i, mut j, mut out) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        let (low, high) = (a[i].0.max(b[j].0), a[i].1.min(b[j].1));
        if low <= high {
            out.push((low, high));
        }
        if a[i].1 < b[j].1 { i += 1 } else { j += 1 }
    }
    out
}
