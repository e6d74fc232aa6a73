//! Finding messages, with no network.
//!
//! `query.rs` understands what was typed, `plan.rs` finds out who and where is meant, `find.rs` asks the
//! index and looks at what it answers; `fold.rs`, `terms.rs` and `pattern.rs` say what a word is, for
//! messages and queries alike. docs/search.md tells why it is built so, with figures.

mod find;
pub(crate) mod fold;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod pattern;
mod plan;
mod query;
mod shown;
mod terms;
mod upkeep;

pub use query::Here;
pub use terms::register;

use crate::messages::{self, key, seq_of};
use crate::{Result, Store, conversations};
use find::{Found, Place};
use parlour_protocol::{Action, ConversationId, Count, MessageId, Millis, Seq};
use plan::Plan;
use query::Query;
use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use terms::Indexed;

parlour_sqlite::statements! {
    /// $1 sender, $2 conversation.
    NAMES = "SELECT users.username AS sender, conversations.id AS conversation_id
        FROM users CROSS JOIN conversations
        WHERE users.number = $1 AND conversations.number = $2";
    /// $1 number.
    CONVERSATION = "SELECT id FROM conversations WHERE number = $1";
    ME = "SELECT users.number, users.username FROM mirror
        CROSS JOIN users ON users.id = mirror.user_id WHERE mirror.only_row = 1";
}

/// Every statement of the search.
#[cfg(test)]
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [ALL, find::ALL, plan::ALL, upkeep::ALL].concat()
}

/// How many of the newest hits are compared when the best are asked for.
const RANKED: usize = 400;

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "in", content = "id", rename_all = "camelCase")]
pub enum Scope {
    /// In all conversations.
    Everywhere,
    /// In one.
    Conversation(ConversationId),
}

/// Which hits come first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum SearchOrder {
    /// The newest.
    #[default]
    Newest,
    /// The best of the 400 newest.
    Best,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Search {
    /// As it was typed; docs/search.md has the grammar.
    pub text: String,
    /// Where.
    pub scope: Scope,
    /// What comes first.
    pub order: SearchOrder,
    /// After which hit to go on.
    pub before: Option<SearchPlace>,
}

impl Search {
    /// The newest hits of what was typed.
    pub fn new(text: &str, scope: Scope) -> Self {
        Self { text: text.into(), scope, order: SearchOrder::Newest, before: None }
    }

    /// The same, in every conversation.
    pub fn everywhere(text: &str) -> Self {
        Self::new(text, Scope::Everywhere)
    }
}

