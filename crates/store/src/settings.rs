//! Settings as they are stored, according to the [registry](crate::SettingKey).

use crate::changes::Changes;
use crate::error::Result;
use crate::registry::{Setting, SettingKey, SettingScope, conversation_of};
use crate::store::Store;
use parlour_protocol::{ConversationId, Count};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

parlour_sqlite::statements! {
    /// $1 name.
    GET = "SELECT value FROM settings WHERE name = $1";
    SET = concat!("INSERT INTO settings (", settings!(list), ") VALUES (", settings!(values), ")
        ON CONFLICT (name) DO UPDATE SET ", settings!(excluded));
}

/// The limit of the history that is fetched automatically. Messages to which the user scrolls are fetched
/// in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct HistoryLimit {
    /// Maximum size of the mirror, in bytes.
    pub bytes: Count,
    /// Maximum number of messages of one conversation.
    pub messages: Count,
}

/// The default limit.
impl Default for HistoryLimit {
    fn default() -> Self {
        Self { bytes: Count(5 * 1024 * 1024 * 1024), messages: Count(NO_LIMIT) }
    }
}

/// More messages than a conversation can have.
const NO_LIMIT: i64 = 1 << 32;

impl Store {
    /// Returns the limit of the history that is fetched automatically.
    pub fn history_limit(&self) -> Result<HistoryLimit> {
        let json = self.setting(SettingKey::HistoryLimit, None)?;
        Ok(serde_json::from_str(&json).unwrap_or_default())
    }

    /// Sets the limit of the history that is fetched automatically.
    pub fn set_history_limit(&self, limit: HistoryLimit) -> Result<()> {
        self.set_setting(SettingKey::HistoryLimit, None, &serde_json::to_string(&limit)?)
    }

    /// Returns whether the mirror has reached its maximum size.
    pub fn is_full(&self) -> Result<bool> {
        let limit = self.history_limit()?.bytes.0;
        let bytes: i64 = self.mirror.read(|conn| {
            let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
            Ok(conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })?;
        Ok(bytes >= limit)
    }

    /// Returns the conversation that was open last.
    pub fn open_conversation(&self) -> Result<Option<ConversationId>> {
        Ok(conversation_of(&self.setting(SettingKey::OpenConversation, None)?))
    }

    /// Returns the value of a setting in the stored form; of a conversation's setting, the value in this
    /// conversation. Returns the default if no value or an invalid one is stored.
    pub fn setting(&self, key: SettingKey, conversation: Option<ConversationId>) -> Result<String> {
        let setting = key.setting();
        let stored = match setting.scope {
            SettingScope::AllDevices | SettingScope::ConversationOnAllDevices => {
                self.synced_setting(&name(&setting, conversation))?
            }
            SettingScope::ThisDevice | SettingScope::Conversation | SettingScope::Program => {
                self.local_setting(&name(&setting, conversation))?
            }
            SettingScope::Page => None,
        };
        let stored = stored.filter(|stored| setting.kind.accepts(stored));
        Ok(stored.unwrap_or_else(|| setting.default_value.into()))
    }

    fn local_setting(&self, name: &str) -> Result<Option<String>> {
        self.outbox.with_conn(|conn| {
            Ok(conn.prepare_cached(GET)?.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Stores the value of a setting of this device, replacing the previous one.
    pub fn set_setting(
        &self,
        key: SettingKey,
        conversation: Option<ConversationId>,
        value: &str,
    ) -> Result<()> {
        let name = name(&key.setting(), conversation);
        self.outbox
            .with_conn(|conn| Ok(conn.prepare_cached(SET)?.execute([&*name, value]).map(drop)?))
    }
}

impl Store {
    /// Stores the server's name and welcome text, as JSON.
    ///
    /// # Errors
    /// Fails if the outbox cannot be written.
    pub fn set_server_about(&self, json: &str) -> Result<Changes> {
        self.set_setting(SettingKey::ServerAbout, None, json)?;
        Ok(Changes { people: true, ..Changes::default() })
    }
}

/// Returns the name under which a setting is stored.
fn name(setting: &Setting, conversation: Option<ConversationId>) -> String {
    match (setting.scope, conversation) {
        (SettingScope::Conversation | SettingScope::ConversationOnAllDevices, Some(id)) => {
            format!("{}.{id}", setting.name)
        }
        _ => setting.name.into(),
    }
}
