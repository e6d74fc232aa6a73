//! The one list of outcomes that a program may act on, from the server's row to the UI's switch.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong. Nobody matches on an error's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 429: too many requests.
    Rate,
    /// 503: the server is starting, stopping or short of something.
    Retry,
    /// 503: too many requests wait.
    Overloaded,
    /// 409: the server's database was restored.
    Epoch,
    /// 409: one left and joined again since.
    Term,
    /// 409: the cursor is ahead of the stream.
    CursorAhead,
    /// 410: the cursor is too old to continue from.
    CursorOld,
    /// 403: not, or no longer, a member of the conversation.
    NotMember,
    /// 401: the session is unknown or has expired.
    Token,
    /// 401: somebody ended the session: what its device holds is not to be read there any more.
    Revoked,
    /// 401: the same, and what its device holds is to be deleted.
    Wipe,
    /// 401: unknown user or wrong password; the server does not say which.
    SignIn,
    /// 409: the username is taken.
    UsernameTaken,
    /// 409: the op's id was used for something else.
    OpConflict,
    /// 403: not allowed.
    Forbidden,
    /// 403: the conversation takes nothing more.
    ReadOnly,
    /// 404: there is no such thing.
    Gone,
    /// 405: not with this method.
    Method,
    /// 413: too large.
    TooLarge,
    /// 422: the request does not make sense.
    Invalid,
    /// 400: the socket was asked for without `Upgrade`: something in between keeps that back. On the client:
    /// no socket passes.
    NoUpgrade,
    /// 426: this version is too old for the server.
    Upgrade,
    /// 500: a defect of the server; its log says more.
    Internal,
    /// On the client: no answer from the server.
    Offline,
    /// On the client: the address answers, but not as a Parlour server.
    NotAServer,
    /// On the client: the address leads to another one.
    Moved,
    /// On the client: nobody vouches for the server's certificate, or it is for another name or another time.
    Certificate,
    /// On the client: the server shows another key than the one by which it is known here.
    KeyChanged,
    /// On the client: the answer was larger than it reads; it asks for less.
    AnswerTooLarge,
    /// On the client: there is no keychain, or it does not let us in.
    Keychain,
    /// On the client: the disk is full.
    DiskFull,
    /// On the client: a local file cannot be read or written.
    Storage,
    /// On the client: another copy of the app has the files open.
    InUse,
    /// On the client: the files were written by a newer version.
    NewerFiles,
    /// On the client: messages still wait, and signing out would drop them.
    OutboxNotEmpty,
    /// On the client: the account is locked; its passphrase opens it, or the keychain once it is open.
    Locked,
    /// On the client: the passphrase or the recovery code is not the right one.
    WrongPassphrase,
    /// On the client: the key of the account's files is not on this computer any more.
    KeyLost,
    /// On the client: people joined since the message was written offline; it is asked before it is sent.
    MembersChanged,
    /// On the client: the server says of a pair's conversation what cannot be; nothing is said in it.
    Untrusted,
    /// On the client: nobody is signed in.
    SignedOut,
    /// A code that this version does not know. Treated as "try again".
    #[serde(other)]
    Unknown,
}

/// What a client does about an [`ErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try again later, in the same order.
    Retry,
    /// Reset that stream and go on.
    Resync,
    /// Ask for the password; nothing is dropped.
    SignIn,
    /// Final: show the reason at the message.
    Refused,
    /// Say that an update is needed; stay readable.
    Upgrade,
}

impl ErrorCode {
    /// The one place that classifies. Only what the server itself calls final is [`Refused`].
    ///
    /// [`Refused`]: ErrorClass::Refused
    pub fn class(self) -> ErrorClass {
        match self {
            Self::Epoch | Self::Term | Self::CursorAhead | Self::CursorOld => ErrorClass::Resync,
            Self::Token | Self::Revoked | Self::Wipe | Self::SignIn | Self::SignedOut => {
                ErrorClass::SignIn
            }
            Self::NotMember
            | Self::UsernameTaken
            | Self::OpConflict
            | Self::Forbidden
            | Self::ReadOnly
            | Self::Gone
            | Self::Method
            | Self::MembersChanged
            | Self::Untrusted
            | Self::TooLarge
            | Self::Invalid => ErrorClass::Refused,
            Self::Upgrade => ErrorClass::Upgrade,
            Self::Rate
            | Self::Retry
            | Self::Overloaded
            | Self::Internal
            | Self::Offline
            | Self::NotAServer
            | Self::NoUpgrade
            | Self::Moved
            | Self::Certificate
            | Self::KeyChanged
            | Self::AnswerTooLarge
            | Self::Keychain
            | Self::DiskFull
            | Self::Storage
            | Self::InUse
            | Self::NewerFiles
            | Self::OutboxNotEmpty
            | Self::Locked
            | Self::WrongPassphrase
            | Self::KeyLost
            | Self::Unknown => ErrorClass::Retry,
        }
    }

    /// The status that the server answers with.
    pub fn status(self) -> u16 {
        match self {
            Self::Rate => 429,
            Self::Retry | Self::Overloaded => 503,
            Self::Epoch
            | Self::Term
            | Self::CursorAhead
            | Self::UsernameTaken
            | Self::OpConflict => 409,
            Self::CursorOld => 410,
            Self::NotMember | Self::Forbidden | Self::ReadOnly => 403,
            Self::Token | Self::Revoked | Self::Wipe | Self::SignIn => 401,
            Self::Gone => 404,
            Self::Method => 405,
            Self::TooLarge => 413,
            Self::Invalid => 422,
            Self::NoUpgrade => 400,
            Self::Upgrade => 426,
            _ => 500,
        }
    }
}

impl fmt::Display for ErrorCode {
    /// The word in JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_from_the_future_means_try_again() {
        let code: ErrorCode = serde_json::from_str("\"moon\"").unwrap();
        assert_eq!(code, ErrorCode::Unknown);
        assert_eq!(code.class(), ErrorClass::Retry);
    }

    #[test]
    fn a_code_prints_as_its_json_word() {
        assert_eq!(ErrorCode::CursorAhead.to_string(), "cursor_ahead");
    }
}