/// A place among the hits, which are in the order of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPlace {
    /// When a message was sent.
    pub sent_at: Millis,
    /// Where.
    pub conversation_id: ConversationId,
    /// Its position there.
    pub seq: Seq,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SnippetPart {
    /// The text.
    pub text: String,
    /// Whether it is what was looked for.
    pub mark: bool,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchHit {
    /// Which.
    pub id: MessageId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Its position there; nothing while it waits to be sent.
    pub seq: Option<Seq>,
    /// Who wrote it.
    pub sender: String,
    /// When.
    pub sent_at: Millis,
    /// What it says around the words.
    pub snippet: Vec<SnippetPart>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// At most as many as were asked for, and those that wait to be sent.
    pub hits: Vec<SearchHit>,
    /// Up to where was looked: there may be more before it. With it a page may also be short, because
    /// what fits is rare among much that looks alike.
    pub next: Option<SearchPlace>,
}

impl Store {
    /// The messages that fit, at most `limit`, newest or best first. Reads a bounded number of rows,
    /// however long the history is.
    ///
    /// # Errors
    /// The files fail.
    pub fn search(&self, search: &Search, here: &Here, limit: usize) -> Result<SearchPage> {
        let query = Query::parse(&search.text, here);
        if query.is_empty() {
            return Ok(SearchPage::default());
        }
        // The outbox first: what is confirmed meanwhile is then in both, not in neither.
        let open = if search.before.is_none() { self.open_ops()? } else { Vec::new() };
        self.mirror.read(|conn| {
            let plan = Plan::new(conn, query, search.scope)?;
            let before = search.before.map(|place| key_place(conn, place)).transpose()?;
            let (found, next) = match search.order {
                SearchOrder::Newest => find::newest(conn, &plan, before, limit)?,
                SearchOrder::Best => (best(conn, &plan, limit)?, None),
            };
            let mut hits = waiting(conn, &plan, search.scope, &open)?;
            for found in &found {
                hits.push(hit(conn, &plan, found)?);
            }
            let next = next.map(|place| shown_place(conn, place)).transpose()?;
            Ok(SearchPage { hits, next })
        })
    }

    /// How many messages fit in all, if the index can tell without looking at each. Takes its time.
    ///
    /// # Errors
    /// The files fail.
    pub fn count_hits(&self, search: &Search, here: &Here) -> Result<Option<Count>> {
        let query = Query::parse(&search.text, here);
        if query.is_empty() {
            return Ok(None);
        }
        self.mirror.read(|conn| {
            let count = find::count(conn, &Plan::new(conn, query, search.scope)?)?;
            Ok(count.map(|count| Count(i64::try_from(count).unwrap_or(i64::MAX))))
        })
    }
}

fn best(conn: &Connection, plan: &Plan, limit: usize) -> Result<Vec<Found>> {
    let (found, _) = find::newest(conn, plan, None, RANKED)?;
    let scored = found.into_iter().map(|found| (shown::score(&found.body, &plan.patterns), found));
    let mut scored: Vec<(f64, Found)> = scored.collect();
    // The newest of equals stays first.
    scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    Ok(scored.into_iter().take(limit).map(|(_, found)| found).collect())
}

fn hit(conn: &Connection, plan: &Plan, found: &Found) -> Result<SearchHit> {
    let (sender, conversation_id) = names(conn, found.sender, found.key)?;
    Ok(SearchHit {
        id: found.id,
        conversation_id,
        seq: Some(Seq(seq_of(found.key))),
        sender,
        sent_at: Millis(found.sent_at),
        snippet: shown::snippet(&found.body, &plan.patterns),
    })
}

fn names(conn: &Connection, sender: i64, key: i64) -> Result<(String, ConversationId)> {
    Ok(conn.prepare_cached(NAMES)?.query_row((sender, key >> 32), |row| {
        Ok((row.get("sender")?, ConversationId(row.get("conversation_id")?)))
    })?)
}

/// Messages that fit and have not reached the server, newest first.
fn waiting(
    conn: &Connection,
    plan: &Plan,
    scope: Scope,
    open: &[crate::OpenOp],
) -> Result<Vec<SearchHit>> {
    let mut hits = Vec::new();
    if plan.keys.is_some() || plan.is_impossible() {
        return Ok(hits);
    }
    let me = conn.prepare_cached(ME)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((sender, username)): Option<(i64, String)> = me.optional()? else { return Ok(hits) };
    for op in open.iter().rev() {
        let id = op.op.conversation_id;
        let Action::Send { body, .. } = &op.op.action else { continue };
        let is_there = scope == Scope::Everywhere || scope == Scope::Conversation(id);
        if !is_there || messages::is_held(conn, MessageId(op.op.id.0))? {
            continue;
        }
        // It comes after all that is there.
        let key = conversations::find(conn, id)?.map(|number| key(number, i64::MAX));
        let sent_at = op.created_at;
        let indexed =
            Indexed { body, sender, sent_at: sent_at.0, is_pinned: false, has_reaction: false };
        if plan.fits_whole(&indexed)
            && key.map_or(plan.ranges.is_none(), |key| plan.is_in_place(key))
        {
            let (id, snippet) = (MessageId(op.op.id.0), shown::snippet(body, &plan.patterns));
            let (conversation_id, sender) = (op.op.conversation_id, username.clone());
            hits.push(SearchHit { id, conversation_id, seq: None, sender, sent_at, snippet });
        }
    }
    Ok(hits)
}

fn key_place(conn: &Connection, place: SearchPlace) -> Result<Place> {
    let number = conversations::find(conn, place.conversation_id)?;
    // Of a conversation that is gone, the time is enough.
    Ok((place.sent_at.0, number.map_or(i64::MIN, |number| key(number, place.seq.0))))
}

fn shown_place(conn: &Connection, (sent_at, key): Place) -> Result<SearchPlace> {
    let find = |row: &rusqlite::Row<'_>| row.get("id").map(ConversationId);
    let conversation_id = conn.prepare_cached(CONVERSATION)?.query_row([key >> 32], find)?;
    Ok(SearchPlace { sent_at: Millis(sent_at), conversation_id, seq: Seq(seq_of(key)) })
}
