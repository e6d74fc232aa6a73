//! The engine's requests to the server, and how the responses are handled.

use super::server::{Server, ServerResult};
use super::{compare, history, send, state};
use crate::about;
use crate::context::local::LocalContext;
use parlour_protocol::{Heads, OpId};
use parlour_sync::{Fetch, Input, Section};

/// A request of an engine. It may take several requests to the server, and the responses may be written
/// to the files before the engine receives the result.
pub struct ServerCall {
    local: LocalContext,
    epoch: String,
    kind: CallKind,
}

/// What is requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallKind {
    /// The streams that have moved.
    Heads {
        /// The watermark since which they moved.
        watermark: i64,
        /// The server's proof of that watermark.
        proof: String,
    },
    /// The data that streams lack.
    Pull {
        /// The fetch of each stream.
        fetches: Vec<Fetch>,
        /// Maximum size of the rows in a response, in bytes.
        bytes: usize,
    },
    /// Older messages.
    History {
        /// The stream, and the position before which they are.
        fetch: Fetch,
        /// Maximum size of the rows in a response, in bytes.
        bytes: usize,
    },
    /// The execution of an op.
    Send(OpId),
    /// The comparison of a section of the mirror with the server.
    Verify(Section),
}

impl ServerCall {
    pub(super) fn new(local: LocalContext, epoch: String, kind: CallKind) -> Self {
        Self { local, epoch, kind }
    }

    /// Returns what is requested.
    pub fn kind(&self) -> &CallKind {
        &self.kind
    }

    /// Returns the epoch in which it is requested.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Sends the request to a server, updates the files from the responses, and returns the input for the
    /// engine.
    pub async fn run(self, server: &impl Server) -> Input {
        let Self { local, epoch, kind } = self;
        match kind {
            CallKind::Heads { watermark, proof } => {
                let heads = server.heads(watermark, &proof).await;
                if let Ok(Heads { server: Some(about), .. }) = &heads
                    && let Err(error) = about::store_about(&local, about)
                {
                    // The next heads contain it again.
                    tracing::warn!(%error, "cannot store the name of the server");
                }
                Input::Heads(watermark, heads)
            }
            CallKind::Pull { fetches, bytes } => {
                let pulled = state::pull(server, &fetches, &epoch, bytes).await;
                Input::Pulled(fetches, pulled)
            }
            CallKind::History { fetch, bytes } => {
                Input::History(fetch, history::pages(server, &fetch, &epoch, bytes).await)
            }
            CallKind::Send(id) => Input::Sent(id, send::op(&local, server, id, &epoch).await),
            CallKind::Verify(section) => {
                let compared: ServerResult<Option<i64>> =
                    compare::compare(&local, server, section, &epoch).await;
                Input::Verified(section, compared)
            }
        }
    }
}
