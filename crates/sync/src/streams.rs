//! The state of each stream in the mirror, and the choice of the next fetches.

use crate::backoff::{Backoff, Jitter};
use crate::now::Now;
use parlour_protocol::{ConversationId, Head, Newest, StreamId};
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

/// Maximum number of streams in one pull.
const PULL_STREAMS: usize = 64;
/// Maximum number of concurrent pulls, not counting those for which the user waits.
const MAX_PULLS: usize = 3;
/// Maximum number of concurrent fetches of older history: new changes come first.
const HISTORY_FETCHES: usize = 2;
/// The highest rank of urgent streams: the account, the directory, and the conversation on the
/// screen.
const URGENT: u8 = 2;
/// Time after which a fetch counts as lost; a response that still arrives does no harm.
const LOST_MS: i64 = 60_000;

/// Number of consecutive failed fetches after which a stream counts as failing.
const FAILING_AFTER: u32 = 3;
/// Number of consecutive failed fetches after which a stream is reset: by then, a minute or
/// more has passed.
const RESET_AFTER: u32 = 8;

/// A request for a part of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fetch {
    /// The stream.
    pub stream: StreamId,
    /// The number of the user's join of the conversation.
    pub term: i64,
    /// The part to fetch.
    pub kind: FetchKind,
}

/// The part of a stream to fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchKind {
    /// The changes after a cursor.
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

/// The newest change and message of a stream that the server is known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownHead {
    /// The newest change.
    pub change: i64,
    /// The position of the newest message; 0 if there is none.
    pub message: i64,
}

/// The state of one stream in the mirror.
#[derive(Debug, Clone)]
pub struct Stream {
    pub term: i64,
    /// `None` until the stream is bootstrapped.
    pub cursor: Option<i64>,
    /// The newest change that the server is known to have.
    pub head: i64,
    /// The oldest stored message; 1 or less if there is none older.
    pub floor: i64,
    /// The newest known message; 0 if there is none.
    pub newest: i64,
    /// The time of the last activity. Streams with the latest are fetched first.
    pub active_at: i64,
    fetching: Option<(FetchKind, Now)>,
    backoff: Backoff,
    /// Whether the user waits for a page of older messages.
    needs_older: bool,
}

impl Stream {
    pub fn new(term: i64, cursor: Option<i64>, head: i64, floor: i64, active_at: i64) -> Self {
        let (fetching, backoff, needs_older) = (None, Backoff::default(), false);
        let newest = 0;
        Self { term, cursor, head, floor, newest, active_at, fetching, backoff, needs_older }
    }

    /// Returns the next missing part; new changes come before older messages.
    fn next_fetch(&self, limits: &Limits) -> Option<FetchKind> {
        let stored_count = self.newest.saturating_sub(self.floor).saturating_add(1);
        let has_capacity = !limits.is_full && stored_count < limits.messages;
        match self.cursor {
            None => Some(FetchKind::Bootstrap),
            Some(since) if since < self.head => Some(FetchKind::Changes { since }),
            Some(_) if self.floor > 1 && (has_capacity || self.needs_older) => {
                Some(FetchKind::History { before: self.floor })
            }
            Some(_) => None,
        }
    }

    /// Records that the user needs a page of older messages.
    pub fn request_older(&mut self) {
        self.needs_older = true;
    }

    /// Records that a page of older messages was received.
    pub fn history_received(&mut self) {
        self.succeeded();
        self.needs_older = false;
    }

    /// Records that the fetch succeeded.
    pub fn succeeded(&mut self) {
        self.fetching = None;
        self.backoff = Backoff::default();
    }

    /// Records that the fetch ended, whatever its result.
    pub fn changes_received(&mut self) {
        self.fetching = None;
    }

    /// Records that the fetch succeeded, if the page was pulled (and not pushed).
    pub fn succeeded_if(&mut self, pulled: bool) {
        if pulled {
            self.succeeded();
        }
    }

