//! Finds earlier messages with new keywords, with the search index.

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
    GET = "SELECT keywords FROM mirror WHERE only_row = 1";
    /// $1 keywords.
    SET = "UPDATE mirror SET keywords = $1 WHERE only_row = 1";
    CLEAR = "DELETE FROM activity WHERE kind = 'keyword'";
}

/// Maximum number of earlier messages that are found for one keyword.
const MAX_EARLIER: usize = 200;

impl Store {
    /// Adds the messages with the current keywords to Activity: the newest 200 earlier ones of each keyword, and all
    /// future ones. Does nothing if the keywords have not changed.
    pub fn apply_keywords(&self, context: &SearchContext) -> Result<()> {
        let keywords = self.setting(SettingKey::Keywords, None)?;
        let applied: Option<String> = self.mirror.read(|conn| {
            Ok(conn.prepare_cached(GET)?.query_row([], |row| row.get(0)).optional()?)
        })?;
        if applied.is_none_or(|applied| applied == keywords) {
            return Ok(());
        }
        // From here on, new messages are matched with the new keywords.
        self.mirror.write(|conn| {
            conn.prepare_cached(CLEAR)?.execute([])?;
            Ok(conn.prepare_cached(SET)?.execute([&keywords]).map(drop)?)
        })?;
        let parsed = Keywords::parse(&keywords);
        for word in parsed.words() {
            self.apply_keyword(word, &parsed, context)?;
        }
        Ok(())
    }

    fn apply_keyword(&self, word: &str, all: &Keywords, context: &SearchContext) -> Result<()> {
        let query = Search::everywhere(&format!("\"{}\"", word.replace('"', " ")));
        let found = self.search(&query, context, MAX_EARLIER)?.hits;
        let me = self.account()?.user_id;
        let mut matching = Vec::new();
        for hit in found {
            let details = self.message_details(hit.id)?;
            let Some(details) =
                details.filter(|details| details.sender != me && !details.is_deleted)
            else {
                continue;
            };
            if all.are_in(&details.authored_text) {
                matching.push((hit.id, details.sent_at));
            }
        }
        self.mirror.write(|conn| {
            for (id, sent_at) in matching {
                if let Some(key) = messages::find(conn, id)? {
                    fill::add_keyword(conn, key, sent_at)?;
                }
            }
            Ok(())
        })
    }
}
