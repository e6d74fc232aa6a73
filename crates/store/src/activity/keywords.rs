//! Looks for keywords that were chosen after the messages came: with the search index, which finds a message by any
//! word.

use super::fill;
use crate::error::Result;
use crate::keywords::Keywords;
use crate::mirror::messages;
use crate::registry::SettingKey;
use crate::search::page::Search;
use crate::search::query::SearchContext;
use crate::store::Store;
use rusqlite::OptionalExtension;

parlour_sqlite::statements! {
    KEPT = "SELECT keywords FROM mirror WHERE only_row = 1";
    /// $1 keywords.
    KEEP = "UPDATE mirror SET keywords = $1 WHERE only_row = 1";
    FORGET = "DELETE FROM activity WHERE kind = 'keyword'";
}

/// Maximum number of earlier messages that are found for one keyword.
const EARLIER: usize = 200;

impl Store {
    /// Makes Activity know the messages with the keywords that are chosen now: the newest 200 earlier ones of each,
    /// and all that come from now on. Does nothing if the choice is as it was.
    pub fn take_keywords(&self, context: &SearchContext) -> Result<()> {
        let chosen = self.setting(SettingKey::Keywords, None)?;
        let kept: Option<String> = self.mirror.read(|conn| {
            Ok(conn.prepare_cached(KEPT)?.query_row([], |row| row.get(0)).optional()?)
        })?;
        if kept.is_none_or(|kept| kept == chosen) {
            return Ok(());
        }
        // From here on, what comes is looked at with the new keywords.
        self.mirror.write(|conn| {
            conn.prepare_cached(FORGET)?.execute([])?;
            Ok(conn.prepare_cached(KEEP)?.execute([&chosen]).map(drop)?)
        })?;
        let keywords = Keywords::parse(&chosen);
        for word in keywords.words() {
            self.take_keyword(word, &keywords, context)?;
        }
        Ok(())
    }

    fn take_keyword(&self, word: &str, all: &Keywords, context: &SearchContext) -> Result<()> {
        let query = Search::everywhere(&format!("\"{}\"", word.replace('"', " ")));
        let found = self.search(&query, context, EARLIER)?.hits;
        let me = self.account()?.user_id;
        let mut fits = Vec::new();
        for hit in found {
            let notable = self.notable(hit.id)?;
            let Some(notable) = notable.filter(|one| one.sender != me && !one.is_deleted) else {
                continue;
            };
            if all.are_in(&notable.authored_text) {
                fits.push((hit.id, notable.sent_at));
            }
        }
        self.mirror.write(|conn| {
            for (id, at) in fits {
                if let Some(key) = messages::find(conn, id)? {
                    fill::add_keyword(conn, key, at)?;
                }
            }
            Ok(())
        })
    }
}
