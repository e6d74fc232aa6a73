//! The user's settings for notifications.

use super::level::{Cause, Choice, Level, Levels};
use super::quiet::QuietHours;
use crate::error::Result;
use jiff::tz::TimeZone;
use parlour_protocol::{ConversationId, Millis, UserId};
use parlour_store::{Keywords, SettingKey, Store};
use std::collections::BTreeSet;

/// The account's settings, except those for single conversations.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preferences {
    /// The level of each cause.
    pub levels: Levels,
    /// The keywords.
    pub keywords: Keywords,
    /// The quiet hours.
    pub quiet: Option<QuietHours>,
    /// The time until which notifications are paused.
    pub paused_until: Millis,
    /// The people whose messages alert in spite of a pause or quiet hours.
    pub exceptions: BTreeSet<UserId>,
}

impl Preferences {
    /// Reads the account's settings.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn read(store: &Store, zone: &TimeZone) -> Result<Self> {
        let setting = |key| store.setting(key, None);
        let mut levels = Levels::default();
        for (level, cause) in levels.0.iter_mut().zip(Cause::ALL) {
            *level = Level::parse(&setting(cause.setting())?).unwrap_or_default();
        }
        Ok(Self {
            levels,
            keywords: Keywords::parse(&setting(SettingKey::Keywords)?),
            quiet: QuietHours::parse(&setting(SettingKey::QuietHours)?, zone),
            paused_until: Millis(setting(SettingKey::PausedUntil)?.parse().unwrap_or(0)),
            exceptions: serde_json::from_str(&setting(SettingKey::Exceptions)?).unwrap_or_default(),
        })
    }

    /// Returns whether only messages of those people may alert at this time.
    pub fn is_quiet(&self, now: Millis) -> bool {
        now < self.paused_until || self.quiet.as_ref().is_some_and(|quiet| quiet.contain(now))
    }
}

/// Returns the setting for a conversation.
///
/// # Errors
/// Fails if a file cannot be read.
pub fn choice(store: &Store, id: ConversationId) -> Result<Choice> {
    Ok(Choice::parse(&store.setting(SettingKey::NotifyIn, Some(id))?))
}
