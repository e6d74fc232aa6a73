//! Conversations as the list shows them: the mirror's rows, overlaid with the ops in the outbox.

mod overlay;
pub(crate) mod preview;
mod rows;
pub(crate) mod summary;

use crate::activity::page::count_mentions;
use crate::error::Result;
use crate::outbox::drafts;
use crate::outbox::ops::PendingOp;
use crate::store::Store;
use crate::{direct, unread};
use parlour_protocol::{ConversationId, ConversationType};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use summary::ConversationSummary;

parlour_sqlite::statements! {
    /// $1 limit.
    NEWEST = "SELECT id FROM conversations ORDER BY active_at DESC LIMIT $1";
}

/// Every statement of the list.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [ALL, rows::ALL].concat()
}

impl Store {
    /// Returns the conversations with the newest activity, at most `limit` of them, and all others
    /// for which an op waits; newest first.
    pub fn conversations(&self, limit: i64) -> Result<Vec<ConversationSummary>> {
        let ids: Vec<ConversationId> = self.mirror.read(|conn| {
            let mut statement = conn.prepare_cached(NEWEST)?;
            let ids = statement.query_map([limit], |row| Ok(ConversationId(row.get(0)?)))?;
            Ok(ids.collect::<rusqlite::Result<_>>()?)
        })?;
        let mut summaries = self.conversations_by_id(&ids)?;
        let listed: HashSet<_> = ids.into_iter().collect();
        let waiting = self.outbox.pending_ops()?.into_iter().map(|op| op.op.conversation_id);
        let missing: BTreeSet<_> = waiting.filter(|id| !listed.contains(id)).collect();
        summaries.extend(self.conversations_by_id(&missing.into_iter().collect::<Vec<_>>())?);
        summaries.sort_by_key(|summary| std::cmp::Reverse(summary.active_at));
        Ok(summaries)
    }

    /// Returns the given conversations as the list shows them; leaves out unknown ones.
    pub fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        let mut pending: BTreeMap<ConversationId, Vec<PendingOp>> = BTreeMap::new();
        for op in self.outbox.pending_ops()? {
            pending.entry(op.op.conversation_id).or_default().push(op);
        }
        let mut local = self.outbox.with_conn(drafts::all)?;
        self.mirror.read(|conn| {
            let mut summaries = Vec::with_capacity(ids.len());
            for id in ids {
                let ops = pending.remove(id).unwrap_or_default();
                let new_conversation = overlay::new_conversation(conn, *id, &ops)?;
                let found = rows::find(conn, *id, new_conversation.as_ref())?;
                // The server says that the conversation is between two people, but its id or
                // members contradict that.
                if let Some((present, summary)) = &found
                    && summary.kind == ConversationType::P2p
                    && !direct::is_valid_direct(conn, present.number, *id)?
                {
                    continue;
                }
                let (present, found) = found.unzip();
                let Some(mut summary) = found.or(new_conversation) else { continue };
                for op in &ops {
                    overlay::overlay(conn, &mut summary, op)?;
                }
                if let Some(present) = present.filter(|_| !summary.left) {
                    let read = summary.last_read_seq.0;
                    summary.unread = unread::count(conn, present, read)?;
                    summary.mentions = count_mentions(conn, present.number, read, present.last)?;
                }
                if let Some(local) = local.remove(id) {
                    summary.draft = local.visible();
                }
                summaries.push(summary);
            }
            Ok(summaries)
        })
    }
}
