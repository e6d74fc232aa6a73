//! The sync's requests: sends ops and fetches changes.

use super::client::Http;
use super::response::ServerResult;
use crate::step::server::{PartResult, Server};
use crate::stored_section::StoredSection;
use parlour_protocol::{
    Digest, ErrorBody, ErrorCode, FileHash, Heads, History, NewUpload, Op, OpDone, Page, Pull,
    PullStream, Pulled, StreamId, Upload, limits,
};
use parlour_store::StreamCursor;
use parlour_sync::{Fetch, FetchKind};
use reqwest::Method;

impl Server for Http {
    async fn send(&self, op: &Op, epoch: &str) -> ServerResult<OpDone> {
        self.call(self.request(Method::POST, "ops")?.query(&[("epoch", epoch)]).json(op)).await
    }

    async fn heads(&self, watermark: i64, proof: &str) -> ServerResult<Heads> {
        let watermark = watermark.to_string();
        let query: &[(&str, &str)] = match proof {
            "" => &[("wm", &watermark)],
            proof => &[("wm", &watermark), ("proof", proof)],
        };
        self.get("heads", &query).await
    }

    async fn pull(&self, fetches: &[Fetch], epoch: &str, max_bytes: usize) -> ServerResult<Pulled> {
        let stream = |fetch: &Fetch| PullStream {
            stream: fetch.stream,
            term: fetch.term,
            since: if let FetchKind::Changes { since } = fetch.kind { Some(since) } else { None },
        };
        let streams = fetches.iter().map(stream).collect();
        let body = Pull { epoch: epoch.into(), streams, bytes: Some(max_bytes) };
        self.call(self.request(Method::POST, "pull")?.json(&body)).await
    }

    async fn history(&self, fetch: &Fetch, epoch: &str, max_bytes: usize) -> ServerResult<History> {
        let (StreamId::Conversation(id), FetchKind::History { before }) =
            (fetch.stream, fetch.kind)
        else {
            return Err(wrong_stream());
        };
        let query = [
            ("conversation", id.to_string()),
            ("epoch", epoch.into()),
            ("term", fetch.term.to_string()),
            ("before", before.to_string()),
            ("limit", limits::PAGE_ROWS.to_string()),
            ("bytes", max_bytes.to_string()),
        ];
        self.get("history", &query).await
    }

    async fn state(&self, stream: &StreamCursor, epoch: &str, since: i64) -> ServerResult<Page> {
        let request = self.request(Method::GET, "state")?.query(&state_query(stream, epoch));
        self.call(request.query(&[("since", since)])).await
    }

    async fn digest(&self, stored: &StoredSection, epoch: &str) -> ServerResult<Digest> {
        match stored {
            StoredSection::State(applied) => {
                self.get("state/digest", &state_query(applied, epoch)).await
            }
            StoredSection::Messages(range) => {
                let query = [
                    ("conversation", range.conversation.to_string()),
                    ("epoch", epoch.into()),
                    ("term", range.term.to_string()),
                    ("low", range.low.to_string()),
                    ("high", range.high.to_string()),
                ];
                self.get("digest", &query).await
            }
        }
    }

    async fn begin_upload(&self, hash: FileHash, new: &NewUpload) -> ServerResult<Upload> {
        self.put_upload(hash, new).await
    }

    async fn add_part(
        &self,
        hash: FileHash,
        offset: i64,
        part: Vec<u8>,
    ) -> ServerResult<PartResult> {
        self.post_part(hash, offset, part).await
    }
}

/// Returns the query of a request about a stream's state.
fn state_query(applied: &StreamCursor, epoch: &str) -> [(&'static str, String); 3] {
    [
        ("stream", applied.stream.to_string()),
        ("epoch", epoch.into()),
        ("term", applied.term.to_string()),
    ]
}

fn wrong_stream() -> ErrorBody {
    ErrorBody::new(ErrorCode::Internal, "this kind of stream has no history")
}
