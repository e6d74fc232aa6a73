//! What one keeps for oneself, the same on all of one's devices: saved messages and choices.

use crate::{OpState, Result, Store};
use parlour_protocol::{Action, ConversationId, SavedRow, SettingRow};
use rusqlite::{Connection, OptionalExtension};

parlour_sqlite::statements! {
    /// $1 message, $2 conversation, $3 saved, $4 changed_seq.
    APPLY_SAVED = "INSERT INTO saved (message_id, conversation_id, saved_at, changed_seq)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (message_id) DO UPDATE SET saved_at = excluded.saved_at,
            changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > saved.changed_seq";
    /// $1 name, $2 value, $3 changed_seq.
    APPLY_SETTING = "INSERT INTO settings (name, value, changed_seq) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > settings.changed_seq";
    /// $1 name.
    CHOICE = "SELECT value FROM settings WHERE name = $1";
}

/// Writes whether a message is saved, if it is newer than what is held.
pub(crate) fn apply_saved(conn: &Connection, row: &SavedRow) -> Result<()> {
    let saved_at = row.saved_at.map(|at| at.0);
    let params = (row.message_id.0, row.conversation_id.0, saved_at, row.changed_seq);
    conn.prepare_cached(APPLY_SAVED)?.execute(params)?;
    Ok(())
}

/// Writes a choice, if it is newer than the one held.
pub(crate) fn apply_setting(conn: &Connection, row: &SettingRow) -> Result<()> {
    let params = (&row.name, &row.value, row.changed_seq);
    conn.prepare_cached(APPLY_SETTING)?.execute(params)?;
    Ok(())
}

impl Store {
    /// What the user chose under this name, on whichever device; as this one shows it.
    pub fn choice(&self, wanted: &str) -> Result<Option<String>> {
        let waiting = self.outbox.open_ops_in(ConversationId::NOWHERE)?.into_iter().rev();
        let waiting = waiting.filter(|open| open.state != OpState::Refused).find_map(|open| {
            let Action::Setting { name, value } = open.op.action else { return None };
            (name == wanted).then_some(value)
        });
        if waiting.is_some() {
            return Ok(waiting);
        }
        self.mirror.read(|conn| {
            Ok(conn.prepare_cached(CHOICE)?.query_row([wanted], |row| row.get(0)).optional()?)
        })
    }
}
