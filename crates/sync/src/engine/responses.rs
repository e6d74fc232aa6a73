//! Handles the responses for streams: pages, bootstraps and history, and errors instead of them.

use super::Engine;
use crate::now::Now;
use crate::port::Effect;
use crate::streams::{Fetch, FetchKind, Stream};
use parlour_protocol::{
    Bootstrap, ErrorBody, ErrorCode, Head, History, MembershipRow, Page, PulledStream, Row,
    StreamId, limits,
};

/// Number of consecutive successful responses after which larger ones are requested again.
const GOOD_RESPONSES: u32 = 20;

impl Engine {
    pub(super) fn pulled(
        &mut self,
        fetches: Vec<Fetch>,
        response: Result<Vec<PulledStream>, ErrorBody>,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let mut responses = match response {
            Ok(responses) if !responses.is_empty() => responses.into_iter(),
            response => {
                let error = response.err().unwrap_or_else(mismatched);
                if error.code == ErrorCode::ResponseTooLarge {
                    self.record_response_size(false);
                }
                return fetches
                    .iter()
                    .for_each(|fetch| self.fetch_failed(*fetch, &error, now, effects));
            }
        };
        self.record_response_size(true);
        for fetch in fetches {
            match responses.next() {
                Some(PulledStream::Page(page)) if page.stream == fetch.stream => {
                    self.requested_page(page, fetch, now, effects);
                }
                Some(PulledStream::Bootstrap(bootstrap)) if bootstrap.stream == fetch.stream => {
                    self.bootstrap(bootstrap, now, effects);
                }
                Some(PulledStream::Error(error)) => self.fetch_failed(fetch, &error, now, effects),
                Some(_) => self.fetch_failed(fetch, &mismatched(), now, effects),
                None => {
                    let stream = self.streams.all.get_mut(&fetch.stream);
                    stream.into_iter().for_each(Stream::left_out);
                }
            }
        }
    }

    /// Halves the size to request after a response that was too large to be read, and doubles it
    /// after enough consecutive successful ones.
    pub(super) fn record_response_size(&mut self, is_good: bool) {
        if !is_good {
            self.good_responses = 0;
            self.response_bytes = (self.response_bytes / 2).max(limits::MIN_PAGE_BYTES);
        } else if self.response_bytes < limits::PAGE_BYTES {
            self.good_responses += 1;
            if self.good_responses >= GOOD_RESPONSES {
                self.good_responses = 0;
                self.response_bytes = (self.response_bytes * 2).min(limits::PAGE_BYTES);
            }
        }
    }

    /// Handles a page that was requested. A page without progress although there is more to come is
    /// a failure: it must not be requested again at the speed of the network.
    fn requested_page(&mut self, page: Page, fetch: Fetch, now: Now, effects: &mut Vec<Effect>) {
        let since = if let FetchKind::Changes { since } = fetch.kind { since } else { 0 };
        let is_stalled = page.epoch == self.epoch && page.to <= since && page.head > since;
        if page.from == since && !is_stalled {
            return self.page(page, true, now, effects);
        }
        self.stalls += u64::from(page.from == since);
        self.fetch_failed(fetch, &mismatched(), now, effects);
    }

    pub(super) fn page(&mut self, page: Page, pulled: bool, now: Now, effects: &mut Vec<Effect>) {
        if page.epoch != self.epoch {
            self.heads_needed = true;
            return;
        }
        self.streams.record_head(Head { stream: page.stream, term: page.term, head: page.head });
        let memberships = self.memberships(&page);
        let Some(stream) = self.streams.all.get_mut(&page.stream) else { return };
        if pulled {
            stream.changes_received();
        }
        let Some(cursor) = stream.cursor else { return };
        let is_old = page.to <= cursor;
        if !is_old && page.from <= cursor {
            stream.cursor = Some(page.to);
            stream.succeeded_if(pulled);
            let sent = page.rows.iter().filter_map(sent_at).max();
            stream.active_at = stream.active_at.max(sent.unwrap_or(0));
            let newest = page.rows.iter().filter_map(seq).max();
            stream.newest = stream.newest.max(newest.unwrap_or(0));
            let term = stream.term;
            effects.push(Effect::ApplyPage(Page { term, ..page }));
            memberships.iter().for_each(|membership| self.membership(membership, effects));
        } else if pulled && page.from == cursor && page.head <= cursor {
            // A hint announced a head that the server does not have, or this response is older than
            // the hint: the heads will show which. All of them are requested, since their watermark
            // may be past this one.
            stream.head = cursor;
            stream.record_failure(now, None, &mut self.jitter);
            (self.heads_needed, self.watermark) = (true, 0);
        } else if pulled && !is_old {
            // The response does not start at the cursor: this stream starts again.
            stream.record_failure(now, None, &mut self.jitter);
            self.reset(page.stream, effects);
        }
    }

