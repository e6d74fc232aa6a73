//! Refusals by a server, or by the check that both ends make, where a code is not specific enough: a key, and
//! numbers.
//!
//! The user interface has the sentences: those of the window are in `ui/src/lib/text/en/refusals.ts`, one for
//! each key. The texts here are English, for other programs, terminals and logs.

use crate::ErrorCode;
use serde::{Deserialize, Serialize};

/// The exact refusal. It contains no text, so that no server can choose what a client displays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "key", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Refusal {
    /// A message is blank.
    #[error("A message needs some text.")]
    MessageBlank,
    /// A message is too long.
    #[error("A message has at most 64 KiB. Send this one in parts.")]
    MessageTooLong,
    /// A message contains control characters.
    #[error("A message cannot hold control characters. Take them out, or type it anew.")]
    MessageControls,
    /// A message mentions too many people.
    #[error("A message names at most 100 people.")]
    MentionsTooMany,
    /// A group's title is too short or too long.
    #[error("A group's title has 1 to 100 characters.")]
    TitleLength,
    /// A group's title has several lines, or control characters.
    #[error("A group's title is one line, without control characters.")]
    TitleLines,
    /// A group's title contains invisible characters, or ones that change the direction of text.
    #[error("A group's title cannot hold invisible characters, or ones that turn the text around.")]
    TitleHidden,
    /// A topic is too long.
    #[error("A topic has at most 500 characters.")]
    TopicTooLong,
    /// A topic is not empty, but shows nothing.
    #[error("This topic shows nothing. Write one, or leave it empty.")]
    TopicBlank,
    /// A topic contains control characters.
    #[error("A topic cannot hold control characters.")]
    TopicLines,
    /// A topic contains invisible characters, or ones that change the direction of text.
    #[error("A topic cannot hold invisible characters, or ones that turn the text around.")]
    TopicHidden,
    /// A reaction is not an emoji.
    #[error("A reaction is one emoji.")]
    NoEmoji,
    /// A message has reactions of the maximum number of kinds.
    #[error("This message has all the kinds of reactions it can.")]
    ReactionsFull,
    /// The user cannot have a direct conversation with themselves.
    #[error("A direct message needs another person.")]
    PairNeedsAnother,
    /// A group is created with too many members.
    #[error("A group starts with at most 500 members.")]
    GroupTooLarge,
    /// The message to edit is another person's.
    #[error("Only its sender can edit a message.")]
    SenderEdits,
    /// The message to delete is another person's.
    #[error("Only its sender can delete a message.")]
    SenderDeletes,
    /// The message was deleted.
    #[error("This message was deleted.")]
    MessageDeleted,
    /// A person who was removed can only be added again by the owner or an administrator.
    #[error(
        "This person was removed from the group. Only its owner and administrators can add them \
        again."
    )]
    RemovedBefore,
    /// The person is an administrator, whom only the owner can remove.
    #[error("Only the group's owner can remove this person.")]
    OwnerRemoves,
    /// Only the owner may do this.
    #[error("Only the group's owner can do this.")]
    OwnerOnly,
    /// Only the owner and administrators may do this.
    #[error("Only the group's owner and administrators can do this.")]
    ManagersOnly,
    /// Only the owner and administrators can mention everybody.
    #[error("Only the group's owner and administrators can call everybody.")]
    ManagersCallAll,
    /// The owner must transfer the group before they leave it.
    #[error("Hand the group over to somebody before you leave it.")]
    HandOverFirst,
    /// The person's account was erased.
    #[error("This person's account was erased: nothing reaches them any more.")]
    PersonErased,
    /// The person's account is deactivated.
    #[error("This person's account is deactivated: nothing reaches them any more.")]
    PersonDeactivated,
    /// A username is too short or too long.
    #[error("A username has 1 to 50 characters.")]
    UsernameLength,
    /// A username contains characters that are not allowed in one.
    #[error(
        "A username has letters, digits and signs: no spaces, no symbols and nothing invisible."
    )]
    UsernameCharacters,
    /// A username starts like those of erased accounts.
    #[error(
        "Names that begin with \u{201c}erased-\u{201d} are kept for accounts that were erased. \
        Choose another one."
    )]
    UsernameErased,
    /// A username is a word that mentions everybody.
    #[error("This word calls everybody when it is written behind an @. Choose another name.")]
    UsernameCallsAll,
    /// A username starts with a combining mark, or has too many on one letter.
    #[error(
        "A username begins with a letter, a digit or a sign, and puts at most two marks on each."
    )]
    UsernameMarks,
    /// A username mixes scripts.
    #[error("A username is of one script: its letters could be taken for others.")]
    UsernameScripts,
    /// Nobody can sign in with this username any more.
    #[error(
        "Nobody signs in by this name: it calls everybody in a group, or is an erased account's. \
        Whoever had it before was given another one: ask an administrator which."
    )]
    UsernameReserved,
    /// A username could be mistaken for another person's.
    #[error("This username looks like somebody else's. Choose another one.")]
    UsernameLooksTaken,
    /// A display name is too long.
    #[error("A display name has at most 80 characters.")]
    DisplayNameTooLong,
    /// A display name is there, and nothing of it is seen.
    #[error("This display name shows nothing. Write one, or leave it empty.")]
    DisplayNameBlank,
    /// A display name has several lines, or what nobody sees, or what turns text around.
    #[error(
        "A display name is one line, without invisible characters, and without ones that turn the \
        text around."
    )]
    DisplayNameHidden,
    /// A word of a display name is of several scripts.
    #[error("Each word of a display name is of one script: its letters could be taken for others.")]
    DisplayNameScripts,
    /// A display name has the sign that stands before usernames.
    #[error("A display name has no @: it stands before usernames.")]
    DisplayNameSign,
    /// What a person says about themselves is too long.
    #[error("This text has at most 500 characters.")]
    AboutTooLong,
    /// What a person says about themselves holds what nobody sees, or what turns text around.
    #[error("This text cannot hold invisible characters, or ones that turn the text around.")]
    AboutHidden,
    /// What is no time zone's name.
    #[error("A time zone has a name such as Europe/Vienna.")]
    TimeZone,
    /// A file is no picture, or none of a format that everybody can be shown.
    #[error("This is not a PNG, JPEG or WebP picture, or it is damaged.")]
    NoPicture,
    /// A picture takes too many bytes.
    #[error("A picture has at most 64 KiB.")]
    PictureTooLarge,
    /// A picture is not square, or has too many pixels.
    #[error("A picture is square, of at most 512 pixels a side.")]
    PictureShape,
    /// A picture has several frames.
    #[error("A picture does not move.")]
    PictureMoves,
    /// A password is longer than is read of one.
    #[error(
        "The password is {bytes} bytes long; at most {most} can be used. Choose a shorter one."
    )]
    PasswordTooLong {
        /// Its length, in bytes.
        bytes: u32,
        /// The maximum length, in bytes.
        most: u32,
    },
    /// A password contains characters that are not allowed in one.
    #[error(
        "The password has a character that cannot be typed everywhere, or none at all. Choose \
        letters, digits, signs and spaces."
    )]
    PasswordCharacters,
    /// A password is too short.
    #[error("The password needs at least {least} characters.")]
    PasswordTooShort {
        /// The minimum length, in characters.
        least: u32,
    },
    /// A password is a common one.
    #[error("This is one of the passwords that are tried first. Choose another one.")]
    PasswordCommon,
    /// The password that is to be replaced was not this one, or is not any more.
    #[error("The current password is wrong.")]
    CurrentPassword,
    /// An invitation was used up, has expired, or is none.
    #[error("This invitation is not good any more. Ask for another one.")]
    InvitationSpent,
    /// Registration requires an invitation.
    #[error("One needs an invitation to register here.")]
    InvitationNeeded,
    /// Registration is closed.
    #[error("The administrators make the accounts here.")]
    RegistrationClosed,
    /// The user's own account is deactivated.
    #[error("This account is deactivated. Ask an administrator.")]
    AccountDeactivated,
}

