//! The registry of settings: the name under which each is stored, its scope, its valid values and its
//! default. These names appear nowhere else; [`window_settings`] exports those that the window may use.

use parlour_protocol::{ConversationId, TELL_LAST_SEEN, TELL_PRESENCE};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The scope of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SettingScope {
    /// All devices of a user, which the server keeps in sync.
    AllDevices,
    /// This device: stored in the account's files.
    ThisDevice,
    /// One conversation, on this device.
    Conversation,
    /// One conversation, on all devices of a user.
    ConversationOnAllDevices,
    /// The page, which needs it before an account is open; not stored in the account's files.
    Page,
    /// State that the program stores on this device; it is not shown in the settings.
    Program,
}

/// The valid values of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum SettingKind {
    /// One of these words.
    Word {
        /// The words.
        values: &'static [&'static str],
    },
    /// One of two words.
    Switch {
        /// The word for yes.
        on: &'static str,
        /// The word for no.
        off: &'static str,
    },
    /// A whole number within these bounds.
    Number {
        /// The lower bound, inclusive.
        min: i64,
        /// The upper bound, inclusive.
        max: i64,
    },
    /// One of these numbers.
    Step {
        /// The numbers.
        values: &'static [i64],
    },
    /// One or more words, separated by one space each.
    Words,
    /// Any text that is not empty.
    Text,
    /// A JSON array, or empty.
    List,
    /// A JSON object, or empty.
    Object,
    /// A conversation's id, or empty.
    Conversation,
}

impl SettingKind {
    /// Returns whether a value is valid.
    pub fn accepts(self, stored: &str) -> bool {
        let number = || stored.parse::<i64>().ok();
        match self {
            Self::Word { values } => values.contains(&stored),
            Self::Switch { on, off } => stored == on || stored == off,
            Self::Number { min, max } => number().is_some_and(|n| (min..=max).contains(&n)),
            Self::Step { values } => number().is_some_and(|n| values.contains(&n)),
            Self::Words => !stored.is_empty() && stored.split(' ').all(|word| !word.is_empty()),
            Self::Text => !stored.is_empty(),
            Self::List => {
                stored.is_empty() || serde_json::from_str::<Vec<IgnoredJson>>(stored).is_ok()
            }
            Self::Object => {
                stored.is_empty()
                    || serde_json::from_str::<BTreeMap<String, IgnoredJson>>(stored).is_ok()
            }
            Self::Conversation => stored.is_empty() || conversation_of(stored).is_some(),
        }
    }
}

/// A JSON value whose contents are not examined.
type IgnoredJson = serde::de::IgnoredAny;

/// Returns the conversation that is stored as a setting.
pub(crate) fn conversation_of(stored: &str) -> Option<ConversationId> {
    stored.parse().ok().map(ConversationId)
}

/// The registered properties of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// The name under which it is stored.
    pub name: &'static str,
    /// Its scope.
    pub scope: SettingScope,
    /// Its valid values.
    pub kind: SettingKind,
    /// Its default in the stored form, which also replaces an invalid value.
    pub default_value: &'static str,
}