    fn memberships(&self, page: &Page) -> Vec<MembershipRow> {
        if page.stream != StreamId::Account(self.user_id) {
            return Vec::new();
        }
        let membership = |row: &Row| match row {
            Row::Membership(row) => Some(row.clone()),
            _ => None,
        };
        page.rows.iter().filter_map(membership).collect()
    }

    fn membership(&mut self, row: &MembershipRow, effects: &mut Vec<Effect>) {
        let stream = StreamId::Conversation(row.conversation_id);
        if row.left_at.is_some() {
            if self.streams.all.remove(&stream).is_some() {
                effects.push(Effect::DropStream(stream));
            }
        } else {
            self.record_head(Head { stream, term: row.term, head: 0 }, effects);
        }
    }

    fn bootstrap(&mut self, bootstrap: Bootstrap, now: Now, effects: &mut Vec<Effect>) {
        let Some(stream) = self.streams.all.get_mut(&bootstrap.stream) else { return };
        if bootstrap.epoch != self.epoch {
            stream.record_failure(now, None, &mut self.jitter);
            self.heads_needed = true;
            return;
        }
        // It is from before the user joined again, and is fetched again.
        if bootstrap.term < stream.term {
            return stream.record_failure(now, None, &mut self.jitter);
        }
        stream.succeeded();
        if stream.cursor.is_some() {
            return;
        }
        stream.cursor = Some(bootstrap.head);
        stream.newest = bootstrap.last_seq;
        stream.head = stream.head.max(bootstrap.head);
        stream.term = bootstrap.term;
        stream.floor = bootstrap.rows.iter().filter_map(seq).min().unwrap_or(1);
        stream.active_at = bootstrap.rows.iter().filter_map(sent_at).max().unwrap_or(0);
        effects.push(Effect::ApplyBootstrap(bootstrap));
    }

    pub(super) fn history(&mut self, history: History, now: Now, effects: &mut Vec<Effect>) {
        self.record_response_size(true);
        let Some(stream) = self.streams.all.get_mut(&history.stream) else { return };
        if history.epoch != self.epoch || history.before != stream.floor || !is_dense(&history) {
            return stream.record_failure(now, None, &mut self.jitter);
        }
        stream.history_received();
        stream.floor = history.rows.iter().filter_map(seq).min().unwrap_or(1);
        effects.push(Effect::ApplyHistory(history));
    }

    pub(super) fn fetch_failed(
        &mut self,
        fetch: Fetch,
        error: &ErrorBody,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        let Some(stream) = self.streams.all.get_mut(&fetch.stream) else { return };
        stream.record_failure(now, error.retry_after_ms, &mut self.jitter);
        let is_lost = stream.is_lost() && !matches!(fetch.kind, FetchKind::History { .. });
        // The user has joined again since the request.
        let is_old = stream.term != fetch.term;
        match error.code {
            ErrorCode::NotMember if is_old => {}
            ErrorCode::Epoch => (self.heads_needed, self.watermark) = (true, 0),
            ErrorCode::Term | ErrorCode::CursorAhead | ErrorCode::CursorOld => {
                // A reset must not loop at the speed of the network: the failure above counts.
                self.reset(fetch.stream, effects);
            }
            ErrorCode::NotMember => {
                self.streams.all.remove(&fetch.stream);
                effects.push(Effect::DropStream(fetch.stream));
            }
            // The watchdog: the responses have been unusable for so long that the stream starts again.
            ErrorCode::Retry if is_lost && is_mismatched(error) => {
                self.reset(fetch.stream, effects)
            }
            _ => self.stop_if_revoked(error, effects),
        }
    }
}

/// Returns whether a page of history consists of the messages just below a position, without a gap.
fn is_dense(history: &History) -> bool {
    let expected = (0..).map(|back| history.before.checked_sub(1 + back));
    history.rows.iter().map(seq).eq(expected.take(history.rows.len()))
}

/// Returns when a message was sent; `None` for other rows.
fn sent_at(row: &Row) -> Option<i64> {
    if let Row::Message(row) = row { Some(row.sent_at.0) } else { None }
}

/// Returns the position of a message; `None` for other rows.
fn seq(row: &Row) -> Option<i64> {
    if let Row::Message(row) = row { Some(row.seq.0) } else { None }
}

/// Returns the error for a response that does not match the request, or that makes no progress.
fn mismatched() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, MISMATCHED)
}

const MISMATCHED: &str = "The response does not match the request.";

fn is_mismatched(error: &ErrorBody) -> bool {
    error.message == MISMATCHED
}
