//! Finding messages by their words, with no network.
//!
//! Newest first within a conversation is the index's own order (see `messages.key`). Over all
//! conversations, few hits are sorted by time; many are merged conversation by conversation, most
//! recently active first, until no further one can have a newer hit (the threshold rule of Fagin,
//! Lotem and Naor, 2001). Either way a search reads a bounded number of rows.

use crate::messages::{range, seq_of};
use crate::{Result, Store, conversations};
use parlour_protocol::{ConversationId, Count, Millis, Seq};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 query, $2 first key, $3 last key, $4 limit.
    IN_RANGE = "SELECT rowid AS key, snippet(messages_fts, 0, char(2), char(3), '…', 24) AS snippet
        FROM messages_fts WHERE messages_fts MATCH $1 AND rowid BETWEEN $2 AND $3
        ORDER BY rowid DESC LIMIT $4";
    /// $1 query, $2 limit.
    SOME = "SELECT rowid AS key FROM messages_fts WHERE messages_fts MATCH $1 LIMIT $2";
    /// $1 query, $2 first key, $3 last key, $4 limit.
    SOME_IN_RANGE = "SELECT rowid AS key FROM messages_fts
        WHERE messages_fts MATCH $1 AND rowid BETWEEN $2 AND $3 LIMIT $4";
    /// $1 key.
    HIT = "SELECT messages.sent_at, users.username AS sender, conversations.id AS conversation_id
        FROM messages
        CROSS JOIN users ON users.number = messages.sender
        CROSS JOIN conversations ON conversations.number = $1 >> 32
        WHERE messages.key = $1";
    /// $1 key.
    SENT_AT = "SELECT sent_at FROM messages WHERE key = $1";
    BY_ACTIVITY = "SELECT number, active_at FROM conversations ORDER BY active_at DESC";
}

/// Hits are counted up to here; past it the count is "at least".
const COUNTED: i64 = 1000;
/// Up to this many hits are sorted by time at once.
const SORTED: usize = 300;

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
    /// Where.
    pub conversation_id: ConversationId,
    /// Its position there.
    pub seq: Seq,
    /// Who wrote it.
    pub sender: String,
    /// When.
    pub sent_at: Millis,
    /// What it says around the words.
    pub snippet: Vec<SnippetPart>,
}

/// What was found, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    /// At most as many as were asked for.
    pub hits: Vec<SearchHit>,
    /// How many there are in all, counted up to 1,000.
    pub count: Count,
}

impl Store {
    /// The newest messages with all of these words, at most `limit`. The last word may be a
    /// beginning; words in double quotes stand together.
    pub fn search(&self, text: &str, scope: Scope, limit: usize) -> Result<SearchPage> {
        let Some(query) = to_query(text) else { return Ok(SearchPage::default()) };
        self.mirror.read(|conn| {
            let (found, count) = match scope {
                Scope::Conversation(id) => {
                    let Some(number) = conversations::find(conn, id)? else {
                        return Ok(SearchPage::default());
                    };
                    let (low, high) = range(number);
                    let counted = keys(conn, SOME_IN_RANGE, (&query, low, high, COUNTED))?.len();
                    (in_range(conn, &query, (low, high), limit)?, counted)
                }
                Scope::Everywhere => {
                    let some = keys(conn, SOME, (&query, COUNTED))?;
                    let counted = some.len();
                    (everywhere(conn, &query, some, limit)?, counted)
                }
            };
            let hits = found.into_iter().map(|(key, snippet)| hit(conn, key, &snippet));
            let count = Count(i64::try_from(count).expect("bounded above"));
            Ok(SearchPage { hits: hits.collect::<Result<_>>()?, count })
        })
    }
}

type Found = Vec<(i64, String)>;

