//! What a server, or the check that both ends have, refuses, where a code leaves it open: a key, and numbers.
//!
//! Whoever shows it has the words: of the window they are in `ui/src/lib/text/en/refusals.ts`, a sentence for
//! each key. What is printed here is English, for other programs, terminals and logs.

use crate::ErrorCode;
use serde::{Deserialize, Serialize};

/// What exactly is refused. It holds no text, so that no server can have a client say what it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "key", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Refusal {
    /// A message says nothing.
    #[error("A message needs some text.")]
    MessageBlank,
    /// A message is too long.
    #[error("A message has at most 64 KiB. Send this one in parts.")]
    MessageTooLong,
    /// A message holds control characters.
    #[error("A message cannot hold control characters. Take them out, or type it anew.")]
    MessageControls,
    /// A message names too many people.
    #[error("A message names at most 100 people.")]
    MentionsTooMany,
    /// A group's title is too short or too long.
    #[error("A group's title has 1 to 100 characters.")]
    TitleLength,
    /// A group's title has several lines, or control characters.
    #[error("A group's title is one line, without control characters.")]
    TitleLines,
    /// A group's title holds what nobody sees, or what turns text around.
    #[error("A group's title cannot hold invisible characters, or ones that turn the text around.")]
    TitleHidden,
    /// A topic is too long.
    #[error("A topic has at most 500 characters.")]
    TopicTooLong,
    /// A topic is there, and nothing of it is seen.
    #[error("This topic shows nothing. Write one, or leave it empty.")]
    TopicBlank,
    /// A topic holds control characters.
    #[error("A topic cannot hold control characters.")]
    TopicLines,
    /// A topic holds what nobody sees, or what turns text around.
    #[error("A topic cannot hold invisible characters, or ones that turn the text around.")]
    TopicHidden,
    /// What is reacted with is no emoji.
    #[error("A reaction is one emoji.")]
    NoEmoji,
    /// A message has reactions of every kind that it can have.
    #[error("This message has all the kinds of reactions it can.")]
    ReactionsFull,
    /// A direct message with oneself.
    #[error("A direct message needs another person.")]
    PairNeedsAnother,
    /// A group begins with too many members.
    #[error("A group starts with at most 500 members.")]
    GroupTooLarge,
    /// A message is somebody else's.
    #[error("Only its sender can edit a message.")]
    SenderEdits,
    /// A message is somebody else's.
    #[error("Only its sender can delete a message.")]
    SenderDeletes,
    /// A message is no longer there.
    #[error("This message was deleted.")]
    MessageDeleted,
    /// Somebody who was removed is not let in again by everybody.
    #[error(
        "This person was removed from the group. Only its owner and administrators can add them \
        again."
    )]
    RemovedBefore,
    /// Administrators are removed by the owner.
    #[error("Only the group's owner can remove this person.")]
    OwnerRemoves,
    /// Only the owner may.
    #[error("Only the group's owner can do this.")]
    OwnerOnly,
    /// Only the owner and administrators may.
    #[error("Only the group's owner and administrators can do this.")]
    ManagersOnly,
    /// Only the owner and administrators name everybody.
    #[error("Only the group's owner and administrators can call everybody.")]
    ManagersCallAll,
    /// An owner leaves.
    #[error("Hand the group over to somebody before you leave it.")]
    HandOverFirst,
    /// Somebody's account was erased.
    #[error("This person's account was erased: nothing reaches them any more.")]
    PersonErased,
    /// Somebody's account is deactivated.
    #[error("This person's account is deactivated: nothing reaches them any more.")]
    PersonDeactivated,
    /// A username is too short or too long.
    #[error("A username has 1 to 50 characters.")]
    UsernameLength,
    /// A username has characters that no username has.
    #[error(
        "A username has letters, digits and signs: no spaces, no symbols and nothing invisible."
    )]
    UsernameCharacters,
    /// A username begins as those of erased accounts.
    #[error(
        "Names that begin with \u{201c}erased-\u{201d} are kept for accounts that were erased. \
        Choose another one."
    )]
    UsernameErased,
    /// A username is a word that calls everybody.
    #[error("This word calls everybody when it is written behind an @. Choose another name.")]
    UsernameCallsAll,
    /// A username has marks at its beginning, or too many on a letter.
    #[error(
        "A username begins with a letter, a digit or a sign, and puts at most two marks on each."
    )]
    UsernameMarks,
    /// A username is of several scripts.
    #[error("A username is of one script: its letters could be taken for others.")]
    UsernameScripts,
    /// Nobody signs in by this username any more.
    #[error(
        "Nobody signs in by this name: it calls everybody in a group, or is an erased account's. \
        Whoever had it before was given another one: ask an administrator which."
    )]
    UsernameReserved,
    /// A username could be taken for another one.
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
    /// What a person says about themselves is too long.
    #[error("This text has at most 500 characters.")]
    AboutTooLong,
    /// What a person says about themselves holds what nobody sees, or what turns text around.
    #[error("This text cannot hold invisible characters, or ones that turn the text around.")]
    AboutHidden,
    /// What is no time zone's name.
    #[error("A time zone has a name such as Europe/Vienna.")]
    TimeZone,
    /// A password is longer than is read of one.
    #[error(
        "The password is {bytes} bytes long; at most {most} can be used. Choose a shorter one."
    )]
    PasswordTooLong {
        /// How long it is.
        bytes: u32,
        /// How long it may be.
        most: u32,
    },
    /// A password has characters that no password has.
    #[error(
        "The password has a character that cannot be typed everywhere, or none at all. Choose \
        letters, digits, signs and spaces."
    )]
    PasswordCharacters,
    /// A password is too short.
    #[error("The password needs at least {least} characters.")]
    PasswordTooShort {
        /// How many it needs.
        least: u32,
    },
    /// A password is one that everybody tries.
    #[error("This is one of the passwords that are tried first. Choose another one.")]
    PasswordCommon,
    /// The password that is to be replaced was not this one, or is not any more.
    #[error("The current password is wrong.")]
    CurrentPassword,
    /// An invitation was used up, has expired, or is none.
    #[error("This invitation is not good any more. Ask for another one.")]
    InvitationSpent,
    /// Nobody registers without an invitation.
    #[error("One needs an invitation to register here.")]
    InvitationNeeded,
    /// Nobody registers.
    #[error("The administrators make the accounts here.")]
    RegistrationClosed,
    /// One's own account is deactivated.
    #[error("This account is deactivated. Ask an administrator.")]
    AccountDeactivated,
}

impl Refusal {
    /// The code that it says more about.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::MessageTooLong => ErrorCode::TooLarge,
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
            | Self::AboutTooLong
            | Self::AboutHidden
            | Self::TimeZone
            | Self::PasswordTooLong { .. }
            | Self::PasswordCharacters
            | Self::PasswordTooShort { .. }
            | Self::PasswordCommon => ErrorCode::Invalid,
        }
    }
}