macro_rules! registry {
    ($($(#[$doc:meta])* $key:ident: $name:expr, $scope:ident, $kind:expr, $default_value:literal;)*) => {
        /// The key of a setting, which identifies it everywhere except in the stored data.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "ipc", derive(specta::Type))]
        #[serde(rename_all = "camelCase")]
        pub enum SettingKey { $($(#[$doc])* $key,)* }

        impl SettingKey {
            /// All settings.
            pub const ALL: &[Self] = &[$(Self::$key,)*];

            /// Returns the registered properties of the setting.
            pub const fn setting(self) -> Setting {
                match self {
                    $(Self::$key => Setting {
                        name: $name,
                        scope: SettingScope::$scope,
                        kind: $kind,
                        default_value: $default_value,
                    },)*
                }
            }
        }
    };
}

const YES_NO: SettingKind = SettingKind::Switch { on: "yes", off: "no" };
const LEVELS: SettingKind = SettingKind::Word { values: &["off", "silent", "alert"] };
const THEMES: SettingKind = SettingKind::Word { values: &["system", "light", "dark"] };

registry! {
    /// The theme: that of the system, light or dark.
    Theme: "theme", ThisDevice, THEMES, "system";
    /// Whether messages are displayed close together.
    IsCompact: "density", ThisDevice,
        SettingKind::Switch { on: "compact", off: "comfortable" }, "comfortable";
    /// Minutes without input after which the app locks; 0 for never.
    LockAfter: "lock_after", ThisDevice, SettingKind::Number { min: 0, max: 525_600 }, "0";
    /// Whether Enter sends. Otherwise it breaks the line, and Ctrl+Enter sends.
    SendsOnEnter: "send_on_enter", AllDevices, YES_NO, "yes";
    /// Whether others see that the user is typing.
    SharesTyping: "tell_typing", AllDevices, YES_NO, "yes";
    /// Whether others see how far the user has read.
    SendsReadReceipts: "tell_reading", AllDevices, YES_NO, "yes";
    /// Whether others see whether the user is online.
    SharesPresence: TELL_PRESENCE, AllDevices, YES_NO, "yes";
    /// Whether others see when the user was last online.
    SharesLastSeen: TELL_LAST_SEEN, AllDevices, YES_NO, "no";
    /// How a direct message notifies: never, silently, or with an alert. The same values apply to the next six.
    NotifyDirect: "notify_direct", AllDevices, LEVELS, "alert";
    /// How a mention of the user notifies.
    NotifyMention: "notify_mention", AllDevices, LEVELS, "alert";
    /// How a mention of everybody notifies.
    NotifyAll: "notify_all", AllDevices, LEVELS, "silent";
    /// How a reply to a message of the user notifies.
    NotifyReply: "notify_reply", AllDevices, LEVELS, "alert";
    /// How a reaction to a message of the user notifies.
    NotifyReaction: "notify_reaction", AllDevices, LEVELS, "silent";
    /// How a message with a keyword notifies.
    NotifyKeyword: "notify_keyword", AllDevices, LEVELS, "alert";
    /// How any other message notifies.
    NotifyOther: "notify_other", AllDevices, LEVELS, "off";
    /// How a conversation notifies: at the account's levels (`account`), for every message (`all`), for messages that
    /// concern the user (`mentions`), never (`nothing`), or at its own levels (`custom`, and the seven levels in the
    /// order above).
    NotifyIn: "notify_in", ConversationOnAllDevices, SettingKind::Words, "account";
    /// The keywords.
    Keywords: "notify_keywords", AllDevices, SettingKind::List, "";
    /// The quiet hours: `off`, or the days from Monday on which they begin as seven digits 0 or 1, the minutes of the
    /// day at which they begin and end, and the name of a time zone.
    QuietHours: "notify_quiet", AllDevices, SettingKind::Words, "off";
    /// The time until which nothing alerts, in milliseconds.
    PausedUntil: "notify_paused_until", AllDevices,
        SettingKind::Number { min: 0, max: 8_640_000_000_000_000 }, "0";
    /// The people who may alert at any time, by their ids.
    Exceptions: "notify_exceptions", AllDevices, SettingKind::List, "";
    /// The conversation's change up to which the user has seen the reactions in Activity.
    ReactionsSeen: "reactions_seen", ConversationOnAllDevices,
        SettingKind::Number { min: 0, max: 9_007_199_254_740_991 }, "0";
    /// What notifications on this device show.
    NotificationDetail: "notify_shows", ThisDevice,
        SettingKind::Word { values: &["message", "name", "nothing"] }, "message";
    /// Whether notifications on this device make a sound.
    NotificationSound: "notify_sound", ThisDevice, YES_NO, "yes";
    /// The most recently used emoji, newest first.
    RecentEmoji: "emoji_recent", ThisDevice, SettingKind::Words, "👍 ❤️ 😂 🎉 👀 🙏 ✅ 🔥";
    /// The skin tone of emoji: 1 (light) to 5 (dark); 0 for none.
    SkinTone: "emoji_tone", ThisDevice, SettingKind::Number { min: 0, max: 5 }, "0";
    /// Deletions that can still be undone.
    Deletions: "deletions", ThisDevice, SettingKind::List, "";
    /// The texts of messages that are being edited.
    Edits: "edits", Conversation, SettingKind::List, "";
    /// The theme that was shown last.
    ShownTheme: "theme", Page, THEMES, "system";
    /// The text size, in percent of the system's text size.
    Zoom: "zoom", Page, SettingKind::Step { values: &[70, 80, 90, 100, 110, 125, 150, 175, 200] }, "100";
    /// The language tag.
    Language: "language", Page, SettingKind::Text, "en";
    /// The conversation that was open last.
    OpenConversation: "conversation", Program, SettingKind::Conversation, "";
    /// The time at which the account was last shown, in milliseconds.
    ShownAt: "shown_at", Program, SettingKind::Number { min: 0, max: i64::MAX }, "0";
    /// The limit of the history that is fetched automatically: a [`HistoryLimit`](crate::HistoryLimit).
    HistoryLimit: "history_limit", Program, SettingKind::Object, "";
    /// The server's name and welcome text: a [`ServerAbout`](parlour_protocol::ServerAbout).
    ServerAbout: "server_about", Program, SettingKind::Object, "";
    /// The server's limits for files: its [`FileLimits`](parlour_protocol::FileLimits).
    FileLimits: "file_limits", Program, SettingKind::Object, "";
}

/// Returns the registered properties of the settings that the window may use.
pub fn window_settings() -> BTreeMap<SettingKey, Setting> {
    let all = SettingKey::ALL.iter().map(|key| (*key, key.setting()));
    all.filter(|(_, setting)| setting.scope != SettingScope::Program).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_setting_has_its_own_name_and_a_valid_default() {
        let mut names = BTreeSet::new();
        for key in SettingKey::ALL {
            let Setting { name, scope, kind, default_value } = key.setting();
            assert!(names.insert((scope == SettingScope::Page, name)), "{key:?}");
            assert!(kind.accepts(default_value), "{key:?}");
            assert!(parlour_protocol::text::check_setting_name(name).is_ok(), "{key:?}");
        }
    }

    #[test]
    fn the_server_knows_the_settings_of_presence_by_the_same_names_and_defaults() {
        let stored = |key: SettingKey| (key.setting().name, key.setting().default_value);
        assert_eq!(stored(SettingKey::SharesPresence), (parlour_protocol::TELL_PRESENCE, "yes"));
        assert_eq!(stored(SettingKey::SharesLastSeen), (parlour_protocol::TELL_LAST_SEEN, "no"));
    }

    #[test]
    fn invalid_values_are_not_accepted() {
        use SettingKey as Key;
        for (key, stored) in [
            (Key::Theme, "purple"),
            (Key::Theme, ""),
            (Key::IsCompact, "yes"),
            (Key::LockAfter, "soon"),
            (Key::LockAfter, "-5"),
            (Key::LockAfter, "1.5"),
            (Key::NotifyDirect, "loud"),
            (Key::Keywords, "word"),
            (Key::PausedUntil, "-1"),
            (Key::NotificationDetail, "all"),
            (Key::SendsOnEnter, "maybe"),
            (Key::RecentEmoji, ""),
            (Key::RecentEmoji, "👍  🎉"),
            (Key::SkinTone, "17"),
            (Key::Deletions, r#"{"a":1}"#),
            (Key::Edits, "no JSON"),
            (Key::Zoom, "101"),
            (Key::Language, ""),
            (Key::OpenConversation, "workshop"),
            (Key::ShownAt, "noon"),
            (Key::HistoryLimit, "[]"),
            (Key::ServerAbout, "Workshop"),
            (Key::FileLimits, "many"),
        ] {
            assert!(!key.setting().kind.accepts(stored), "{key:?} {stored:?}");
        }
        for (key, stored) in [
            (Key::Theme, "dark"),
            (Key::IsCompact, "compact"),
            (Key::LockAfter, "15"),
            (Key::SendsOnEnter, "no"),
            (Key::NotifyIn, "custom alert off off off off off silent"),
            (Key::Keywords, r#"["oak"]"#),
            (Key::QuietHours, "1111100 1110 480 Europe/Vienna"),
            (Key::RecentEmoji, "👍 🎉"),
            (Key::SkinTone, "3"),
            (Key::Deletions, r#"[{"conversation":"c","id":"m","seq":1}]"#),
            (Key::Edits, ""),
            (Key::Zoom, "125"),
            (Key::ShownAt, "00000001764428400000"),
            (Key::HistoryLimit, r#"{"bytes":1,"messages":1}"#),
        ] {
            assert!(key.setting().kind.accepts(stored), "{key:?} {stored:?}");
        }
    }
}
