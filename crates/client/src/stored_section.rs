//! A section of the mirror, as it is stored, that is compared with the server: a range of messages, or
//! everything else in a stream.

use crate::effects::storage_failed;
use parlour_protocol::{Digest, ErrorBody, ErrorCode, Row, StreamId};
use parlour_store::{Changes, MessageRange, Mirror, Store, StreamCursor};
use parlour_sync::Section;

/// A section of the mirror as it is when it is read, to be compared with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredSection {
    /// Everything in a stream except its messages.
    State(StreamCursor),
    /// A range of a conversation's messages.
    Messages(MessageRange),
}

impl StoredSection {
    /// Reads a section; returns `None` if the mirror has nothing of it.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn read(mirror: &Mirror, section: Section) -> parlour_store::Result<Option<Self>> {
        Ok(match section {
            Section::State(stream) => mirror.stream_cursor(stream)?.map(Self::State),
            Section::Messages(id, below) => mirror.message_range(id, below)?.map(Self::Messages),
        })
    }

    /// Returns the lowest position of its messages; `None` if it has none.
    pub fn low(&self) -> Option<i64> {
        match self {
            Self::State(_) => None,
            Self::Messages(range) => Some(range.low),
        }
    }

    /// Returns the section down to the lowest of these rows, because a response may contain less than was
    /// requested. What is below that is compared next.
    #[must_use]
    pub fn narrowed_to(self, rows: &[Row]) -> Self {
        let seqs = rows.iter().filter_map(|row| match row {
            Row::Message(row) => Some(row.seq.0),
            _ => None,
        });
        match (self, seqs.min()) {
            (Self::Messages(range), Some(lowest)) => {
                Self::Messages(MessageRange { low: range.low.max(lowest), ..range })
            }
            (stored, _) => stored,
        }
    }

    /// Returns whether the mirror has the same data as the server.
    ///
    /// # Errors
    /// Fails if the stream has changed since, or if a file cannot be read.
    pub fn is_same(&self, mirror: &Mirror, server_digest: &Digest) -> Result<bool, ErrorBody> {
        let (cursor, local_digest) = match self {
            Self::State(applied) => (applied.cursor, mirror.state_digest(applied)),
            Self::Messages(range) => (range.cursor, mirror.digest(range)),
        };
        let local_digest = local_digest
            .map_err(storage_failed)?
            .filter(|_| server_digest.head == cursor)
            .ok_or_else(stream_moved)?;
        Ok(local_digest == (server_digest.count, server_digest.sha256.clone()))
    }

    /// Replaces the section with the server's rows of an epoch; returns how many rows differed. Messages of
    /// this account that the server does not have are queued again: see
    /// [`effects::requeued_lanes`](crate::effects::requeued_lanes).
    ///
    /// # Errors
    /// Fails if the stream has changed since, in which case it is compared later, or if a file cannot be read
    /// or written.
    pub fn repair(
        &self,
        store: &Store,
        epoch: &str,
        rows: &[Row],
    ) -> Result<(i64, Changes), ErrorBody> {
        match self {
            Self::State(applied) => store.repair_state(applied, epoch, rows),
            Self::Messages(range) => store.repair(range, epoch, rows),
        }
        .map_err(storage_failed)?
        .ok_or_else(stream_moved)
    }

    /// Queues again the ops that this device sent and the server does not have. Must be called only once the
    /// section is the same as the server's.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn requeue_missing(&self, store: &Store) -> Result<Changes, ErrorBody> {
        match self {
            Self::Messages(range) => {
                store.requeue_missing(range.conversation).map_err(storage_failed)
            }
            Self::State(_) => Ok(Changes::default()),
        }
    }

    /// Returns the stream to which the section belongs.
    pub(crate) fn stream(&self) -> StreamId {
        match self {
            Self::State(applied) => applied.stream,
            Self::Messages(range) => StreamId::Conversation(range.conversation),
        }
    }
}

/// Returns the error for a stream that has changed since the section was read: it is compared later.
pub(crate) fn stream_moved() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, "the stream has moved meanwhile")
}
