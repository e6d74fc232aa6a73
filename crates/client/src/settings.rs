//! An account's settings, as the store's registry defines them.

use crate::error::Result;
use crate::notify::Pause;
use crate::session::Session;
use jiff::tz::TimeZone;
use parlour_protocol::{Action, ConversationId, LocalReason, Millis};
use parlour_store::{SettingKey, SettingKind, SettingScope};

/// Maximum length of a value that is stored on this device, in bytes; one of the values contains the
/// messages that are being written.
const VALUE_BYTES: usize = 8 * 1024 * 1024;
/// Maximum number of conversations that are listed.
const MAX_LEVEL_OVERRIDES: i64 = 100;

impl Session {
    /// Returns the stored value of a setting; that of a conversation, if it is a setting of
    /// conversations.
    pub fn setting(&self, key: SettingKey, conversation: Option<ConversationId>) -> Result<String> {
        Ok(self.context.store.setting(key, conversation)?)
    }

    /// Returns whether a setting is a switch that is on.
    pub fn is_on(&self, key: SettingKey) -> Result<bool> {
        let SettingKind::Switch { on, .. } = key.setting().kind else { return Ok(false) };
        Ok(self.setting(key, None)? == on)
    }

    /// Sets a setting, on all devices if that is its scope.
    ///
    /// # Errors
    /// Fails if the value is not a valid one or too long, or if the setting is not stored with an
    /// account.
    pub fn set_setting(
        &self,
        key: SettingKey,
        conversation: Option<ConversationId>,
        value: &str,
    ) -> Result<()> {
        let setting = key.setting();
        if value.len() > VALUE_BYTES || !setting.kind.accepts(value) {
            return Err(LocalReason::NoSuchValue.into());
        }
        match setting.scope {
            SettingScope::AllDevices => {
                self.sync_setting(setting.name, value)?;
                self.context.shared.record_setting_change();
                Ok(())
            }
            SettingScope::ConversationOnAllDevices => match conversation {
                Some(id) => self.sync_setting(&format!("{}.{id}", setting.name), value),
                None => Err(LocalReason::NoSuchValue.into()),
            },
            SettingScope::ThisDevice | SettingScope::Conversation | SettingScope::Program => {
                Ok(self.context.store.set_setting(key, conversation, value)?)
            }
            SettingScope::Page => Err(LocalReason::NoSuchValue.into()),
        }
    }

    /// Sets a setting on all of the user's devices.
    pub(crate) fn sync_setting(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.submit(ConversationId::NONE, Action::Setting { name, value })
    }

    /// Returns the conversations with their own notification levels, at most 100.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn level_overrides(&self) -> Result<Vec<ConversationId>> {
        Ok(self.context.store.conversations_with(SettingKey::NotifyIn, MAX_LEVEL_OVERRIDES)?)
    }

    /// Pauses the notifications of the account on all devices, or ends the pause.
    ///
    /// # Errors
    /// Fails if a file cannot be written.
    pub fn pause(&self, pause: Option<Pause>) -> Result<()> {
        let until = pause.map_or(Millis(0), |pause| pause.end(self.now(), TimeZone::system()));
        self.set_setting(SettingKey::PausedUntil, None, &until.0.to_string())
    }

    /// Records that the account is shown now, so that it is shown again at the next start.
    pub fn record_shown(&self) -> Result<()> {
        self.set_setting(SettingKey::ShownAt, None, &self.now().0.to_string())
    }

    /// Returns when the account was shown last, in milliseconds; 0 if that is not known.
    pub(crate) fn shown_at(&self) -> i64 {
        let stored = self.setting(SettingKey::ShownAt, None);
        stored.ok().and_then(|stored| stored.parse().ok()).unwrap_or(0)
    }

    /// Returns the conversation that was open last.
    pub fn open_conversation(&self) -> Result<Option<ConversationId>> {
        Ok(self.context.store.open_conversation()?)
    }

    /// Returns whether the account is locked after some time without input.
    pub fn locks_when_away(&self) -> bool {
        self.setting(SettingKey::LockAfter, None).is_ok_and(|minutes| minutes != "0")
    }
}