    /// Records that the response left this stream out: it is requested again.
    pub fn left_out(&mut self) {
        self.fetching = None;
    }

    /// Returns whether the cursor has reached the head.
    pub fn is_current(&self) -> bool {
        self.cursor.is_some_and(|cursor| cursor >= self.head)
    }

    /// Returns whether several consecutive fetches failed.
    pub fn is_failing(&self) -> bool {
        self.backoff.failures() >= FAILING_AFTER
    }

    /// Returns whether the stream must be reset, because 8 consecutive fetches failed; and again
    /// after every 8 further failures.
    pub fn is_lost(&self) -> bool {
        let failures = self.backoff.failures();
        failures > 0 && failures.is_multiple_of(RESET_AFTER)
    }

    pub fn record_failure(&mut self, now: Now, retry_after: Option<i64>, jitter: &mut Jitter) {
        self.fetching = None;
        self.backoff.record_failure(now, retry_after, jitter);
    }

    /// Resets the stream, so that it is fetched again.
    pub fn reset(&mut self) {
        (self.cursor, self.fetching) = (None, None);
        // The server may have fewer messages than before: undoing an import removes some.
        (self.head, self.floor, self.newest) = (0, 0, 0);
    }
}

/// The order in which streams are fetched: lower ones first.
type Rank = (u8, std::cmp::Reverse<i64>);

fn is_history(kind: FetchKind) -> bool {
    matches!(kind, FetchKind::History { .. })
}

/// The fetches to start now.
#[derive(Debug, Default)]
pub struct Due {
    /// Fetches of changes and bootstraps: each list in one request.
    pub pulls: Vec<Vec<Fetch>>,
    /// Fetches of history: each in its own request.
    pub history: Vec<Fetch>,
}

/// Every stream that the mirror follows.
#[derive(Debug, Default)]
pub struct Streams {
    /// The streams by id.
    pub all: BTreeMap<StreamId, Stream>,
    /// The limits of the history that is fetched automatically.
    pub limits: Limits,
    /// Number of fetches that were given up as lost.
    pub lost: u64,
}

/// The limits of the history that is fetched automatically; older messages are fetched where the
/// user requests them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Whether the mirror has reached its maximum size.
    pub is_full: bool,
    /// Maximum number of messages of one conversation.
    pub messages: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { is_full: false, messages: i64::MAX }
    }
}

impl Streams {
    /// Records a head; an unknown stream is followed from now on.
    pub fn record_head(&mut self, head: Head) {
        let initial_cursor = match head.stream {
            StreamId::Conversation(_) => None,
            StreamId::Account(_) | StreamId::Directory => Some(0),
        };
        let new = || Stream::new(head.term, initial_cursor, 0, 0, i64::MAX);
        let stream = self.all.entry(head.stream).or_insert_with(new);
        stream.head = stream.head.max(head.head);
    }

    /// Records a conversation's newest message, so that the most recently active one is fetched
    /// first.
    pub fn record_newest(&mut self, newest: &Newest) {
        let stream = self.all.get_mut(&StreamId::Conversation(newest.conversation_id));
        if let Some(stream) = stream {
            let known = if stream.active_at == i64::MAX { 0 } else { stream.active_at };
            stream.active_at = known.max(newest.sent_at.0);
            stream.newest = stream.newest.max(newest.seq.0);
        }
    }

