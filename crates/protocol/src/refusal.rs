//! Refusals by a server, or by the check that both ends make, where a code is not specific enough: a key, and
//! numbers.
//!
//! The user interface has the sentences: those of the window are in `ui/src/lib/text/en/refusals.ts`, one for
//! each key. The texts here are English, for other programs, terminals and logs.

use crate::{ErrorCode, limits};
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
    #[error("A message has at most {} KiB. Send this one in parts.", limits::BODY_BYTES / 1024)]
    MessageTooLong,
    /// A message contains control characters.
    #[error("A message cannot contain control characters. Remove them, or type it again.")]
    MessageControls,
    /// A message mentions too many people.
    #[error("A message can mention at most {} people.", limits::MENTIONS)]
    MentionsTooMany,
    /// A group's title is too short or too long.
    #[error("A group's title has 1 to {} characters.", limits::TITLE_CHARS)]
    TitleLength,
    /// A group's title has several lines, or control characters.
    #[error("A group's title is one line, without control characters.")]
    TitleLines,
    /// A group's title contains invisible characters, ones that change the direction of text, or misplaced marks.
    #[error(
        "A group's title cannot contain invisible characters, ones that change the direction of text, \
        marks at its start, or more than {} marks on one character.",
        limits::MARKS
    )]
    TitleHidden,
    /// A word of a group's title mixes letters of several scripts that look alike.
    #[error(
        "A word of a group's title cannot mix scripts, because its letters could be mistaken for \
        others."
    )]
    TitleScripts,
    /// A group's title contains a word that mentions everybody.
    #[error("A group's title cannot contain a word that mentions everybody, such as @all.")]
    TitleCallsAll,
    /// A topic is too long.
    #[error("A topic has at most {} characters.", limits::TOPIC_CHARS)]
    TopicTooLong,
    /// A topic is not empty, but shows nothing.
    #[error("This topic has no visible characters. Write one, or leave it empty.")]
    TopicBlank,
    /// A topic contains control characters.
    #[error("A topic cannot contain control characters.")]
    TopicLines,
    /// A topic contains invisible characters, ones that change the direction of text, or misplaced marks.
    #[error(
        "A topic cannot contain invisible characters, ones that change the direction of text, marks at \
        its start, or more than {} marks on one character.",
        limits::MARKS
    )]
    TopicHidden,
    /// A reaction, or the emoji of a status, is not an emoji.
    #[error("This is not a single emoji.")]
    NoEmoji,
    /// A message has reactions of the maximum number of kinds.
    #[error("This message already has the maximum number of different reactions.")]
    ReactionsFull,
    /// The user cannot have a direct conversation with themselves.
    #[error("A direct message needs another person.")]
    DirectNeedsAnother,
    /// A group is created with too many members.
    #[error("A group can be created with at most {} members.", limits::CREATE_MEMBERS)]
    GroupTooLarge,
    /// The message to edit is another person's.
    #[error("Only the sender of a message can edit it.")]
    SenderEdits,
    /// The message to delete is another person's.
    #[error("Only the sender of a message can delete it.")]
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
    #[error("Only the group's owner and administrators can mention everybody.")]
    ManagersCallAll,
    /// The owner must transfer the group before they leave it.
    #[error("Transfer ownership of the group to somebody before you leave it.")]
    HandOverFirst,
    /// The person's account was erased.
    #[error("This person's account was erased, so nothing reaches them any more.")]
    PersonErased,
    /// The person's account is deactivated.
    #[error("This person's account is deactivated, so nothing reaches them any more.")]
    PersonDeactivated,
    /// A username is too short or too long.
    #[error("A username has 1 to {} characters.", limits::USERNAME_CHARS)]
    UsernameLength,
    /// A username contains characters that are not allowed in one.
    #[error(
        "A username consists of letters, digits (European ones, or those of its script) and \
        punctuation, without spaces, symbols or invisible characters, and begins and ends with a \
        letter, a digit or an underscore."
    )]
    UsernameCharacters,
    /// A name looks like those of erased accounts.
    #[error(
        "\u{201c}erased\u{201d} and names that start like \u{201c}erased-\u{201d} are reserved for \
        erased accounts. Choose another one."
    )]
    UsernameErased,
    /// A username is a word that mentions everybody.
    #[error("This word mentions everybody when it follows an @. Choose another name.")]
    UsernameCallsAll,
    /// A username contains the sign that precedes usernames.
    #[error("A username cannot contain an @, which precedes usernames in mentions.")]
    UsernameSign,
    /// A username starts with a combining mark, or has too many on one letter.
    #[error(
        "A username starts with a letter, digit or punctuation character, and has at most two marks \
        on each character."
    )]
    UsernameMarks,
    /// A username mixes scripts.
    #[error("A username cannot mix scripts, because its letters could be mistaken for others.")]
    UsernameScripts,
    /// Nobody can sign in with this username any more.
    #[error(
        "Nobody can sign in with this name: it starts with an @, or looks like a word that mentions \
        everybody or like the name of an erased account. Whoever had it before was given another one: ask an administrator which."
    )]
    UsernameReserved,
    /// A username could be mistaken for another person's.
    #[error("This username looks like somebody else's. Choose another one.")]
    UsernameLooksTaken,
    /// A display name is too long.
    #[error("A display name has at most {} characters.", limits::DISPLAY_NAME_CHARS)]
    DisplayNameTooLong,
    /// A display name is not empty, but shows nothing.
    #[error("This display name has no visible characters. Write one, or leave it empty.")]
    DisplayNameBlank,
    /// A display name has several lines, invisible characters, ones that change the direction of text, or misplaced
    /// marks.
    #[error(
        "A display name is one line, without invisible characters, ones that change the direction of \
        text, marks at its start, or more than {} marks on one character.",
        limits::MARKS
    )]
    DisplayNameHidden,
    /// A word of a display name mixes scripts.
    #[error(
        "A word of a display name cannot mix scripts, because its letters could be mistaken for \
        others."
    )]
    DisplayNameScripts,
    /// A display name contains the sign that precedes usernames.
    #[error("A display name cannot contain an @, which is for usernames.")]
    DisplayNameSign,
    /// The text about a person in their profile is too long.
    #[error("This text has at most {} characters.", limits::ABOUT_CHARS)]
    AboutTooLong,
    /// The text about a person in their profile contains invisible characters, ones that change the direction of text,
    /// or misplaced marks.
    #[error(
        "This text cannot contain invisible characters, ones that change the direction of text, marks \
        at its start, or more than {} marks on one character.",
        limits::MARKS
    )]
    AboutHidden,
    /// The text of a status is too long.
    #[error("A status has at most {} characters.", limits::STATUS_CHARS)]
    StatusTooLong,
    /// The text of a status is not one line of visible characters.
    #[error(
        "A status is one line, without invisible characters, ones that change the direction of text, \
        marks at its start, or more than {} marks on one character.",
        limits::MARKS
    )]
    StatusHidden,
    /// Presence and statuses are switched off on this server.
    #[error("This server has no statuses.")]
    StatusOff,
    /// The text is not the name of a time zone.
    #[error("A time zone has a name such as Europe/Vienna.")]
    TimeZone,
    /// A file is not a picture of an accepted format.
    #[error("This is not a PNG, JPEG or WebP picture, or it is damaged.")]
    NoPicture,
    /// A picture has too many bytes.
    #[error("A picture has at most {} KiB.", limits::PICTURE_BYTES / 1024)]
    PictureTooLarge,
    /// A picture is not square, or has too many pixels.
    #[error("A picture is square and has at most {} pixels a side.", limits::PICTURE_PIXELS)]
    PictureShape,
    /// A picture is animated.
    #[error("A picture cannot be animated.")]
    PictureMoves,
    /// A message has too many files.
    #[error("A message has at most {} files.", limits::FILES)]
    FilesTooMany,
    /// The name of a file was not cleaned.
    #[error(
        "A file's name is one line of at most {} bytes, without slashes, invisible characters, and \
        more than {} marks on one character.",
        limits::FILE_NAME_BYTES,
        limits::MARKS
    )]
    FileName,
    /// A file has no bytes.
    #[error("This file is empty.")]
    FileEmpty,
    /// A file is larger than the server accepts.
    #[error("A file has at most {max_mib} MiB here.")]
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    FileTooLarge {
        /// The maximum size, in MiB.
        #[serde(alias = "mostMib")]
        max_mib: u32,
    },
    /// The server does not accept files of this media type.
    #[error("Files of this type cannot be sent here.")]
    FileType,
    /// The server accepts no files.
    #[error("Files cannot be sent here.")]
    FilesOff,
    /// The server has no such file from this sender: it was never uploaded, or so long ago that it was
    /// removed. The client uploads it and sends the message again.
    #[error("A file of this message is not on the server. Upload it again.")]
    FileMissing,
    /// The hash of the uploaded bytes differs from the announced one. The upload starts again.
    #[error("This file changed while it was uploaded. Attach it again.")]
    FileDiffers,
    /// The total size of the user's files would exceed their quota.
    #[error("All your files together may have at most {max_mib} MiB.")]
    #[cfg_attr(feature = "openapi", schema(rename_all = "camelCase"))]
    FileQuota {
        /// The maximum size of all files, in MiB.
        #[serde(alias = "mostMib")]
        max_mib: u32,
    },
    /// The server has no space for more files at present.
    #[error("The server has no space for more files at present.")]
    StorageFull,
    /// A server's name is invalid.
    #[error(
        "A server's name is one line of at most {} characters, without invisible ones, more than {} \
        marks on one, and words that mix scripts.",
        limits::SERVER_NAME_CHARS,
        limits::MARKS
    )]
    ServerName,
    /// A server's welcome text is invalid.
    #[error(
        "A welcome text has at most {} characters, without invisible ones, and at most {} marks on \
        each.",
        limits::WELCOME_CHARS,
        limits::MARKS
    )]
    Welcome,
    /// A password is longer than the part of it that counts.
    #[error("The password is {bytes} bytes long; at most {max} can be used. Choose a shorter one.")]
    PasswordTooLong {
        /// Its length, in bytes.
        bytes: u32,
        /// The maximum length, in bytes.
        max: u32,
    },
    /// A password contains characters that are not allowed in one.
    #[error(
        "The password is empty, or has a character that cannot be typed everywhere. Use letters, \
        digits, punctuation and spaces."
    )]
    PasswordCharacters,
    /// A password is too short.
    #[error("The password needs at least {min} characters.")]
    PasswordTooShort {
        /// The minimum length, in characters.
        min: u32,
    },
    /// A password is a common one.
    #[error("This is one of the passwords that attackers try first. Choose another one.")]
    PasswordCommon,
    /// The password given as the current one is wrong.
    #[error("The current password is wrong.")]
    CurrentPassword,
    /// An invitation was used up, has expired, or does not exist.
    #[error("This invitation is no longer valid. Ask for another one.")]
    InvitationSpent,
    /// Registration requires an invitation.
    #[error("You need an invitation to register here.")]
    InvitationNeeded,
    /// Registration is closed.
    #[error("Only administrators create accounts here.")]
    RegistrationClosed,
    /// The user's own account is deactivated.
    #[error("This account is deactivated. Ask an administrator.")]
    AccountDeactivated,
}

