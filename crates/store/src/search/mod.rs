//! Searches messages, without a network.
//!
//! `query.rs` parses the typed query, `plan.rs` derives the query to the index, `resolve.rs` finds the people
//! and conversations of the operators, and `find.rs` queries the index and examines its results. `pattern.rs`
//! and `index/` define words, for messages and queries alike.
//! docs/search.md explains the design, with figures.

mod find;
mod maintenance;
pub(crate) mod page;
mod pattern;
mod plan;
pub(crate) mod query;
mod ranges;
mod resolve;
pub(crate) mod snippet;

use crate::error::Result;
use crate::index::terms::Indexed;
use crate::mirror::conversations;
use crate::mirror::messages::{self, key, seq_of};
use crate::outbox::ops::PendingOp;
use crate::store::Store;
use find::{FoundMessage, HitPosition};
use page::{Scope, Search, SearchHit, SearchOrder, SearchPage, SearchPlace};
use parlour_protocol::{Action, ConversationId, Count, MessageId, Millis, Seq};
use plan::Plan;
use query::{Query, SearchContext};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 sender, $2 conversation.
    NAMES = concat!("SELECT ", shown_name!(), " AS sender, conversations.id AS conversation_id
        FROM users CROSS JOIN conversations
        WHERE users.number = $1 AND conversations.number = $2");
    /// $1 number.
    CONVERSATION = "SELECT id FROM conversations WHERE number = $1";
    ME = concat!("SELECT users.number, ", shown_name!(), " AS name FROM mirror
        CROSS JOIN users ON users.id = mirror.user_id WHERE mirror.only_row = 1");
}

/// Every statement of the search.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [ALL, find::ALL, resolve::ALL, maintenance::ALL].concat()
}

/// Number of the newest hits that are compared to find the best ones.
const RANKED: usize = 400;

impl Store {
    /// Returns the messages that match, at most `limit`, newest or best first; on the first page
    /// also those that match and wait in the outbox. Reads a bounded number of rows, however long
    /// the history is.
    ///
    /// # Errors
    /// Fails if the files cannot be read.
    pub fn search(
        &self,
        search: &Search,
        context: &SearchContext,
        limit: usize,
    ) -> Result<SearchPage> {
        let query = Query::parse(&search.text, context);
        if query.is_empty() {
            return Ok(SearchPage::default());
        }
        // Read before the mirror: a message that is confirmed in between is then in both, not in
        // neither.
        let pending = if search.before.is_none() { self.pending_ops()? } else { Vec::new() };
        self.mirror.read(|conn| {
            let plan = Plan::new(conn, query, search.scope)?;
            let before = search.before.map(|position| hit_position(conn, position)).transpose()?;
            let (found, next) = match search.order {
                SearchOrder::Newest => find::newest(conn, &plan, before, limit)?,
                SearchOrder::Best => (best(conn, &plan, limit)?, None),
            };
            let mut hits = waiting(conn, &plan, search.scope, &pending)?;
            for found in &found {
                hits.push(hit(conn, &plan, found)?);
            }
            let next = next.map(|position| search_place(conn, position)).transpose()?;
            Ok(SearchPage { hits, next })
        })
    }

    /// Returns how many messages match in all, or `None` if the index alone cannot count them.
    /// May be slow.
    ///
    /// # Errors
    /// Fails if the files cannot be read.
    pub fn count_hits(&self, search: &Search, context: &SearchContext) -> Result<Option<Count>> {
        let query = Query::parse(&search.text, context);
        if query.is_empty() {
            return Ok(None);
        }
        self.mirror.read(|conn| {
            let count = find::count(conn, &Plan::new(conn, query, search.scope)?)?;
            Ok(count.map(|count| Count(i64::try_from(count).unwrap_or(i64::MAX))))
        })
    }
}

fn best(conn: &Connection, plan: &Plan, limit: usize) -> Result<Vec<FoundMessage>> {
    let (found, _) = find::newest(conn, plan, None, RANKED)?;
    let scored = found.into_iter().map(|found| {
        let score = {
            let texts: Vec<&str> = found.indexed().texts().collect();
            snippet::score(&texts, &plan.patterns)
        };
        (score, found)
    });
    let mut scored: Vec<(f64, FoundMessage)> = scored.collect();
    // The sort is stable: of equally good hits, the newest stays first.
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(scored.into_iter().take(limit).map(|(_, found)| found).collect())
}

fn hit(conn: &Connection, plan: &Plan, found: &FoundMessage) -> Result<SearchHit> {
    let (sender, conversation_id) = names(conn, found.sender, found.key)?;
    let texts: Vec<&str> = found.indexed().texts().collect();
    Ok(SearchHit {
        id: found.id,
        conversation_id,
        seq: Some(Seq(seq_of(found.key))),
        sender,
        sent_at: Millis(found.sent_at),
        snippet: snippet::snippet(&texts, &plan.highlights),
    })
}

fn names(conn: &Connection, sender: i64, key: i64) -> Result<(String, ConversationId)> {
    Ok(conn.prepare_cached(NAMES)?.query_row((sender, key >> 32), |row| {
        Ok((row.get("sender")?, ConversationId(row.get("conversation_id")?)))
    })?)
}

/// Returns messages that match and have not reached the server, newest first.
fn waiting(
    conn: &Connection,
    plan: &Plan,
    scope: Scope,
    pending: &[PendingOp],
) -> Result<Vec<SearchHit>> {
    let mut hits = Vec::new();
    if plan.keys.is_some() || plan.is_impossible() {
        return Ok(hits);
    }
    let me = conn.prepare_cached(ME)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((sender, name)): Option<(i64, String)> = me.optional()? else { return Ok(hits) };
    for op in pending.iter().rev() {
        let id = op.op.conversation_id;
        let Action::Send { body, files, .. } = &op.op.action else { continue };
        let is_in_scope = scope == Scope::Everywhere || scope == Scope::Conversation(id);
        if !is_in_scope || messages::is_present(conn, MessageId(op.op.id.0))? {
            continue;
        }
        // A waiting message sorts after all present ones.
        let key = conversations::find(conn, id)?.map(|number| key(number, i64::MAX));
        let sent_at = op.created_at;
        let (is_pinned, has_reaction) = (false, false);
        let indexed = Indexed { body, files, sender, sent_at: sent_at.0, is_pinned, has_reaction };
        if plan.matches_completely(&indexed)
            && key.map_or(plan.ranges.is_none(), |key| plan.is_in_range(key))
        {
            let texts: Vec<&str> = indexed.texts().collect();
            let snippet = snippet::snippet(&texts, &plan.highlights);
            let id = MessageId(op.op.id.0);
            let (conversation_id, sender) = (op.op.conversation_id, name.clone());
            hits.push(SearchHit { id, conversation_id, seq: None, sender, sent_at, snippet });
        }
    }
    Ok(hits)
}

fn hit_position(conn: &Connection, position: SearchPlace) -> Result<HitPosition> {
    let number = conversations::find(conn, position.conversation_id)?;
    // If the conversation no longer exists, the time is sufficient.
    Ok((position.sent_at.0, number.map_or(i64::MIN, |number| key(number, position.seq.0))))
}

fn search_place(conn: &Connection, (sent_at, key): HitPosition) -> Result<SearchPlace> {
    let find = |row: &rusqlite::Row<'_>| row.get("id").map(ConversationId);
    let conversation_id = conn.prepare_cached(CONVERSATION)?.query_row([key >> 32], find)?;
    Ok(SearchPlace { sent_at: Millis(sent_at), conversation_id, seq: Seq(seq_of(key)) })
}