    /// Returns the fetches to start now, and marks them as started.
    ///
    /// The account comes first, then the directory, then the conversation on the screen, then the
    /// others by their last activity, then older history in the same order.
    pub fn take_due(&mut self, now: Now, visible_conversation: Option<ConversationId>) -> Due {
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
        let candidates = self.candidates(now, visible_conversation);
        let (changes, history): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|(.., kind)| !is_history(*kind));
        let (urgent, others): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|((rank, _), ..)| *rank <= URGENT);
        // History waits while changes are missing.
        let has_changes = pulling > 0 || !urgent.is_empty() || !others.is_empty();
        for pull in [&urgent[..]].into_iter().chain(others.chunks(PULL_STREAMS)) {
            // The urgent ones are few, and do not count towards the limit.
            let is_urgent = pull.first().is_some_and(|((rank, _), ..)| *rank <= URGENT);
            let has_capacity =
                pulling + pull.len() <= PULL_STREAMS * MAX_PULLS + usize::from(URGENT) + 1;
            if is_urgent || (has_capacity && !pull.is_empty()) {
                pulling += pull.len();
                due.pulls.push(
                    pull.iter().map(|(_, id, kind)| self.start_fetch(*id, *kind, now)).collect(),
                );
            }
        }
        if !has_changes {
            for (_, id, kind) in
                history.into_iter().take(HISTORY_FETCHES - in_history.min(HISTORY_FETCHES))
            {
                due.history.push(self.start_fetch(id, kind, now));
            }
        }
        due
    }

    /// Returns the possible fetches, the most urgent first.
    fn candidates(
        &self,
        now: Now,
        visible_conversation: Option<ConversationId>,
    ) -> Vec<(Rank, StreamId, FetchKind)> {
        let idle = self
            .all
            .iter()
            .filter(|(_, stream)| stream.fetching.is_none() && stream.backoff.is_due(now));
        let mut candidates: Vec<_> = idle
            .filter_map(|(id, stream)| {
                let kind = stream.next_fetch(&self.limits)?;
                let is_visible = visible_conversation
                    .is_some_and(|is_visible| *id == StreamId::Conversation(is_visible));
                let rank = match id {
                    StreamId::Account(_) => 0,
                    StreamId::Directory => 1,
                    StreamId::Conversation(_) if is_visible => URGENT,
                    StreamId::Conversation(_) => URGENT + 1,
                };
                Some(((rank, std::cmp::Reverse(stream.active_at)), *id, kind))
            })
            .collect();
        candidates.sort_unstable_by_key(|(rank, id, _)| (*rank, *id));
        candidates
    }

    fn start_fetch(&mut self, id: StreamId, kind: FetchKind, now: Now) -> Fetch {
        let stream = self.all.get_mut(&id).expect("it was just read");
        stream.fetching = Some((kind, now));
        Fetch { stream: id, term: stream.term, kind }
    }

    /// Returns the number of streams for which several consecutive fetches failed.
    pub fn failing(&self) -> usize {
        self.all.values().filter(|stream| stream.is_failing()).count()
    }

    /// Returns whether every stream is current, except those that are failing.
    pub fn are_current(&self) -> bool {
        self.all.values().all(|stream| stream.is_current() || stream.is_failing())
    }

    /// Returns whether nothing is missing and nothing is being fetched.
    pub fn is_idle(&self) -> bool {
        self.all
            .values()
            .all(|stream| stream.fetching.is_none() && stream.next_fetch(&self.limits).is_none())
    }

    /// Returns the conversation that follows another one in the order of ids, or the first one for
    /// `None`.
    pub fn conversation_after(&self, id: Option<ConversationId>) -> Option<ConversationId> {
        let after = id.map_or(Unbounded, |id| Excluded(StreamId::Conversation(id)));
        self.all.range((after, Unbounded)).find_map(|(stream, _)| match stream {
            StreamId::Conversation(id) => Some(*id),
            _ => None,
        })
    }

    /// Makes every retry due at once, including fetches that seem to be in progress.
    pub fn retry_now(&mut self) {
        for stream in self.all.values_mut() {
            stream.fetching = None;
            stream.backoff.retry_now();
        }
    }

    /// Returns when to check again: when a retry becomes due, or when a fetch counts as lost.
    pub fn wake_at(&self, now: Now) -> Option<Now> {
        let wake_time = |stream: &Stream| match stream.fetching {
            Some((_, since)) => Some(since + LOST_MS + 1),
            None => stream.next_fetch(&self.limits).and_then(|_| stream.backoff.due_at(now)),
        };
        self.all.values().filter_map(wake_time).min()
    }
}