fn everywhere(conn: &Connection, query: &str, some: Vec<i64>, limit: usize) -> Result<Found> {
    if some.len() < SORTED {
        let mut timed = Vec::with_capacity(some.len());
        for key in some {
            timed.push((sent_at(conn, key)?, key));
        }
        timed.sort_unstable_by(|a, b| b.cmp(a));
        let newest = timed.into_iter().take(limit);
        let found = newest.map(|(_, key)| in_range(conn, query, (key, key), 1));
        return Ok(found.collect::<Result<Vec<_>>>()?.concat());
    }
    let mut statement = conn.prepare_cached(BY_ACTIVITY)?;
    let mut rows = statement.query([])?;
    let mut best: Vec<(i64, i64, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        let (number, active_at): (i64, i64) = (row.get("number")?, row.get("active_at")?);
        // Nothing from here on was said after what is already found.
        if best.get(limit - 1).is_some_and(|(oldest, ..)| *oldest >= active_at) {
            break;
        }
        for (key, snippet) in in_range(conn, query, range(number), limit)? {
            best.push((sent_at(conn, key)?, key, snippet));
        }
        best.sort_unstable_by_key(|(at, key, _)| std::cmp::Reverse((*at, *key)));
        best.truncate(limit);
    }
    Ok(best.into_iter().map(|(_, key, snippet)| (key, snippet)).collect())
}

fn in_range(
    conn: &Connection,
    query: &str,
    (low, high): (i64, i64),
    limit: usize,
) -> Result<Found> {
    let mut statement = conn.prepare_cached(IN_RANGE)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement
        .query_map((query, low, high, limit), |row| Ok((row.get("key")?, row.get("snippet")?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn keys(conn: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<i64>> {
    let mut statement = conn.prepare_cached(sql)?;
    let rows = statement.query_map(params, |row| row.get("key"))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn sent_at(conn: &Connection, key: i64) -> Result<i64> {
    Ok(conn.prepare_cached(SENT_AT)?.query_row([key], |row| row.get(0))?)
}

fn hit(conn: &Connection, key: i64, snippet: &str) -> Result<SearchHit> {
    Ok(conn.prepare_cached(HIT)?.query_row([key], |row| {
        Ok(SearchHit {
            conversation_id: ConversationId(row.get("conversation_id")?),
            seq: Seq(seq_of(key)),
            sender: row.get("sender")?,
            sent_at: Millis(row.get("sent_at")?),
            snippet: parts(snippet),
        })
    })?)
}

/// Splits a snippet at its marks.
fn parts(snippet: &str) -> Vec<SnippetPart> {
    let mut parts = Vec::new();
    for piece in snippet.split('\u{2}') {
        let (marked, rest) = piece.split_once('\u{3}').unwrap_or(("", piece));
        for (text, mark) in [(marked, true), (rest, false)] {
            if !text.is_empty() {
                parts.push(SnippetPart { text: text.into(), mark });
            }
        }
    }
    parts
}

/// What was typed as a query of the index: every word, or phrase in quotes, must be there; the last
/// word may be a beginning. Nothing if there is no word in it.
fn to_query(text: &str) -> Option<String> {
    let mut terms = Vec::new();
    for (index, piece) in text.split('"').enumerate() {
        if index % 2 == 1 {
            terms.push((piece.to_owned(), false));
        } else {
            terms.extend(piece.split_whitespace().map(|word| (word.to_owned(), true)));
        }
    }
    terms.retain(|(term, _)| term.chars().any(char::is_alphanumeric));
    let last = terms.len().checked_sub(1)?;
    let ends_a_word = text.ends_with(char::is_whitespace);
    let quoted = terms.iter().enumerate().map(|(index, (term, is_word))| {
        let prefix = if index == last && *is_word && !ends_a_word { "*" } else { "" };
        format!("\"{term}\"{prefix}")
    });
    Some(quoted.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_words_phrases_and_a_beginning() {
        assert_eq!(to_query("spesh  log"), Some("\"spesh\" \"log\"*".into()));
        assert_eq!(to_query("\"inline cache\" si"), Some("\"inline cache\" \"si\"*".into()));
        assert_eq!(to_query("done "), Some("\"done\"".into()));
        assert_eq!(to_query("-> \" *"), None);
        assert_eq!(to_query("AND OR NOT (x"), Some("\"AND\" \"OR\" \"NOT\" \"(x\"*".into()));
    }

    #[test]
    fn a_snippet_is_split_at_its_marks() {
        let part = |text: &str, mark| SnippetPart { text: text.into(), mark };
        let expected = [part("so ", false), part("spesh", true), part(" can", false)];
        assert_eq!(parts("so \u{2}spesh\u{3} can"), expected);
    }
}
