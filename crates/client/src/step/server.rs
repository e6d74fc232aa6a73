//! What a server is asked.

use crate::part::Part;
use parlour_protocol::{Digest, ErrorBody, Heads, History, Op, OpDone, Page, Pulled};
use parlour_store::StreamCursor;
use parlour_sync::Fetch;

/// What a request comes to.
pub type Answer<T> = std::result::Result<T, ErrorBody>;

/// A server as the sync sees it, one request a method. The running client's is over HTTP, a simulation's is
/// whatever it plays.
pub trait Server: Sync {
    /// Sends an op, meant for an epoch.
    fn send(&self, op: &Op, epoch: &str) -> impl Future<Output = Answer<OpDone>> + Send;

    /// The streams that moved since a watermark; the server hears what it vouched for last.
    fn heads(&self, wm: i64, proof: &str) -> impl Future<Output = Answer<Heads>> + Send;

    /// What streams lack, in an answer of so many bytes of rows at most.
    fn pull(
        &self,
        fetches: &[Fetch],
        epoch: &str,
        bytes: usize,
    ) -> impl Future<Output = Answer<Pulled>> + Send;

    /// A page of older messages, of so many bytes of rows at most.
    fn history(
        &self,
        fetch: &Fetch,
        epoch: &str,
        bytes: usize,
    ) -> impl Future<Output = Answer<History>> + Send;

    /// A page of what a stream has beside messages, of what changed since.
    fn state(
        &self,
        stream: &StreamCursor,
        epoch: &str,
        since: i64,
    ) -> impl Future<Output = Answer<Page>> + Send;

    /// The digest of what a part of the mirror must be.
    fn digest(&self, part: &Part, epoch: &str) -> impl Future<Output = Answer<Digest>> + Send;
}
