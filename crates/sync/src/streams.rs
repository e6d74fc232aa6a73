//! What the mirror has of each stream, and what to fetch next.

use crate::Now;
use crate::backoff::{Backoff, Dice};
use parlour_protocol::{ConversationId, Head, StreamId};
use std::collections::BTreeMap;

/// Most fetches of what is new that are on their way at once.
const FETCHES: usize = 6;
/// Most fetches of older history: what is new goes before.
const HISTORY_FETCHES: usize = 2;
/// A fetch that takes longer is taken for lost; the answer, should it still come, does no harm.
const LOST_MS: i64 = 60_000;

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
    /// What was said last is fetched first.
    pub active_at: i64,
    fetching: Option<(FetchKind, Now)>,
    backoff: Backoff,
}

impl Stream {
    pub fn new(term: i64, cursor: Option<i64>, head: i64, floor: i64, active_at: i64) -> Self {
        Self { term, cursor, head, floor, active_at, fetching: None, backoff: Backoff::default() }
    }

    /// What it lacks, what is new before what is old.
    fn lacks(&self) -> Option<FetchKind> {
        match self.cursor {
            None => Some(FetchKind::Bootstrap),
            Some(since) if since < self.head => Some(FetchKind::Changes { since }),
            Some(_) if self.floor > 1 => Some(FetchKind::History { before: self.floor }),
            Some(_) => None,
        }
    }

    /// The fetch came back well.
    pub fn succeeded(&mut self) {
        self.fetching = None;
        self.backoff = Backoff::default();
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

/// Every stream that the mirror follows.
#[derive(Debug, Default)]
pub struct Streams(pub BTreeMap<StreamId, Stream>);

impl Streams {
    /// Notes a head; a stream that was not known is followed from here on.
    pub fn learn(&mut self, head: Head) {
        let begins_at = match head.stream {
            StreamId::Conversation(_) => None,
            StreamId::Account(_) | StreamId::Directory => Some(0),
        };
        let new = || Stream::new(head.term, begins_at, 0, 0, i64::MAX);
        let stream = self.0.entry(head.stream).or_insert_with(new);
        stream.head = stream.head.max(head.head);
    }

    /// What to fetch now; each is on its way from here on.
    ///
    /// The account first, then the directory, then what is on the screen, then the others by what
    /// was said last, then older history in the same order.
    pub fn take_due(&mut self, now: Now, on_screen: Option<ConversationId>) -> Vec<Fetch> {
        let is_history = |kind: FetchKind| matches!(kind, FetchKind::History { .. });
        let mut news_room = FETCHES;
        let mut history_room = HISTORY_FETCHES;
        for stream in self.0.values_mut() {
            let Some((kind, since)) = stream.fetching else { continue };
            if now - since > LOST_MS {
                stream.fetching = None;
            } else if is_history(kind) {
                history_room = history_room.saturating_sub(1);
            } else {
                news_room = news_room.saturating_sub(1);
            }
        }
        if news_room == 0 && history_room == 0 {
            return Vec::new();
        }
        let free = self
            .0
            .iter()
            .filter(|(_, stream)| stream.fetching.is_none() && stream.backoff.is_due(now));
        let mut wanted: Vec<_> = free
            .filter_map(|(id, stream)| {
                let kind = stream.lacks()?;
                let seen = on_screen.is_some_and(|seen| *id == StreamId::Conversation(seen));
                let rank = match id {
                    StreamId::Account(_) => 0,
                    StreamId::Directory => 1,
                    StreamId::Conversation(_) if seen => 2,
                    StreamId::Conversation(_) => 3,
                };
                Some(((is_history(kind), rank, std::cmp::Reverse(stream.active_at)), *id, kind))
            })
            .collect();
        wanted.sort_unstable_by_key(|(rank, id, _)| (*rank, *id));
        // While anything new is still to come, history waits.
        let news = wanted.iter().any(|((history, ..), ..)| !history) || news_room < FETCHES;
        let mut due = Vec::new();
        for (_, id, kind) in wanted {
            let room = if is_history(kind) { &mut history_room } else { &mut news_room };
            if *room == 0 || (is_history(kind) && news) {
                continue;
            }
            *room -= 1;
            let stream = self.0.get_mut(&id).expect("it was just read");
            stream.fetching = Some((kind, now));
            due.push(Fetch { stream: id, term: stream.term, kind });
        }
        due
    }

    /// Lets everything be tried at once, also what seems to be on its way.
    pub fn hurry(&mut self) {
        for stream in self.0.values_mut() {
            stream.fetching = None;
            stream.backoff.hurry();
        }
    }

    /// When to look again: a retry that falls due, or a fetch that may be lost.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let at = |stream: &Stream| match stream.fetching {
            Some((_, since)) => Some(since + LOST_MS + 1),
            None => stream.lacks().and_then(|_| stream.backoff.due_at(now)),
        };
        self.0.values().filter_map(at).min()
    }
}
