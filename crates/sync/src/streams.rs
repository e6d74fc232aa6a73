//! What the mirror has of each stream, and what to fetch next.

use crate::backoff::{Backoff, Dice};
use crate::now::Now;
use parlour_protocol::{ConversationId, Head, Newest, StreamId};
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// Most streams that are asked about in one pull.
const PULL: usize = 64;
/// Most pulls that are on their way at once, beside what the user waits for.
const PULLS: usize = 3;
/// Most fetches of older history: what is new goes before.
const HISTORY_FETCHES: usize = 2;
/// Streams before which nothing goes: the account, the directory, and what is on the screen.
const URGENT: u8 = 2;
/// A fetch that takes longer is taken for lost; the answer, should it still come, does no harm.
const LOST_MS: i64 = 60_000;

/// Fetches that came to nothing, in a row, after which one is told.
const STUCK: u32 = 3;
/// And after which a stream begins anew: by then a minute has gone by, or more.
const RESET_AFTER: u32 = 8;

/// Something to ask the server for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetch {
    /// Of which stream.
    pub stream: StreamId,
    /// One's join of the conversation.
    pub term: i64,
    /// What.
    pub kind: FetchKind,
}

/// What to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchKind {
    /// What changed since.
    Changes {
        /// The cursor.
        since: i64,
    },
    /// A conversation's newest page.
    Bootstrap,
    /// Older messages.
    History {
        /// The floor.
        before: i64,
    },
}

/// Where the mirror stands in one stream.
#[derive(Debug, Clone)]
pub struct Stream {
    pub term: i64,
    /// Nothing until it is bootstrapped.
    pub cursor: Option<i64>,
    /// The newest change that the server is known to have.
    pub head: i64,
    /// The oldest message held; 1 or less when there is none older.
    pub floor: i64,
    /// The newest message that is known of; 0 if there is none.
    pub newest: i64,
    /// What was said last is fetched first.
    pub active_at: i64,
    fetching: Option<(FetchKind, Now)>,
    backoff: Backoff,
    /// Whether the user waits for a page of older messages.
    is_older_wanted: bool,
}

impl Stream {
    pub fn new(term: i64, cursor: Option<i64>, head: i64, floor: i64, active_at: i64) -> Self {
        let (fetching, backoff, is_older_wanted) = (None, Backoff::default(), false);
        let newest = 0;
        Self { term, cursor, head, floor, newest, active_at, fetching, backoff, is_older_wanted }
    }

    /// What it lacks, what is new before what is old.
    fn lacks(&self, limits: &Limits) -> Option<FetchKind> {
        let held = self.newest.saturating_sub(self.floor).saturating_add(1);
        let has_room = !limits.is_full && held < limits.messages;
        match self.cursor {
            None => Some(FetchKind::Bootstrap),
            Some(since) if since < self.head => Some(FetchKind::Changes { since }),
            Some(_) if self.floor > 1 && (has_room || self.is_older_wanted) => {
                Some(FetchKind::History { before: self.floor })
            }
            Some(_) => None,
        }
    }

    /// The user wants a page of older messages.
    pub fn want_older(&mut self) {
        self.is_older_wanted = true;
    }

    /// A page of older messages came.
    pub fn history_came(&mut self) {
        self.succeeded();
        self.is_older_wanted = false;
    }

    /// The fetch came back well.
    pub fn succeeded(&mut self) {
        self.fetching = None;
        self.backoff = Backoff::default();
    }

    /// The fetch came back, whatever it brought.
    pub fn came(&mut self) {
        self.fetching = None;
    }

    /// The fetch that brought this came back well, if it was one.
    pub fn succeeded_if(&mut self, pulled: bool) {
        if pulled {
            self.succeeded();
        }
    }

    /// The answer left this stream out: it is asked about again.
    pub fn unanswered(&mut self) {
        self.fetching = None;
    }

    /// Whether several fetches in a row came to nothing.
    pub fn is_stuck(&self) -> bool {
        self.backoff.failures() >= STUCK
    }

    /// Whether it is time to begin anew, because so many fetches in a row came to nothing. It is, each time
    /// as many again have.
    pub fn is_lost(&self) -> bool {
        let failures = self.backoff.failures();
        failures > 0 && failures.is_multiple_of(RESET_AFTER)
    }

    pub fn fail(&mut self, now: Now, retry_after: Option<i64>, dice: &mut Dice) {
        self.fetching = None;
        self.backoff.fail(now, retry_after, dice);
    }

    /// Begins anew: nothing of it counts any more.
    pub fn reset(&mut self) {
        (self.cursor, self.head, self.floor, self.fetching) = (None, 0, 0, None);
    }
}

/// What goes before what.
type Rank = (u8, std::cmp::Reverse<i64>);

fn is_history(kind: FetchKind) -> bool {
    matches!(kind, FetchKind::History { .. })
}

/// What to fetch now.
#[derive(Debug, Default)]
pub struct Due {
    /// Each in one request.
    pub pulls: Vec<Vec<Fetch>>,
    /// Each by itself.
    pub history: Vec<Fetch>,
}

/// Every stream that the mirror follows.
#[derive(Debug, Default)]
pub struct Streams {
    /// By id.
    pub all: BTreeMap<StreamId, Stream>,
    /// How much history is kept.
    pub limits: Limits,
    /// Fetches that were given up for lost.
    pub lost: u64,
}

/// How much of the past is fetched by itself; past it, it is fetched where the user asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Whether the mirror is as large as it may be.
    pub is_full: bool,
    /// Messages of one conversation.
    pub messages: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { is_full: false, messages: i64::MAX }
    }
}

