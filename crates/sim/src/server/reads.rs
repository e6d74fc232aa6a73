//! The servers' responses to requests, including the wrong ones of a server with a bug.

use super::{Compared, HISTORY, NEWEST, PAGE, READ_BYTES, Servers};
use crate::bugs::Bug;
use crate::wire::{Query, Reply, no_response};
use parlour_client::StoredSection;
use parlour_protocol::{
    Digest, ErrorCode, Heads, History, Page, Pull, PullStream, Pulled, PulledStream, Row, StreamId,
    UserId, limits, row_bytes,
};
use parlour_server::core::CoreResult;
use parlour_server::{Cursor, HistoryRange, PageLimits};
use parlour_store::{MessageRange, StreamCursor};
use parlour_sync::{Fetch, FetchKind};

impl Servers {
    /// Returns the member who may see most of a conversation.
    fn oldest_member(&self, user: UserId, stream: StreamId) -> UserId {
        let StreamId::Conversation(id) = stream else { return user };
        let sees = |other: &UserId| match self.core.member(*other, id) {
            Some((member, membership)) if member.left_at.is_none() => membership.visible_from,
            _ => i64::MAX,
        };
        self.users.iter().copied().min_by_key(sees).unwrap_or(user)
    }

    /// Answers a device's request.
    pub fn respond(&mut self, (client, user): (usize, UserId), query: &Query) -> CoreResult<Reply> {
        match query {
            Query::Heads(wm, proof) => {
                self.check_proof(proof);
                self.heads(user, *wm).map(Reply::Heads)
            }
            Query::Pull(fetches, epoch) => {
                // A response may be full before the end.
                let many = 1 + usize::try_from(self.core.watermark()).unwrap_or(0) % 5;
                let answers = fetches
                    .iter()
                    .take(many)
                    .map(|fetch| self.pull_one(client, user, *fetch, epoch))
                    .collect::<Vec<_>>();
                check_readable(answers).map(|answers| Reply::Pulled(Pulled { answers }))
            }
            Query::History(fetch, epoch) => {
                let (user, fetch) = self.interpreted(user, *fetch);
                let history = self.history(user, &fetch, epoch)?;
                if history.rows.iter().map(row_bytes).sum::<usize>() > READ_BYTES {
                    return Err(no_response(ErrorCode::ResponseTooLarge));
                }
                Ok(Reply::History(history))
            }
            Query::State(stream, epoch, since) => {
                let StreamCursor { stream, term, .. } = *stream;
                let cursor = Cursor { stream, epoch: epoch.clone(), term, since: *since };
                let page_limits = PageLimits::requested(PAGE, self.bytes());
                self.core.state_after(user, &cursor, page_limits).map(Reply::State)
            }
            Query::Digest(stored, epoch) => self.digest(user, stored, epoch).map(Reply::Digest),
            // It is answered at the next commit.
            Query::Send(..) => Err(no_response(ErrorCode::Internal)),
        }
    }

    /// Begins a new epoch if a device proves that the server was restored.
    fn check_proof(&mut self, proof: &str) {
        if self.has(Bug::EpochNotChanged) || self.has(Bug::RestoreUnnoticed) {
            return;
        }
        let changes = self.core.begin_epoch_if(proof, &(self.epochs + 1).to_string());
        if !changes.is_empty() {
            self.epochs += 1;
            for node in self.nodes.iter().filter(|node| node.is_up) {
                node.hub.publish(changes.clone());
            }
        }
    }

    /// Returns the user and the request as a server with a bug interprets them.
    fn interpreted(&self, mut user: UserId, mut fetch: Fetch) -> (UserId, Fetch) {
        if self.has(Bug::HistoryBeforeJoining) && fetch.kind != FetchKind::Bootstrap {
            user = self.oldest_member(user, fetch.stream);
        }
        if let (Bug::TermNotChanged | Bug::HistoryBeforeJoining, StreamId::Conversation(id)) =
            (self.bug.unwrap_or(Bug::HardDelete), fetch.stream)
            && let Some((_, membership)) = self.core.member(user, id)
        {
            fetch.term = membership.term;
        }
        (user, fetch)
    }

    /// Returns the maximum size of a response in bytes.
    fn bytes(&self) -> Option<usize> {
        (!self.has(Bug::NoByteLimit)).then_some(limits::MIN_PAGE_BYTES)
    }

    fn heads(&self, user: UserId, wm: i64) -> CoreResult<Heads> {
        let mut heads = self.core.heads(user, wm)?;
        if self.has(Bug::WatermarkTooNew) {
            // The heads were read before the last two commits, the watermark after them.
            let late = self.core.heads(user, heads.wm - 2)?;
            heads.heads.retain(|head| !late.heads.iter().any(|late| late.stream == head.stream));
        }
        if self.has(Bug::TermNotChanged) {
            heads.heads.iter_mut().for_each(|head| head.term = head.term.min(1));
        }
        Ok(heads)
    }

