//! The formats that can be imported, and those that are known by sight.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A format that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Slack's export, or slackdump's.
    Slack,
    /// Mattermost's bulk export.
    Mattermost,
    /// Files by DiscordChatExporter (JSON).
    Discord,
    /// Zulip's export.
    Zulip,
    /// Telegram Desktop's export (JSON).
    Telegram,
    /// Rocket.Chat: mongodump, mongoexport, or answers of its REST API.
    #[value(name = "rocketchat")]
    RocketChat,
    /// Element's export of a room (JSON).
    Matrix,
    /// WhatsApp's export of a chat.
    #[value(name = "whatsapp")]
    WhatsApp,
    /// Logs of IRC clients and bouncers.
    Irc,
}

impl Format {
    /// Returns the word for it on the command line, which is also in the ids of what is imported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Mattermost => "mattermost",
            Self::Discord => "discord",
            Self::Zulip => "zulip",
            Self::Telegram => "telegram",
            Self::RocketChat => "rocketchat",
            Self::Matrix => "matrix",
            Self::WhatsApp => "whatsapp",
            Self::Irc => "irc",
        }
    }

    /// Returns its name, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Mattermost => "Mattermost",
            Self::Discord => "Discord",
            Self::Zulip => "Zulip",
            Self::Telegram => "Telegram",
            Self::RocketChat => "Rocket.Chat",
            Self::Matrix => "Matrix (Element)",
            Self::WhatsApp => "WhatsApp",
            Self::Irc => "IRC",
        }
    }
}

/// What an export looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// One that can be imported.
    Known(Format),
    /// One that cannot, by its name.
    Other(&'static str),
}
