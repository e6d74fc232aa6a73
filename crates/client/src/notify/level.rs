//! The causes for which a message can notify, and the level of each.

use parlour_store::SettingKey;

/// The cause of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It is a direct message to this user.
    Direct,
    /// It mentions this user.
    Mention,
    /// It mentions everybody.
    All,
    /// It replies to a message of this user.
    Reply,
    /// It is a reaction to a message of this user.
    Reaction,
    /// It contains a keyword.
    Keyword,
    /// It is any other message.
    Other,
}

impl Cause {
    /// All causes, in the order in which [`SettingKey::NotifyIn`] has their levels.
    pub const ALL: [Self; 7] = [
        Self::Direct,
        Self::Mention,
        Self::All,
        Self::Reply,
        Self::Reaction,
        Self::Keyword,
        Self::Other,
    ];

    /// Returns the setting with the account's level for the cause.
    pub fn setting(self) -> SettingKey {
        match self {
            Self::Direct => SettingKey::NotifyDirect,
            Self::Mention => SettingKey::NotifyMention,
            Self::All => SettingKey::NotifyAll,
            Self::Reply => SettingKey::NotifyReply,
            Self::Reaction => SettingKey::NotifyReaction,
            Self::Keyword => SettingKey::NotifyKeyword,
            Self::Other => SettingKey::NotifyOther,
        }
    }
}

/// How strongly something notifies. If there are several causes, the highest level applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not at all.
    #[default]
    Off,
    /// It is counted, but not shown outside of the window.
    Silent,
    /// It is shown on the desktop.
    Alert,
}

impl Level {
    /// Parses the name of a level.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "off" => Some(Self::Off),
            "silent" => Some(Self::Silent),
            "alert" => Some(Self::Alert),
            _ => None,
        }
    }
}

/// The level of each cause, in the order of [`Cause::ALL`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levels(pub [Level; 7]);

impl Levels {
    /// Returns the level of a cause.
    pub fn of(&self, cause: Cause) -> Level {
        self.0[cause as usize]
    }
}

/// The setting of how one conversation notifies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// Like the account.
    #[default]
    Account,
    /// For every message.
    All,
    /// Only for what is addressed to this user, at the account's levels.
    Mentions,
    /// Never.
    Nothing,
    /// With levels of its own.
    Custom(Levels),
}

impl Choice {
    /// Parses a stored value of [`SettingKey::NotifyIn`]; an invalid one means the account's levels.
    pub fn parse(stored: &str) -> Self {
        let mut words = stored.split(' ');
        match words.next() {
            Some("all") => Self::All,
            Some("mentions") => Self::Mentions,
            Some("nothing") => Self::Nothing,
            Some("custom") => {
                let levels: Option<Vec<Level>> = words.map(Level::parse).collect();
                let levels = levels.and_then(|levels| levels.try_into().ok());
                levels.map_or(Self::Account, |levels| Self::Custom(Levels(levels)))
            }
            _ => Self::Account,
        }
    }

    /// Returns the level of a cause; `levels` are the account's.
    pub fn level(&self, cause: Cause, levels: &Levels) -> Level {
        match self {
            Self::Account => levels.of(cause),
            Self::All if cause == Cause::Reaction => levels.of(cause),
            Self::All => Level::Alert,
            Self::Mentions if matches!(cause, Cause::Other | Cause::Direct) => Level::Off,
            Self::Mentions => levels.of(cause),
            Self::Nothing => Level::Off,
            Self::Custom(levels) => levels.of(cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_causes_are_in_the_order_of_their_levels() {
        for (index, cause) in Cause::ALL.into_iter().enumerate() {
            let mut levels = Levels::default();
            levels.0[index] = Level::Alert;
            assert_eq!(levels.of(cause), Level::Alert);
        }
    }

    #[test]
    fn an_invalid_setting_of_a_conversation_means_the_accounts_levels() {
        for stored in ["", "loud", "custom", "custom alert", "custom off off off off off off loud"]
        {
            assert_eq!(Choice::parse(stored), Choice::Account, "{stored:?}");
        }
        let custom = Choice::parse("custom alert off off off off off silent");
        let account = Levels::default();
        assert_eq!(custom.level(Cause::Direct, &account), Level::Alert);
        assert_eq!(custom.level(Cause::Other, &account), Level::Silent);
    }

    #[test]
    fn a_setting_of_a_conversation_overrides_the_accounts_levels() {
        let account = Levels([Level::Silent; 7]);
        for (choice, cause, level) in [
            (Choice::Account, Cause::Other, Level::Silent),
            (Choice::All, Cause::Other, Level::Alert),
            (Choice::All, Cause::Mention, Level::Alert),
            (Choice::All, Cause::Reaction, Level::Silent),
            (Choice::Mentions, Cause::Other, Level::Off),
            (Choice::Mentions, Cause::Mention, Level::Silent),
            (Choice::Mentions, Cause::All, Level::Silent),
            (Choice::Mentions, Cause::Direct, Level::Off),
            (Choice::Nothing, Cause::Mention, Level::Off),
        ] {
            assert_eq!(choice.level(cause, &account), level, "{choice:?} {cause:?}");
        }
    }
}