    fn history(&self, user: UserId, fetch: &Fetch, epoch: &str) -> CoreResult<History> {
        let (StreamId::Conversation(conversation), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            return Err(no_response(ErrorCode::Internal));
        };
        let (epoch, term, page_limits) =
            (epoch.into(), fetch.term, PageLimits::requested(HISTORY, self.bytes()));
        self.core
            .history(user, &HistoryRange { conversation, epoch, term, before, limits: page_limits })
    }

    /// Returns what a section of a user's mirror must contain.
    pub fn compare(
        &self,
        user: UserId,
        stored: &StoredSection,
        epoch: &str,
    ) -> CoreResult<Compared> {
        let rows = match stored {
            StoredSection::State(StreamCursor { stream, term, .. }) => {
                self.core.state(user, *stream, (epoch, *term))?.rows
            }
            StoredSection::Messages(range) => {
                self.core.history(user, &history_range(range, epoch))?.rows
            }
        };
        Ok((self.digest(user, stored, epoch)?, rows))
    }

    fn digest(&self, user: UserId, stored: &StoredSection, epoch: &str) -> CoreResult<Digest> {
        match stored {
            StoredSection::State(StreamCursor { stream, term, .. }) => {
                self.core.state_digest(user, *stream, (epoch, *term))
            }
            StoredSection::Messages(range) => {
                self.core.digest(user, &history_range(range, epoch), range.low)
            }
        }
    }

    fn pull_one(&mut self, client: usize, user: UserId, fetch: Fetch, epoch: &str) -> PulledStream {
        let (user, fetch) = self.interpreted(user, fetch);
        let stream = fetch.stream;
        let since = match fetch.kind {
            FetchKind::Changes { since } => Some(since),
            _ => None,
        };
        if since.is_none() {
            self.too_old.remove(&(client, stream));
        } else if self.too_old.contains(&(client, stream)) {
            return PulledStream::Error(no_response(ErrorCode::CursorOld));
        }
        let streams = vec![PullStream { stream, term: fetch.term, since }];
        let request = Pull { epoch: epoch.into(), streams, bytes: self.bytes() };
        let response = self.core.pull(user, &request, PAGE, NEWEST);
        match response.map(|mut pulled| pulled.answers.remove(0)) {
            Ok(PulledStream::Page(page)) => PulledStream::Page(self.with_bugs(client, page)),
            Ok(response) => response,
            Err(error) => PulledStream::Error(error),
        }
    }

    fn with_bugs(&mut self, client: usize, mut page: Page) -> Page {
        let stream = page.stream;
        let is_large = i64::try_from(page.rows.len()).is_ok_and(|rows| rows > PAGE);
        if self.has(Bug::LargeChangeSkipped) && is_large {
            page.rows.clear();
            page.to = page.from;
        }
        if self.has(Bug::LeavingMissed) {
            page.rows.retain(|row| !matches!(row, Row::Membership(row) if row.left_at.is_some()));
        }
        if self.has(Bug::TermNotChanged) {
            for row in &mut page.rows {
                if let Row::Membership(row) = row {
                    row.term = 1;
                }
            }
        }
        if self.has(Bug::PageOverstatesEnd) {
            page.to = page.head;
        }
        if self.has(Bug::EmptyPageKeepsCursor) && page.rows.is_empty() {
            page.to = page.from;
        }
        if self.has(Bug::RowsBeforeHead) {
            // The rows of the previous response to this device, under the current head.
            let before = self.stale.insert((client, stream), page.clone());
            if let Some(before) = before.filter(|before| before.from == page.from) {
                page.rows = before.rows;
            }
        }
        page
    }
}

/// Returns a request for a range of messages in one page.
fn history_range(range: &MessageRange, epoch: &str) -> HistoryRange {
    HistoryRange {
        conversation: range.conversation,
        epoch: epoch.into(),
        term: range.term,
        before: range.high + 1,
        limits: PageLimits::requested(range.high - range.low + 1, None),
    }
}

/// Returns the responses, or an error if one of them is larger than a device reads. Each is measured
/// by itself, since a server combines only as many as fit.
fn check_readable(answers: Vec<PulledStream>) -> CoreResult<Vec<PulledStream>> {
    let bytes = |response: &PulledStream| match response {
        PulledStream::Page(page) => page.rows.iter().map(row_bytes).sum(),
        PulledStream::Bootstrap(bootstrap) => bootstrap.rows.iter().map(row_bytes).sum(),
        PulledStream::Error(_) => 0,
    };
    if answers.iter().map(bytes).any(|bytes: usize| bytes > READ_BYTES) {
        return Err(no_response(ErrorCode::ResponseTooLarge));
    }
    Ok(answers)
}
