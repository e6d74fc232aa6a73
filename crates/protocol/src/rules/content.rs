//! The content of actions, and the checks of it that both ends make.

use crate::text::{self, invalid};
use crate::{
    ErrorBody, HistoryVisibility, MemberRole, MessageFile, ProfileChange, Refusal, check_files,
    limits,
};

/// The content of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// Nothing.
    Nothing,
    /// A message.
    Message {
        /// Its text.
        body: &'a str,
        /// Number of mentions.
        mentions: usize,
        /// Its files. An edit has none, and so needs a text.
        files: &'a [MessageFile],
    },
    /// A draft.
    Draft(&'a str),
    /// The initial state of a group.
    Group {
        /// Its title.
        title: &'a str,
        /// Number of members without the creator.
        members: usize,
    },
    /// A direct conversation, whose title and history must be empty.
    Direct {
        /// Must be empty.
        title: &'a str,
        /// Must be `None`.
        history: Option<HistoryVisibility>,
    },
    /// A group's title.
    Title(&'a str),
    /// A group's topic.
    Topic(&'a str),
    /// A member's role.
    Role(MemberRole),
    /// A reaction.
    Emoji(&'a str),
    /// The emoji of a reaction to remove. Earlier versions accepted more than emoji, so this is checked less
    /// strictly.
    RemovedEmoji(&'a str),
    /// A setting.
    Setting {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// A change of the user's profile.
    Profile(&'a ProfileChange),
}

impl<'a> Content<'a> {
    /// Returns the text that the outbox shows beside the action's name.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Message { body: "", files: [first, ..], .. } => Some(&first.name),
            Self::Message { body: text, .. }
            | Self::Group { title: text, .. }
            | Self::Title(text)
            | Self::Topic(text)
            | Self::Emoji(text)
            | Self::RemovedEmoji(text) => Some(text),
            Self::Nothing
            | Self::Draft(_)
            | Self::Direct { .. }
            | Self::Role(_)
            | Self::Setting { .. }
            | Self::Profile(_) => None,
        }
    }

    /// Checks the content: see [`text`].
    ///
    /// # Errors
    /// `invalid`, or `too_large`.
    pub(crate) fn check(self) -> Result<(), ErrorBody> {
        match self {
            Self::Nothing => Ok(()),
            Self::Message { mentions, .. } if mentions > limits::MENTIONS => {
                Err(Refusal::MentionsTooMany.into())
            }
            Self::Message { body, files, .. } => {
                check_files(files)?;
                if body.is_empty() && !files.is_empty() { Ok(()) } else { text::check_body(body) }
            }
            Self::Draft(body) => text::check_draft(body),
            Self::Group { members, .. } if members > limits::CREATE_MEMBERS => {
                Err(Refusal::GroupTooLarge.into())
            }
            Self::Group { title, .. } | Self::Title(title) => text::check_title(title),
            Self::Direct { title: "", history: None } => Ok(()),
            Self::Direct { .. } => {
                Err(invalid("A direct message has no title and no settings of its own."))
            }
            Self::Topic(topic) => text::check_topic(topic),
            // A group has one owner.
            Self::Role(MemberRole::Owner) => {
                Err(invalid("Transfer the group to give it another owner."))
            }
            Self::Role(MemberRole::Administrator | MemberRole::Member) => Ok(()),
            Self::Emoji(emoji) => text::check_emoji(emoji),
            Self::RemovedEmoji(emoji) => text::check_former_emoji(emoji),
            Self::Setting { name, value } => {
                text::check_setting_name(name)?;
                text::check_setting(value)
            }
            Self::Profile(change) => change.check(),
        }
    }
}
