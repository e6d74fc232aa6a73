//! An account's settings, by the store's registry.

use crate::error::Result;
use crate::session::Session;
use parlour_protocol::{ConversationId, LocalReason};
use parlour_store::{SettingKey, SettingKind, SettingScope};

/// Longest value that is kept on this device: what is being written into messages is in one.
const BYTES: usize = 8 * 1024 * 1024;

impl Session {
    /// What a setting is, as it is stored; in a conversation, if it is of one.
    pub fn setting(&self, key: SettingKey, of: Option<ConversationId>) -> Result<String> {
        Ok(self.context.store.setting(key, of)?)
    }

    /// Whether a setting that is a switch is on; nothing else is.
    pub fn is_on(&self, key: SettingKey) -> Result<bool> {
        let SettingKind::Switch { on, .. } = key.setting().kind else { return Ok(false) };
        Ok(self.setting(key, None)? == on)
    }

    /// Has a setting be so from here on, on all devices if it is for them.
    ///
    /// # Errors
    /// It is no value of it, or too long; or the setting is not kept with an account.
    pub fn set_setting(
        &self,
        key: SettingKey,
        of: Option<ConversationId>,
        value: &str,
    ) -> Result<()> {
        let setting = key.setting();
        if value.len() > BYTES || !setting.kind.accepts(value) {
            return Err(LocalReason::NoSuchValue.into());
        }
        match setting.scope {
            SettingScope::AllDevices => self.choose(setting.name, value),
            SettingScope::ThisDevice | SettingScope::Conversation | SettingScope::Program => {
                Ok(self.context.store.set_setting(key, of, value)?)
            }
            SettingScope::Page => Err(LocalReason::NoSuchValue.into()),
        }
    }

    /// Notes that the account is shown now, to be shown again at the next start.
    pub fn shown(&self) -> Result<()> {
        self.set_setting(SettingKey::ShownAt, None, &self.now().0.to_string())
    }

    /// When it was shown last, in milliseconds.
    pub(crate) fn shown_at(&self) -> i64 {
        let stored = self.setting(SettingKey::ShownAt, None);
        stored.ok().and_then(|stored| stored.parse().ok()).unwrap_or(0)
    }

    /// The conversation that was open last.
    pub fn open_conversation(&self) -> Result<Option<ConversationId>> {
        Ok(self.context.store.open_conversation()?)
    }

    /// Whether it locks after a time away.
    pub fn locks_when_away(&self) -> bool {
        self.setting(SettingKey::LockAfter, None).is_ok_and(|minutes| minutes != "0")
    }
}
