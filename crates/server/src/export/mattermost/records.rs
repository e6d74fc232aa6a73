//! The lines of the format. Each is an object of its type, below a key with the name of the type.

use parlour_protocol::Millis;
use serde::Serialize;

/// The version of the format.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record<'a> {
    /// The first line.
    Version {
        /// The version of the format.
        version: u32,
    },
    /// The team, to which all channels belong.
    Team {
        /// The team.
        team: Team<'a>,
    },
    /// A channel.
    Channel {
        /// The channel.
        channel: Channel<'a>,
    },
    /// A user.
    User {
        /// The user.
        user: User<'a>,
    },
    /// A post in a channel, with its replies.
    Post {
        /// The post.
        post: Post<'a>,
    },
    /// A chat of two people.
    DirectChannel {
        /// The chat.
        direct_channel: DirectChannel<'a>,
    },
    /// A post in such a chat, with its replies.
    DirectPost {
        /// The post.
        direct_post: DirectPost<'a>,
    },
}

/// A team.
#[derive(Serialize)]
pub struct Team<'a> {
    /// Its name in addresses.
    pub name: &'a str,
    /// Its name for people.
    pub display_name: &'a str,
    /// `I`: only invited people join it.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Whether everybody may join it.
    pub allow_open_invite: bool,
}

/// A channel.
#[derive(Serialize)]
pub struct Channel<'a> {
    /// The team.
    pub team: &'a str,
    /// Its name in addresses.
    pub name: &'a str,
    /// Its name for people.
    pub display_name: &'a str,
    /// `O`: open to everybody in the team; `P`: private.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// What it is for: at most 250 characters.
    #[serde(skip_serializing_if = "is_empty")]
    pub purpose: &'a str,
    /// The same, if it is longer.
    #[serde(skip_serializing_if = "is_empty")]
    pub header: &'a str,
    /// Since when it is archived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Millis>,
}

/// A user.
#[derive(Serialize)]
pub struct User<'a> {
    /// The name.
    pub username: &'a str,
    /// An address that receives nothing, because Mattermost requires one.
    pub email: String,
    /// Empty: the user has a password.
    pub auth_service: &'static str,
    /// The name as it is shown.
    pub nickname: String,
    /// The roles on the server.
    pub roles: &'static str,
    /// Since when the account is deactivated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_at: Option<Millis>,
    /// The team, with the channels.
    pub teams: [Membership<'a>; 1],
}

/// A user's membership in the team, or in a channel.
#[derive(Serialize)]
pub struct Membership<'a> {
    /// The name of the team or channel.
    pub name: &'a str,
    /// The roles in it.
    pub roles: &'static str,
    /// Of the team: the channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<Membership<'a>>>,
}

/// A post in a channel.
#[derive(Serialize)]
pub struct Post<'a> {
    /// The team.
    pub team: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// The post.
    #[serde(flatten)]
    pub content: &'a Content<'a>,
    /// The replies to it.
    #[serde(skip_serializing_if = "has_none")]
    pub replies: &'a [Content<'a>],
}

/// A chat of two people.
#[derive(Serialize)]
pub struct DirectChannel<'a> {
    /// Both usernames.
    pub members: &'a [String],
}

/// A post in a chat of two people.
#[derive(Serialize)]
pub struct DirectPost<'a> {
    /// Both usernames.
    pub channel_members: &'a [String],
    /// The post.
    #[serde(flatten)]
    pub content: &'a Content<'a>,
    /// The replies to it.
    #[serde(skip_serializing_if = "has_none")]
    pub replies: &'a [Content<'a>],
}

/// A post or a reply.
#[derive(Serialize)]
pub struct Content<'a> {
    /// The author.
    pub user: &'a str,
    /// The text, in Markdown.
    pub message: String,
    /// When it was sent.
    pub create_at: Millis,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit_at: Option<Millis>,
    /// Whether it is pinned.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_pinned: bool,
    /// The reactions to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction<'a>>,
    /// Its files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl Content<'_> {
    /// Returns the largest number of bytes that it may take in a line.
    pub fn max_size(&self) -> usize {
        let paths: usize = self.attachments.iter().map(|file| file.path.len() + 16).sum();
        // JSON escapes a byte with six at most. Names of users have at most 64, those of emoji few more.
        self.message.len() * 6 + self.reactions.len() * 256 + paths + 256
    }
}

fn is_empty(text: &&str) -> bool {
    text.is_empty()
}

fn has_none(list: &&[Content<'_>]) -> bool {
    list.is_empty()
}

/// A reaction of one person.
#[derive(Serialize)]
pub struct Reaction<'a> {
    /// The person.
    pub user: &'a str,
    /// When they reacted.
    pub create_at: Millis,
    /// The name of the emoji.
    pub emoji_name: String,
}

/// A file.
#[derive(Serialize)]
pub struct Attachment {
    /// The path below `data`.
    pub path: String,
}
