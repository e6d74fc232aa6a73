//! What actions say, and what both ends refuse of it.

use crate::text::{self, invalid};
use crate::{ErrorBody, HistoryVisibility, MemberRole, Profile, Refusal, limits};

/// What an action says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says<'a> {
    /// Nothing.
    Nothing,
    /// A message.
    Message {
        /// Its text.
        body: &'a str,
        /// How many it names.
        mentions: usize,
    },
    /// What is still being written.
    Draft(&'a str),
    /// What there is of a group when it begins.
    Group {
        /// Its title.
        title: &'a str,
        /// How many are in it beside who begins it.
        members: usize,
    },
    /// What there is of a pair: nothing.
    Pair {
        /// Empty.
        title: &'a str,
        /// None.
        history: Option<HistoryVisibility>,
    },
    /// A group's title.
    Title(&'a str),
    /// What a group is about.
    Topic(&'a str),
    /// What a member may do.
    Role(MemberRole),
    /// A reaction.
    Emoji(&'a str),
    /// A reaction that is taken back, of which an earlier version let more stand.
    FormerEmoji(&'a str),
    /// A choice.
    Setting {
        /// Its name.
        name: &'a str,
        /// What is chosen.
        value: &'a str,
    },
    /// What one tells of oneself.
    Profile(&'a Profile),
}

impl<'a> Says<'a> {
    /// What of it is told with the action's name in the outbox.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Message { body: text, .. }
            | Self::Group { title: text, .. }
            | Self::Title(text)
            | Self::Topic(text)
            | Self::Emoji(text)
            | Self::FormerEmoji(text) => Some(text),
            Self::Nothing
            | Self::Draft(_)
            | Self::Pair { .. }
            | Self::Role(_)
            | Self::Setting { .. }
            | Self::Profile(_) => None,
        }
    }

    /// Refuses what no action may say: see [`text`].
    ///
    /// # Errors
    /// `invalid`, or `too_large`.
    pub(crate) fn check(self) -> Result<(), ErrorBody> {
        match self {
            Self::Nothing => Ok(()),
            Self::Message { mentions, .. } if mentions > limits::MENTIONS => {
                Err(Refusal::MentionsTooMany.into())
            }
            Self::Message { body, .. } => text::check_body(body),
            Self::Draft(body) => text::check_draft(body),
            Self::Group { members, .. } if members > limits::CREATE_MEMBERS => {
                Err(Refusal::GroupTooLarge.into())
            }
            Self::Group { title, .. } | Self::Title(title) => text::check_title(title),
            Self::Pair { title: "", history: None } => Ok(()),
            Self::Pair { .. } => {
                Err(invalid("A direct message has no title and no settings of its own."))
            }
            Self::Topic(topic) => text::check_topic(topic),
            // A group has one owner.
            Self::Role(MemberRole::Owner) => Err(invalid("To give the group away, hand it over.")),
            Self::Role(MemberRole::Administrator | MemberRole::Member) => Ok(()),
            Self::Emoji(emoji) => text::check_emoji(emoji),
            Self::FormerEmoji(emoji) => text::check_former_emoji(emoji),
            Self::Setting { name, value } => {
                text::check_setting_name(name)?;
                text::check_setting(value)
            }
            Self::Profile(profile) => profile.check(),
        }
    }
}
