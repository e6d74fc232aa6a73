//! The checks after a script.

use super::WREN;
use super::device::{Device, key};
use parlour_client::Position;
use parlour_protocol::MessageId;
use std::collections::BTreeMap;

impl Device {
    /// Checks everything once the sync is idle. `reported` contains the lines about accepted actions.
    ///
    /// # Errors
    /// Describes what is wrong.
    pub fn check(&mut self, reported: &[String]) -> Result<(), String> {
        if !self.sync_until_idle() {
            let state = self.store.sync_state().map_err(|error| error.to_string())?;
            let is_behind = |stream: &&parlour_store::StreamState| {
                stream.cursor.is_none_or(|at| at < stream.head) || stream.floor > 1
            };
            let behind: Vec<_> = state.streams.iter().filter(is_behind).collect();
            return Err(format!("it never becomes idle: {:?} {behind:?}", state.ops));
        }
        let conversations = self.server.core().conversations_of(WREN).into_iter();
        let on_server: Vec<_> =
            conversations.map(|(id, _)| (id, self.server.messages(id))).collect();
        let all: Vec<&(MessageId, String, bool)> =
            on_server.iter().flat_map(|(_, messages)| messages).collect();
        let mut bodies: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, body, _) in all.iter().filter(|(_, _, is_deleted)| !is_deleted) {
            *bodies.entry(body).or_default() += 1;
        }
        if let Some((body, _)) = bodies.iter().find(|(_, count)| **count > 1) {
            return Err(format!("{body:?} exists twice"));
        }
        let number = |body: &str| body.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok());
        for line in reported {
            let words: Vec<&str> = line.split(' ').collect();
            let message = |id: &str| all.iter().find(|(known, ..)| known.to_string() == id);
            let is_present = match words[..] {
                ["said", id, n] => message(id).is_some_and(|(_, body, is_deleted)| {
                    *is_deleted || number(body) >= n.parse::<u32>().ok()
                }),
                ["deleted", id] => message(id).is_some_and(|(_, _, is_deleted)| *is_deleted),
                _ => {
                    let list = self.session.conversations(10).map_err(|error| error.to_string())?;
                    list.iter().any(|summary| {
                        summary.draft.as_ref().is_some_and(|draft| draft.body == "half a thought")
                    })
                }
            };
            if !is_present {
                return Err(format!("{line:?} was accepted, and the server has {all:?}"));
            }
        }
        for (id, messages) in on_server {
            let page = self.session.timeline(id, Position::Newest, 500);
            let shown: Vec<_> = page
                .map_err(|error| error.to_string())?
                .items
                .into_iter()
                .map(|item| (item.id, item.body, item.deleted))
                .collect();
            if shown != messages {
                return Err(format!("{id} shows {shown:?}, and the server has {messages:?}"));
            }
        }
        self.files()
    }

    /// Checks with SQLite that both files are intact, and so is the full-text index.
    fn files(&self) -> Result<(), String> {
        let mirror = self.store.mirror_path();
        for path in [mirror.clone(), mirror.with_file_name("outbox.db")] {
            let conn = parlour_store::open_unchecked(&path, Some(&key()))
                .map_err(|error| error.to_string())?;
            let sql = "PRAGMA integrity_check";
            let found: String =
                conn.query_row(sql, [], |row| row.get(0)).map_err(|error| error.to_string())?;
            if found != "ok" {
                return Err(format!("{}: {found}", path.display()));
            }
        }
        let conn = parlour_store::open_unchecked(&mirror, Some(&key()))
            .map_err(|error| error.to_string())?;
        let sql = "INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)";
        conn.execute(sql, []).map(drop).map_err(|error| format!("the index of words: {error}"))
    }
}
