//! A part of the mirror, to be compared with the server: a stretch of messages, or everything else in a
//! stream.

use crate::effects::failed;
use parlour_protocol::{Digest, ErrorBody, ErrorCode, Row, StreamId};
use parlour_store::{Changes, Mirror, Store, StreamCursor, Stretch};
use parlour_sync::Section;

/// A part as the mirror has it, for the server to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything in a stream but its messages.
    State(StreamCursor),
    /// A stretch of messages of a conversation.
    Messages(Stretch),
}

impl Part {
    /// The part of a section; nothing if there is none.
    ///
    /// # Errors
    /// The files fail.
    pub fn at(mirror: &Mirror, section: Section) -> parlour_store::Result<Option<Self>> {
        Ok(match section {
            Section::State(stream) => mirror.stream_cursor(stream)?.map(Self::State),
            Section::Messages(id, below) => mirror.stretch(id, below)?.map(Self::Messages),
        })
    }

    /// Where its messages begin.
    pub fn low(&self) -> Option<i64> {
        match self {
            Self::State(_) => None,
            Self::Messages(stretch) => Some(stretch.low),
        }
    }

    /// As far down as these rows reach: an answer may hold less than was asked for. What is below comes
    /// next.
    #[must_use]
    pub fn narrowed_to(self, rows: &[Row]) -> Self {
        let seqs = rows.iter().filter_map(|row| match row {
            Row::Message(row) => Some(row.seq.0),
            _ => None,
        });
        match (self, seqs.min()) {
            (Self::Messages(stretch), Some(lowest)) => {
                Self::Messages(Stretch { low: stretch.low.max(lowest), ..stretch })
            }
            (part, _) => part,
        }
    }

    /// Whether the mirror has what the server says.
    ///
    /// # Errors
    /// The stream has moved meanwhile, and it is compared later; or the files fail.
    pub fn is_same(&self, mirror: &Mirror, theirs: &Digest) -> Result<bool, ErrorBody> {
        let (cursor, ours) = match self {
            Self::State(applied) => (applied.cursor, mirror.state_digest(applied)),
            Self::Messages(stretch) => (stretch.cursor, mirror.digest(stretch)),
        };
        let ours = ours.map_err(failed)?.filter(|_| theirs.head == cursor).ok_or_else(moved)?;
        Ok(ours == (theirs.count, theirs.sha256.clone()))
    }

    /// Makes it what the server has in an epoch; answers how many rows differed. What this account said and
    /// the server does not have waits to be sent again: see [`effects::requeued_lanes`](crate::effects::requeued_lanes).
    ///
    /// # Errors
    /// The stream has moved meanwhile, and it is compared later; or the files fail.
    pub fn mend(
        &self,
        store: &Store,
        epoch: &str,
        rows: &[Row],
    ) -> Result<(i64, Changes), ErrorBody> {
        match self {
            Self::State(applied) => store.repair_state(applied, epoch, rows),
            Self::Messages(stretch) => store.repair(stretch, epoch, rows),
        }
        .map_err(failed)?
        .ok_or_else(moved)
    }

    /// Once it is what the server has: what this device sent there and the server does not have waits to be
    /// sent again.
    ///
    /// # Errors
    /// The files fail.
    pub fn settle(&self, store: &Store) -> Result<Changes, ErrorBody> {
        match self {
            Self::Messages(stretch) => store.offer_again(stretch.conversation).map_err(failed),
            Self::State(_) => Ok(Changes::default()),
        }
    }

    /// The stream that it belongs to.
    pub(crate) fn stream(&self) -> StreamId {
        match self {
            Self::State(applied) => applied.stream,
            Self::Messages(stretch) => StreamId::Conversation(stretch.conversation),
        }
    }
}

/// The answer where the stream has changed since the part was read: it is compared later.
pub(crate) fn moved() -> ErrorBody {
    ErrorBody::new(ErrorCode::Retry, "the stream has moved meanwhile")
}
