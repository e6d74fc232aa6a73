//! The connection between a device and its server: the requests of the real client, each of which
//! waits until the scheduler has a response.

use parlour_client::StoredSection;
use parlour_client::step::{PartResult, Server, ServerResult};
use parlour_protocol::{
    Digest, ErrorBody, ErrorCode, FileHash, Heads, History, NewUpload, Op, OpDone, Page, Pulled,
    Refusal, Upload,
};
use parlour_store::StreamCursor;
use parlour_sync::Fetch;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// A request: its parameters and the epoch, or for heads the proof of the epoch.
#[derive(Debug, Clone)]
pub enum Query {
    Send(Op, String),
    Heads(i64, String),
    Pull(Vec<Fetch>, String),
    History(Fetch, String),
    State(StreamCursor, String, i64),
    Digest(StoredSection, String),
}

/// The successful response to a request.
#[derive(Debug, Clone)]
pub enum Reply {
    Done(OpDone),
    Heads(Heads),
    Pulled(Pulled),
    History(History),
    State(Page),
    Digest(Digest),
}

/// The connection for one call, with one request at a time.
#[derive(Clone, Default)]
pub struct Wire(Arc<Mutex<WireState>>);

#[derive(Default)]
struct WireState {
    query: Option<Query>,
    response: Option<ServerResult<Reply>>,
}

impl Wire {
    /// Returns the request that was not made yet, if any.
    pub fn take(&self) -> Option<Query> {
        self.state().query.take()
    }

    /// Answers the request that was made.
    pub fn respond(&self, response: ServerResult<Reply>) {
        self.state().response = Some(response);
    }

    async fn call(&self, query: Query) -> ServerResult<Reply> {
        self.state().query = Some(query);
        poll_fn(|_| self.state().response.take().map_or(Poll::Pending, Poll::Ready)).await
    }

    fn state(&self) -> MutexGuard<'_, WireState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes a request, and returns the response of the same kind.
macro_rules! call {
    ($wire:ident, $query:expr, $kind:ident) => {
        match $wire.call($query).await? {
            Reply::$kind(reply) => Ok(reply),
            other => unreachable!("the response to another request: {other:?}"),
        }
    };
}

impl Server for Wire {
    async fn send(&self, op: &Op, epoch: &str) -> ServerResult<OpDone> {
        call!(self, Query::Send(op.clone(), epoch.into()), Done)
    }

    async fn heads(&self, watermark: i64, proof: &str) -> ServerResult<Heads> {
        call!(self, Query::Heads(watermark, proof.into()), Heads)
    }

    async fn pull(&self, fetches: &[Fetch], epoch: &str, _: usize) -> ServerResult<Pulled> {
        call!(self, Query::Pull(fetches.into(), epoch.into()), Pulled)
    }

    async fn history(&self, fetch: &Fetch, epoch: &str, _: usize) -> ServerResult<History> {
        call!(self, Query::History(*fetch, epoch.into()), History)
    }

    async fn state(&self, stream: &StreamCursor, epoch: &str, since: i64) -> ServerResult<Page> {
        call!(self, Query::State(*stream, epoch.into(), since), State)
    }

    async fn digest(&self, stored: &StoredSection, epoch: &str) -> ServerResult<Digest> {
        call!(self, Query::Digest(*stored, epoch.into()), Digest)
    }

    async fn begin_upload(&self, _: FileHash, _: &NewUpload) -> ServerResult<Upload> {
        Err(Refusal::FilesOff.into())
    }

    async fn add_part(&self, _: FileHash, _: i64, _: Vec<u8>) -> ServerResult<PartResult> {
        Err(Refusal::FilesOff.into())
    }
}

/// Returns the error that a device gets instead of a response.
pub fn no_response(code: ErrorCode) -> ErrorBody {
    ErrorBody::new(code, "the server did not respond")
}
