//! The formats that can be imported, and those that are only recognized.

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
    /// DiscordChatExporter's files (JSON).
    Discord,
    /// Zulip's export.
    Zulip,
    /// Telegram Desktop's export (JSON).
    Telegram,
    /// Rocket.Chat: mongodump, mongoexport, or responses of its REST API.
    #[value(name = "rocketchat")]
    RocketChat,
    /// Element's export of a room (JSON).
    Matrix,
    /// WhatsApp's export of a chat.
    #[value(name = "whatsapp")]
    WhatsApp,
    /// Logs of IRC clients and bouncers.
    Irc,
    /// The export of Parlour's app (lines of JSON).
    Parlour,
}

impl Format {
    /// Returns its name on the command line, which is also part of the ids of what is imported.
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
            Self::Parlour => "parlour",
        }
    }

    /// Returns its name for people.
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
            Self::Parlour => "Parlour",
        }
    }

    /// Returns whether several exports contain copies of the same messages, some of them older than others: they are
    /// merged, and the newest text is kept, whichever is imported first.
    pub fn has_copies(self) -> bool {
        matches!(self, Self::Parlour)
    }
}

/// The recognized format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetectedFormat {
    /// A format that can be imported.
    Known(Format),
    /// A format that cannot be imported, with its name.
    Other(&'static str),
}
