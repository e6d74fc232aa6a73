//! Choices of the user that apply to all of their devices.

use crate::error::Result;
use crate::mirror::choices;
use crate::outbox::ops::OpState;
use crate::registry::{SettingKey, conversation_of};
use crate::store::Store;
use parlour_protocol::{ConversationId, Echo};
use std::collections::BTreeMap;

impl Store {
    /// Returns the user's choice of this name from any of their devices, or the one that waits in the outbox.
    pub fn choice(&self, wanted: &str) -> Result<Option<String>> {
        let waiting = self.outbox.open_ops_in(ConversationId::NONE)?.into_iter().rev();
        let waiting = waiting.filter(|open| open.state != OpState::Refused).find_map(|open| {
            let Echo::Choice { name, value } = open.op.action.rules().echo else { return None };
            (name == wanted).then(|| value.to_owned())
        });
        if waiting.is_some() {
            return Ok(waiting);
        }
        self.mirror.read(|conn| Ok(choices::find(conn, wanted)?.map(|row| row.value)))
    }

    /// Returns conversations in which a setting of conversations has another value than its default, at most `limit`
    /// and those for which a choice waits in the outbox.
    pub fn conversations_with(&self, key: SettingKey, limit: i64) -> Result<Vec<ConversationId>> {
        let (prefix, otherwise) = (format!("{}.", key.setting().name), key.setting().otherwise);
        let rows =
            self.mirror.read(|conn| choices::with_prefix(conn, &prefix, otherwise, limit))?;
        let mut values: BTreeMap<String, String> =
            rows.into_iter().map(|row| (row.name, row.value)).collect();
        for open in self.outbox.open_ops_in(ConversationId::NONE)? {
            if let Echo::Choice { name, value } = open.op.action.rules().echo
                && name.starts_with(&prefix)
                && open.state != OpState::Refused
            {
                values.insert(name.to_owned(), value.to_owned());
            }
        }
        let chosen = values.into_iter().filter(|(_, value)| value != otherwise);
        Ok(chosen.filter_map(|(name, _)| conversation_of(&name[prefix.len()..])).collect())
    }
}
