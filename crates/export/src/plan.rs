//! Decides which conversations and messages are exported.

use crate::error::Result;
use crate::progress::Reporter;
use crate::request::{ExportRequest, ExportSelection};
use crate::source::{Period, Wanted};
use parlour_protocol::{ConversationId, Seq};
use parlour_store::{ConversationSummary, Search, SearchContext, Store};
use std::collections::BTreeMap;

/// Number of hits of a search that are read at once.
const HITS: usize = 200;

/// A conversation to export.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Planned {
    pub id: ConversationId,
    /// A group's title, or the other person's name.
    pub title: String,
    pub wanted: Wanted,
    /// Whether it is exported even if it has no messages.
    pub keeps_empty: bool,
}

/// Returns the conversations to export, in the order of their titles. The results of a search take 8 bytes each.
///
/// # Errors
/// Fails if the files cannot be read, or if the caller cancels.
pub(crate) fn plan(
    store: &Store,
    request: &ExportRequest,
    context: &SearchContext,
    reporter: &mut Reporter<'_>,
) -> Result<Vec<Planned>> {
    let period = Period { from: request.from, until: request.until };
    let keeps_empty = period == Period::default();
    let all = |summary: ConversationSummary| {
        let (id, title) = (summary.id, summary.title);
        Planned { id, title, wanted: Wanted::All, keeps_empty }
    };
    let mut planned: Vec<Planned> = match &request.selection {
        ExportSelection::Everything => {
            store.conversations(i64::MAX)?.into_iter().map(all).collect()
        }
        ExportSelection::Conversation { id } => {
            store.conversations_by_id(&[*id])?.into_iter().map(all).collect()
        }
        ExportSelection::Search { text, scope } => {
            let mut found = hits(store, Search::new(text, *scope), context, reporter)?;
            let ids: Vec<ConversationId> = found.keys().copied().collect();
            let hits_in = |summary: ConversationSummary| {
                let (id, title) = (summary.id, summary.title);
                let mut positions = found.remove(&id).unwrap_or_default();
                positions.sort_unstable();
                Planned { id, title, wanted: Wanted::At(positions), keeps_empty: false }
            };
            store.conversations_by_id(&ids)?.into_iter().map(hits_in).collect()
        }
    };
    planned.sort_by_cached_key(|planned| (planned.title.to_lowercase(), planned.id));
    Ok(planned)
}

/// Returns the positions of all hits that are on the server, by conversation, newest first.
fn hits(
    store: &Store,
    mut search: Search,
    context: &SearchContext,
    reporter: &mut Reporter<'_>,
) -> Result<BTreeMap<ConversationId, Vec<Seq>>> {
    let mut found: BTreeMap<ConversationId, Vec<Seq>> = BTreeMap::new();
    loop {
        reporter.check()?;
        let page = store.search(&search, context, HITS)?;
        for hit in page.hits {
            if let Some(seq) = hit.seq {
                found.entry(hit.conversation_id).or_default().push(seq);
            }
        }
        search.before = page.next;
        if search.before.is_none() {
            return Ok(found);
        }
    }
}