impl Refusal {
    /// Returns the code that the refusal makes more specific.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::MessageTooLong
            | Self::PictureTooLarge
            | Self::FileTooLarge { .. }
            | Self::FileQuota { .. } => ErrorCode::TooLarge,
            Self::StorageFull => ErrorCode::Retry,
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
            | Self::StatusOff
            | Self::FilesOff
            | Self::AccountDeactivated => ErrorCode::Forbidden,
            Self::MessageDeleted | Self::PersonErased | Self::PersonDeactivated => {
                ErrorCode::NotFound
            }
            Self::UsernameReserved | Self::CurrentPassword => ErrorCode::WrongCredentials,
            Self::UsernameLooksTaken => ErrorCode::UsernameTaken,
            Self::MessageBlank
            | Self::MessageControls
            | Self::MentionsTooMany
            | Self::TitleLength
            | Self::TitleLines
            | Self::TitleHidden
            | Self::TitleScripts
            | Self::TitleCallsAll
            | Self::TopicTooLong
            | Self::TopicBlank
            | Self::TopicLines
            | Self::TopicHidden
            | Self::NoEmoji
            | Self::ReactionsFull
            | Self::DirectNeedsAnother
            | Self::GroupTooLarge
            | Self::UsernameLength
            | Self::UsernameCharacters
            | Self::UsernameErased
            | Self::UsernameCallsAll
            | Self::UsernameSign
            | Self::UsernameMarks
            | Self::UsernameScripts
            | Self::DisplayNameTooLong
            | Self::DisplayNameBlank
            | Self::DisplayNameHidden
            | Self::DisplayNameScripts
            | Self::DisplayNameSign
            | Self::AboutTooLong
            | Self::AboutHidden
            | Self::StatusTooLong
            | Self::StatusHidden
            | Self::TimeZone
            | Self::NoPicture
            | Self::PictureShape
            | Self::PictureMoves
            | Self::FilesTooMany
            | Self::FileName
            | Self::FileEmpty
            | Self::FileType
            | Self::FileMissing
            | Self::FileDiffers
            | Self::ServerName
            | Self::Welcome
            | Self::PasswordTooLong { .. }
            | Self::PasswordCharacters
            | Self::PasswordTooShort { .. }
            | Self::PasswordCommon => ErrorCode::Invalid,
        }
    }
}
