//! Ops out, changes in.

use super::answer::Answer;
use super::client::Http;
use parlour_protocol::{
    Bootstrap, ErrorBody, ErrorCode, Heads, Op, OpDone, Page, Pull, PullStream, Pulled,
    PulledStream, Row,
};
use parlour_store::StreamCursor;
use parlour_sync::{Fetch, FetchKind};
use reqwest::Method;

/// Pages in which the members of one conversation come at most.
const MEMBER_PAGES: usize = 10_000;

impl Http {
    /// Sends an op, meant for an epoch.
    pub async fn send(&self, op: &Op, epoch: &str) -> Answer<OpDone> {
        self.call(self.request(Method::POST, "ops")?.query(&[("epoch", epoch)]).json(op)).await
    }

    /// The streams that moved since a watermark; the server hears what it vouched for last.
    pub async fn heads(&self, wm: i64, proof: &str) -> Answer<Heads> {
        let wm = wm.to_string();
        let query: &[(&str, &str)] = match proof {
            "" => &[("wm", &wm)],
            proof => &[("wm", &wm), ("proof", proof)],
        };
        self.get("heads", &query).await
    }

    /// What streams lack, in an answer of so many bytes at most; each beginning with all its members.
    pub async fn pull(&self, fetches: &[Fetch], epoch: String, bytes: usize) -> Answer<Pulled> {
        let stream = |fetch: &Fetch| PullStream {
            stream: fetch.stream,
            term: fetch.term,
            since: if let FetchKind::Changes { since } = fetch.kind { Some(since) } else { None },
        };
        let streams = fetches.iter().map(stream).collect();
        let body = Pull { epoch, streams, bytes: Some(bytes) };
        let mut pulled: Pulled = self.call(self.request(Method::POST, "pull")?.json(&body)).await?;
        for answer in &mut pulled.answers {
            if let PulledStream::Bootstrap(begun) = answer
                && let Err(error) = self.other_members(begun).await
            {
                *answer = PulledStream::Error(error);
            }
        }
        Ok(pulled)
    }

    /// The members that a beginning left out.
    async fn other_members(&self, begun: &mut Bootstrap) -> Answer<()> {
        let Some(since) = begun.members_to.take() else { return Ok(()) };
        let applied = StreamCursor { stream: begun.stream, term: begun.term, cursor: begun.head };
        let rows = self.state(&applied, &begun.epoch, since).await?.rows;
        begun.rows.extend(rows.into_iter().filter(|row| matches!(row, Row::Member(_))));
        Ok(())
    }

    /// What a stream has beside messages since a change, as one page of as many as it takes.
    pub(super) async fn state(
        &self,
        applied: &StreamCursor,
        epoch: &str,
        since: i64,
    ) -> Answer<Page> {
        let mut all: Option<Page> = None;
        for _ in 0..MEMBER_PAGES {
            let since = all.as_ref().map_or(since, |page| page.to);
            let request = self.request(Method::GET, "state")?.query(&state_query(applied, epoch));
            let page: Page = self.call(request.query(&[("since", since)])).await?;
            let is_last = page.to >= page.head;
            if page.from != since || (page.to <= since && !is_last) {
                break;
            }
            let rows = all.take().map(|page| page.rows).unwrap_or_default();
            let rows = rows.into_iter().chain(page.rows).collect();
            let page = Page { rows, ..page };
            if is_last {
                return Ok(page);
            }
            all = Some(page);
        }
        Err(ErrorBody::new(ErrorCode::Retry, "the server's answers do not get on"))
    }
}

/// The query of a request about a stream's state.
pub(super) fn state_query(applied: &StreamCursor, epoch: &str) -> [(&'static str, String); 3] {
    [
        ("stream", applied.stream.to_string()),
        ("epoch", epoch.into()),
        ("term", applied.term.to_string()),
    ]
}