impl Streams {
    /// Notes a head; a stream that was not known is followed from here on.
    pub fn learn(&mut self, head: Head) {
        let begins_at = match head.stream {
            StreamId::Conversation(_) => None,
            StreamId::Account(_) | StreamId::Directory => Some(0),
        };
        let new = || Stream::new(head.term, begins_at, 0, 0, i64::MAX);
        let stream = self.all.entry(head.stream).or_insert_with(new);
        stream.head = stream.head.max(head.head);
    }

    /// Notes when something was last said in a conversation, so that the newest is fetched first.
    pub fn order(&mut self, newest: &Newest) {
        let stream = self.all.get_mut(&StreamId::Conversation(newest.conversation_id));
        if let Some(stream) = stream {
            let known = if stream.active_at == i64::MAX { 0 } else { stream.active_at };
            stream.active_at = known.max(newest.sent_at.0);
            stream.newest = stream.newest.max(newest.seq.0);
        }
    }

    /// What to fetch now; each is on its way from here on.
    ///
    /// The account first, then the directory, then what is on the screen, then the others by what
    /// was said last, then older history in the same order.
    pub fn take_due(&mut self, now: Now, on_screen: Option<ConversationId>) -> Due {
        let (mut pulling, mut in_history) = (0, 0);
        for stream in self.all.values_mut() {
            let Some((kind, since)) = stream.fetching else { continue };
            if now - since > LOST_MS {
                stream.fetching = None;
                self.lost += 1;
            } else if is_history(kind) {
                in_history += 1;
            } else {
                pulling += 1;
            }
        }
        let mut due = Due::default();
        let wanted = self.wanted(now, on_screen);
        let (news, history): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|(.., kind)| !is_history(*kind));
        let (urgent, others): (Vec<_>, Vec<_>) =
            news.into_iter().partition(|((rank, _), ..)| *rank <= URGENT);
        // While anything new is still to come, history waits.
        let is_news_left = pulling > 0 || !urgent.is_empty() || !others.is_empty();
        for pull in [&urgent[..]].into_iter().chain(others.chunks(PULL)) {
            // Those that the user waits for are few, and leave the others their room.
            let is_urgent = pull.first().is_some_and(|((rank, _), ..)| *rank <= URGENT);
            let has_room = pulling + pull.len() <= PULL * PULLS + usize::from(URGENT) + 1;
            if is_urgent || (has_room && !pull.is_empty()) {
                pulling += pull.len();
                due.pulls
                    .push(pull.iter().map(|(_, id, kind)| self.take(*id, *kind, now)).collect());
            }
        }
        if !is_news_left {
            for (_, id, kind) in
                history.into_iter().take(HISTORY_FETCHES - in_history.min(HISTORY_FETCHES))
            {
                due.history.push(self.take(id, kind, now));
            }
        }
        due
    }

    /// What could be fetched now, most wanted first.
    fn wanted(
        &self,
        now: Now,
        on_screen: Option<ConversationId>,
    ) -> Vec<(Rank, StreamId, FetchKind)> {
        let free = self
            .all
            .iter()
            .filter(|(_, stream)| stream.fetching.is_none() && stream.backoff.is_due(now));
        let mut wanted: Vec<_> = free
            .filter_map(|(id, stream)| {
                let kind = stream.lacks(&self.limits)?;
                let seen = on_screen.is_some_and(|seen| *id == StreamId::Conversation(seen));
                let rank = match id {
                    StreamId::Account(_) => 0,
                    StreamId::Directory => 1,
                    StreamId::Conversation(_) if seen => URGENT,
                    StreamId::Conversation(_) => URGENT + 1,
                };
                Some(((rank, std::cmp::Reverse(stream.active_at)), *id, kind))
            })
            .collect();
        wanted.sort_unstable_by_key(|(rank, id, _)| (*rank, *id));
        wanted
    }

    fn take(&mut self, id: StreamId, kind: FetchKind, now: Now) -> Fetch {
        let stream = self.all.get_mut(&id).expect("it was just read");
        stream.fetching = Some((kind, now));
        Fetch { stream: id, term: stream.term, kind }
    }

    /// Streams of which several fetches in a row came to nothing.
    pub fn stuck(&self) -> usize {
        self.all.values().filter(|stream| stream.is_stuck()).count()
    }

    /// Whether nothing is lacking and nothing on its way.
    pub fn is_idle(&self) -> bool {
        self.all
            .values()
            .all(|stream| stream.fetching.is_none() && stream.lacks(&self.limits).is_none())
    }

    /// The conversation that comes after another, in whatever order.
    pub fn conversation_after(&self, id: Option<ConversationId>) -> Option<ConversationId> {
        let after = id.map_or(Unbounded, |id| Excluded(StreamId::Conversation(id)));
        self.all.range((after, Unbounded)).find_map(|(stream, _)| match stream {
            StreamId::Conversation(id) => Some(*id),
            _ => None,
        })
    }

    /// Lets everything be tried at once, also what seems to be on its way.
    pub fn hurry(&mut self) {
        for stream in self.all.values_mut() {
            stream.fetching = None;
            stream.backoff.hurry();
        }
    }

    /// When to look again: a retry that falls due, or a fetch that may be lost.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let at = |stream: &Stream| match stream.fetching {
            Some((_, since)) => Some(since + LOST_MS + 1),
            None => stream.lacks(&self.limits).and_then(|_| stream.backoff.due_at(now)),
        };
        self.all.values().filter_map(at).min()
    }
}
