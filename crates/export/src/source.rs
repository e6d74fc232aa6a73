//! The messages of one conversation that are exported, read in pages.

use crate::error::Result;
use parlour_protocol::{ConversationId, MessageRow, Millis, Seq};
use parlour_store::Store;

/// Number of messages that are read at once.
const PAGE: u32 = 200;

/// The messages of a conversation that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of them.
    All,
    /// Those at these positions, in order.
    At(Vec<Seq>),
}

impl Wanted {
    pub fn contains(&self, position: Seq) -> bool {
        match self {
            Self::All => true,
            Self::At(positions) => positions.binary_search(&position).is_ok(),
        }
    }
}

/// A range of time: at or after the first time, and before the second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub from: Option<Millis>,
    pub until: Option<Millis>,
}

impl Period {
    pub fn contains(self, at: Millis) -> bool {
        self.from.is_none_or(|from| at >= from) && self.until.is_none_or(|until| at < until)
    }
}

/// A page of messages.
pub(crate) struct Page {
    /// The wanted messages, in the order of the conversation.
    pub rows: Vec<MessageRow>,
    /// Number of messages that were read.
    pub read: u64,
}

/// Reads the wanted messages of a conversation.
pub(crate) struct Source<'a> {
    store: &'a Store,
    id: ConversationId,
    wanted: &'a Wanted,
    period: Period,
    after: Seq,
    /// Number of the wanted positions that were read.
    taken: usize,
}

impl<'a> Source<'a> {
    pub fn new(store: &'a Store, id: ConversationId, wanted: &'a Wanted, period: Period) -> Self {
        Self { store, id, wanted, period, after: Seq(0), taken: 0 }
    }

    /// Returns the next page, which may have no wanted messages; `None` at the end.
    ///
    /// # Errors
    /// Fails if the mirror cannot be read.
    pub fn next_page(&mut self) -> Result<Option<Page>> {
        let mirror = &self.store.mirror;
        let (mut rows, read) = match self.wanted {
            Wanted::All => {
                let rows = mirror.stored_messages(self.id, self.after, PAGE)?;
                let Some(last) = rows.last() else { return Ok(None) };
                self.after = last.seq;
                let read = rows.len();
                (rows, read)
            }
            Wanted::At(positions) => {
                let rest = positions.get(self.taken..).unwrap_or_default();
                let next = &rest[..rest.len().min(PAGE as usize)];
                if next.is_empty() {
                    return Ok(None);
                }
                self.taken += next.len();
                (mirror.stored_messages_at(self.id, next)?, next.len())
            }
        };
        rows.retain(|row| self.period.contains(row.sent_at));
        Ok(Some(Page { rows, read: read as u64 }))
    }
}
