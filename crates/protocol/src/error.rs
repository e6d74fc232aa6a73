//! The error codes: the one list of failures that programs distinguish, from the server's database to the UI.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The kind of a failure. Programs never compare an error's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// 429: too many requests.
    RateLimited,
    /// 503: the server is starting, stopping or short of a resource.
    Retry,
    /// 503: too many requests are waiting.
    Overloaded,
    /// 409: the server's database was restored.
    Epoch,
    /// 409: the user left the conversation and joined it again since.
    Term,
    /// 409: the cursor is ahead of the stream.
    CursorAhead,
    /// 410: the cursor is too old to continue from.
    CursorOld,
    /// 403: not, or no longer, a member of the conversation.
    NotMember,
    /// 401: the session is unknown or has expired.
    InvalidToken,
    /// 401: somebody ended the session. The data on its device must not be readable there any more.
    Revoked,
    /// 401: somebody ended the session, and the data on its device must be deleted.
    Wipe,
    /// 401: unknown user or wrong password; the server does not say which.
    WrongCredentials,
    /// 409: the username is taken.
    UsernameTaken,
    /// 409: the op's id was used for something else.
    OpConflict,
    /// 403: not allowed.
    Forbidden,
    /// 403: the conversation is read-only.
    ReadOnly,
    /// 404: the requested object does not exist.
    #[serde(alias = "gone")]
    NotFound,
    /// 405: the path does not support this method.
    MethodNotAllowed,
    /// 413: too large.
    TooLarge,
    /// 422: the request is invalid.
    Invalid,
    /// 400: the request for the socket had no `Upgrade`, because something in between removed it. On the
    /// client: no socket can be opened.
    NoWebsocket,
    /// 426: this version is too old for the server.
    ClientOutdated,
    /// 500: a defect of the server; its log contains details.
    Internal,
    /// On the client: no response from the server.
    Offline,
    /// On the client: the address responds, but not as a Parlour server.
    NotAServer,
    /// On the client: the address redirects to another one.
    Moved,
    /// On the client: no trusted authority signed the server's certificate, or it is for another name or
    /// time.
    Certificate,
    /// On the client: the server has another key than the one by which it is known here.
    KeyChanged,
    /// On the client: the response was larger than the client reads; the next request asks for less.
    ResponseTooLarge,
    /// On the client: there is no keychain, or it denies access.
    Keychain,
    /// On the client: the disk is full.
    DiskFull,
    /// On the client: a local file cannot be read or written.
    Storage,
    /// On the client: another copy of the app has the files open.
    InUse,
    /// On the client: the files were written by a newer version.
    NewerFiles,
    /// On the client: messages are still waiting, and signing out would delete them.
    OutboxNotEmpty,
    /// On the client: the account is locked. Its passphrase opens it, or the keychain once that is unlocked.
    Locked,
    /// On the client: the passphrase or the recovery code is wrong.
    WrongPassphrase,
    /// On the client: the key of the account's files is no longer on this computer.
    KeyLost,
    /// On the client: people joined since the message was written offline; the user is asked before it is
    /// sent.
    MembersChanged,
    /// On the client: the server sent impossible members for a direct conversation; nothing is sent to it.
    #[serde(alias = "untrusted")]
    ImpossibleMembers,
    /// On the client: nobody is signed in.
    SignedOut,
    /// A code that this version does not know. Treated as "try again".
    #[serde(other)]
    Unknown,
}

/// The reaction of a client to an [`ErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// Try again later, in the same order.
    Retry,
    /// Reset the stream and continue.
    Resync,
    /// Ask for the password; nothing is deleted.
    SignIn,
    /// Final: show the reason next to the message.
    Refused,
    /// Show that an update is needed; stored messages stay readable.
    Outdated,
}

impl ErrorCode {
    /// Returns the class of the code; nothing else classifies. Only codes that the server itself calls final
    /// are [`Refused`].
    ///
    /// [`Refused`]: ErrorClass::Refused
    pub fn class(self) -> ErrorClass {
        match self {
            Self::Epoch | Self::Term | Self::CursorAhead | Self::CursorOld => ErrorClass::Resync,
            Self::InvalidToken
            | Self::Revoked
            | Self::Wipe
            | Self::WrongCredentials
            | Self::SignedOut => ErrorClass::SignIn,
            Self::NotMember
            | Self::UsernameTaken
            | Self::OpConflict
            | Self::Forbidden
            | Self::ReadOnly
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::MembersChanged
            | Self::ImpossibleMembers
            | Self::TooLarge
            | Self::Invalid => ErrorClass::Refused,
            Self::ClientOutdated => ErrorClass::Outdated,
            Self::RateLimited
            | Self::Retry
            | Self::Overloaded
            | Self::Internal
            | Self::Offline
            | Self::NotAServer
            | Self::NoWebsocket
            | Self::Moved
            | Self::Certificate
            | Self::KeyChanged
            | Self::ResponseTooLarge
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

    /// Returns the status with which the server responds.
    pub fn status(self) -> u16 {
        match self {
            Self::RateLimited => 429,
            Self::Retry | Self::Overloaded => 503,
            Self::Epoch
            | Self::Term
            | Self::CursorAhead
            | Self::UsernameTaken
            | Self::OpConflict => 409,
            Self::CursorOld => 410,
            Self::NotMember | Self::Forbidden | Self::ReadOnly => 403,
            Self::InvalidToken | Self::Revoked | Self::Wipe | Self::WrongCredentials => 401,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::TooLarge => 413,
            Self::Invalid => 422,
            Self::NoWebsocket => 400,
            Self::ClientOutdated => 426,
            _ => 500,
        }
    }
}

impl fmt::Display for ErrorCode {
    /// Writes the code's word in JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_means_try_again() {
        let code: ErrorCode = serde_json::from_str("\"moon\"").unwrap();
        assert_eq!(code, ErrorCode::Unknown);
        assert_eq!(code.class(), ErrorClass::Retry);
    }

    #[test]
    fn a_code_prints_as_its_json_word() {
        assert_eq!(ErrorCode::CursorAhead.to_string(), "cursor_ahead");
    }
}
