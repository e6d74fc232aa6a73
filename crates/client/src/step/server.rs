//! The interface to a server.

use crate::stored_section::StoredSection;
use parlour_protocol::{
    Digest, ErrorBody, FileHash, Heads, History, NewUpload, Op, OpDone, Page, Pulled, Upload,
};
use parlour_store::StreamCursor;
use parlour_sync::Fetch;

/// The result of a request.
pub type ServerResult<T> = std::result::Result<T, ErrorBody>;

/// A server as the sync sees it, with one method per request. The running client implements it with HTTP,
/// a simulation with a simulated server.
pub trait Server: Sync {
    /// Sends an op for an epoch.
    fn send(&self, op: &Op, epoch: &str) -> impl Future<Output = ServerResult<OpDone>> + Send;

    /// Returns the streams that moved since a watermark; `proof` is the server's last proof of the
    /// watermark.
    fn heads(
        &self,
        watermark: i64,
        proof: &str,
    ) -> impl Future<Output = ServerResult<Heads>> + Send;

    /// Returns the missing data of streams, with rows of at most `bytes` in total.
    fn pull(
        &self,
        fetches: &[Fetch],
        epoch: &str,
        max_bytes: usize,
    ) -> impl Future<Output = ServerResult<Pulled>> + Send;

    /// Returns a page of older messages, with rows of at most `bytes` in total.
    fn history(
        &self,
        fetch: &Fetch,
        epoch: &str,
        max_bytes: usize,
    ) -> impl Future<Output = ServerResult<History>> + Send;

    /// Returns a page of what has changed in a stream since a change, except messages.
    fn state(
        &self,
        stream: &StreamCursor,
        epoch: &str,
        since: i64,
    ) -> impl Future<Output = ServerResult<Page>> + Send;

    /// Returns the server's digest of a section of the mirror.
    fn digest(
        &self,
        stored: &StoredSection,
        epoch: &str,
    ) -> impl Future<Output = ServerResult<Digest>> + Send;

    /// Begins the upload of a file, or returns its state.
    fn begin_upload(
        &self,
        hash: FileHash,
        new: &NewUpload,
    ) -> impl Future<Output = ServerResult<Upload>> + Send;

    /// Adds a part to a file, at this offset.
    fn add_part(
        &self,
        hash: FileHash,
        offset: i64,
        part: Vec<u8>,
    ) -> impl Future<Output = ServerResult<PartResult>> + Send;
}

/// The result of sending a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartResult {
    /// The server responded with the state of the upload.
    Accepted(Upload),
    /// A proxy before the server accepts only smaller parts.
    TooLarge,
}
