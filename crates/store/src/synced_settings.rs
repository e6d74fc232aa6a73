//! Settings that apply to all of a user's devices.

use crate::error::Result;
use crate::mirror::synced_settings;
use crate::outbox::ops::OpState;
use crate::registry::{SettingKey, conversation_of};
use crate::store::Store;
use parlour_protocol::{ConversationId, Echo};
use std::collections::BTreeMap;

impl Store {
    /// Returns the value of a synced setting: the one that waits in the outbox, otherwise the server's.
    pub fn synced_setting(&self, name: &str) -> Result<Option<String>> {
        let waiting = self.outbox.pending_ops_in(ConversationId::NONE)?.into_iter().rev();
        let waiting =
            waiting.filter(|pending| pending.state != OpState::Refused).find_map(|pending| {
                let Echo::Choice { name: changed, value } = pending.op.action.rules().echo else {
                    return None;
                };
                (changed == name).then(|| value.to_owned())
            });
        if waiting.is_some() {
            return Ok(waiting);
        }
        self.mirror.read(|conn| Ok(synced_settings::find(conn, name)?.map(|row| row.value)))
    }

    /// Returns conversations in which a setting of conversations has another value than its default, at most `limit`
    /// and those for which a change waits in the outbox.
    pub fn conversations_with(&self, key: SettingKey, limit: i64) -> Result<Vec<ConversationId>> {
        let (prefix, default) = (format!("{}.", key.setting().name), key.setting().default_value);
        let rows =
            self.mirror.read(|conn| synced_settings::with_prefix(conn, &prefix, default, limit))?;
        let mut values: BTreeMap<String, String> =
            rows.into_iter().map(|row| (row.name, row.value)).collect();
        for pending in self.outbox.pending_ops_in(ConversationId::NONE)? {
            if let Echo::Choice { name, value } = pending.op.action.rules().echo
                && name.starts_with(&prefix)
                && pending.state != OpState::Refused
            {
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        let changed = values.into_iter().filter(|(_, value)| value != default);
        Ok(changed.filter_map(|(name, _)| conversation_of(&name[prefix.len()..])).collect())
    }
}