impl Refusal {
    /// Returns the code that the refusal makes more specific.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::MessageTooLong | Self::PictureTooLarge => ErrorCode::TooLarge,
            Self::SenderEdits
            | Self::SenderDeletes
            | Self::RemovedBefore
            | Self::OwnerRemoves
            | Self::OwnerOnly
            | Self::ManagersOnly
            | Self::ManagersCallAll
            | Self::HandOverFirst
            | Self::InvitationSpent
            | Self::InvitationNeeded
            | Self::RegistrationClosed
            | Self::AccountDeactivated => ErrorCode::Forbidden,
            Self::MessageDeleted | Self::PersonErased | Self::PersonDeactivated => ErrorCode::Gone,
            Self::UsernameReserved | Self::CurrentPassword => ErrorCode::SignIn,
            Self::UsernameLooksTaken => ErrorCode::UsernameTaken,
            Self::MessageBlank
            | Self::MessageControls
            | Self::MentionsTooMany
            | Self::TitleLength
            | Self::TitleLines
            | Self::TitleHidden
            | Self::TopicTooLong
            | Self::TopicBlank
            | Self::TopicLines
            | Self::TopicHidden
            | Self::NoEmoji
            | Self::ReactionsFull
            | Self::PairNeedsAnother
            | Self::GroupTooLarge
            | Self::UsernameLength
            | Self::UsernameCharacters
            | Self::UsernameErased
            | Self::UsernameCallsAll
            | Self::UsernameMarks
            | Self::UsernameScripts
            | Self::DisplayNameTooLong
            | Self::DisplayNameBlank
            | Self::DisplayNameHidden
            | Self::DisplayNameScripts
            | Self::DisplayNameSign
            | Self::AboutTooLong
            | Self::AboutHidden
            | Self::TimeZone
            | Self::NoPicture
            | Self::PictureShape
            | Self::PictureMoves
            | Self::PasswordTooLong { .. }
            | Self::PasswordCharacters
            | Self::PasswordTooShort { .. }
            | Self::PasswordCommon => ErrorCode::Invalid,
        }
    }
}
