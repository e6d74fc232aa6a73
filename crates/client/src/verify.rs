//! Compares a part of the mirror with the server, and mends it where it differs. What needs no network
//! is apart from what does, so that a simulation can do it too.

use crate::driver::Parts;
use crate::notice::Notice;
use crate::perform::{self, failed};
use parlour_protocol::{Digest, ErrorBody, ErrorCode, Row, StreamId};
use parlour_store::{Changes, Mirror, Standing, Store, Stretch};
use parlour_sync::Place;
use tokio::task::block_in_place;

/// A part as the mirror has it, for the server to be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything in a stream but messages.
    State(Standing),
    /// Messages.
    Messages(Stretch),
}

impl Part {
    /// The part at a place; nothing if there is none there.
    ///
    /// # Errors
    /// The files fail.
    pub fn at(mirror: &Mirror, place: Place) -> parlour_store::Result<Option<Self>> {
        Ok(match place {
            Place::State(stream) => mirror.standing(stream)?.map(Self::State),
            Place::Messages(id, below) => mirror.stretch(id, below)?.map(Self::Messages),
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
            Self::State(standing) => (standing.cursor, mirror.state_digest(standing)),
            Self::Messages(stretch) => (stretch.cursor, mirror.digest(stretch)),
        };
        let ours = ours.map_err(failed)?.filter(|_| theirs.head == cursor).ok_or_else(moved)?;
        Ok(ours == (theirs.count, theirs.sha256.clone()))
    }

    /// Makes it what the server has in an epoch; answers how many rows differed. What this account said and
    /// the server does not have waits to be sent again: see [`perform::reloads`].
    ///
    /// # Errors
    /// The files fail.
    pub fn mend(
        &self,
        store: &Store,
        epoch: &str,
        rows: &[Row],
    ) -> Result<(i64, Changes), ErrorBody> {
        match self {
            Self::State(standing) => store.repair_state(standing, epoch, rows),
            Self::Messages(stretch) => store.repair(stretch, epoch, rows),
        }
        .map_err(failed)
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

    fn stream(&self) -> StreamId {
        match self {
            Self::State(standing) => standing.stream,
            Self::Messages(stretch) => StreamId::Conversation(stretch.conversation),
        }
    }
}

/// Compares what is at a place; answers where its messages begin, or nothing if there are none.
pub async fn place(parts: &Parts, place: Place, epoch: &str) -> Result<Option<i64>, ErrorBody> {
    let mirror = &parts.store.mirror;
    let found = block_in_place(|| Part::at(mirror, place)).map_err(failed)?;
    let Some(part) = found else { return Ok(None) };
    let theirs = parts.http.digest(&part, epoch).await?;
    if block_in_place(|| part.is_same(mirror, &theirs))? {
        if let Part::Messages(stretch) = &part {
            block_in_place(|| keep_index(parts, stretch)).map_err(failed)?;
            tell(parts, block_in_place(|| part.settle(&parts.store))?);
        }
        return Ok(part.low());
    }
    let rows = parts.http.part(&part, epoch).await?;
    let part = part.narrowed_to(&rows);
    let (repaired, changes) = block_in_place(|| part.mend(&parts.store, epoch, &rows))?;
    tracing::error!(stream = %part.stream(), repaired, "the mirror differed from the server");
    tell(parts, changes);
    parts.notices.tell(Notice::Status);
    Ok(part.low())
}

fn tell(parts: &Parts, changes: Changes) {
    perform::reloads(&changes).for_each(|input| parts.inputs.say(input));
    parts.notices.changed(changes);
}

/// The messages are right; so must be what finds them.
fn keep_index(parts: &Parts, stretch: &Stretch) -> parlour_store::Result<()> {
    let mirror = &parts.store.mirror;
    if !mirror.is_indexed(stretch)? {
        mirror.rebuild_index(|| !parts.inputs.is_closed())?;
        mirror.note_repair()?;
        tracing::error!(conversation = %stretch.conversation, "the search index was wrong, and is built anew");
        parts.notices.tell(Notice::Status);
    }
    mirror.merge_index().map(drop)
}

/// Builds an index of an earlier version anew; what is asked meanwhile is answered from that one.
pub fn renew_index(parts: &Parts) {
    let mirror = &parts.store.mirror;
    let renewed = block_in_place(|| match mirror.is_index_outdated()? {
        true => mirror.rebuild_index(|| !parts.inputs.is_closed()),
        false => Ok(()),
    });
    match renewed {
        Err(error) if !parts.inputs.is_closed() => {
            tracing::error!(%error, "the search index could not be built anew");
        }
        _ => {}
    }
}

pub(crate) fn moved() -> ErrorBody {
    let message = "The stream has moved meanwhile.".into();
    ErrorBody { code: ErrorCode::Retry, message, retry_after_ms: None }
}
