//! Failures that occur on a client itself, where a code is not specific enough: a key, and its parameters.
//!
//! The user interface has the sentences: those of the window are in `ui/src/lib/text/en/failures.ts`, one for
//! each key. The texts here are English, for terminals and logs.

use crate::{ErrorCode, limits};
use serde::{Deserialize, Serialize};

/// The exact failure on a client. It is never taken from a server's response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "key", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LocalReason {
    /// The text is not the address of a server.
    #[error(
        "This is not a server's address. It looks like chat.example.org or https://chat.example.org."
    )]
    NotAnAddress,
    /// The address would send a token unencrypted.
    #[error("This address is not encrypted. Use https:// for a server on another computer.")]
    NotEncrypted,
    /// A link lacks a part, or a part was changed.
    #[error(
        "A part of this link is missing or was changed on the way. Copy it again as it was sent."
    )]
    LinkDamaged,
    /// The key in the link differs from the known key of the server, and the server still has the known one.
    #[error(
        "The key in this link differs from the known key of the server, and the server still has \
        the known one. Nothing was sent. Ask for a new link, in a way that you trust."
    )]
    LinkNamesAnotherKey,
    /// The server has another key than the one by which it is known.
    #[error(
        "{host} has another key than the one by which this computer knows it. Someone may be \
        intercepting the connection, or the server was set up again. Nothing was sent, and \
        everything here stays. Ask the administrator; if the server has a new key, sign out here \
        and use a new link."
    )]
    KeyChanged {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The server's certificate has expired.
    #[error(
        "The certificate of {host} has expired, or this computer's clock is wrong. Nothing was sent."
    )]
    CertificateExpired {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The server's certificate is not valid yet.
    #[error(
        "The certificate of {host} is not valid yet, or this computer's clock is wrong. Nothing \
        was sent."
    )]
    CertificateNotYetValid {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The server's certificate is for another name.
    #[error("The certificate of {host} is for another name. Nothing was sent.")]
    CertificateForAnotherName {
        /// The server's address, without its scheme.
        host: String,
    },
    /// No trusted authority signed the server's certificate.
    #[error(
        "No authority that this computer trusts signed the certificate of {host}. If the server \
        made it itself, use the link of an invitation, or the one below the list of devices in the \
        settings: they name its key. Nothing was sent."
    )]
    CertificateUnknownIssuer {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The server's certificate is invalid for another reason.
    #[error("The certificate of {host} is not valid. Nothing was sent.")]
    CertificateInvalid {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The encrypted proxy on the way to the server has a certificate that the system does not trust.
    #[error(
        "The proxy {proxy} on the way to {host} has a certificate that this computer does not \
        trust. Nothing was sent."
    )]
    ProxyNotTrusted {
        /// The server's address, without its scheme.
        host: String,
        /// The name of the proxy.
        proxy: String,
    },
    /// The server did not respond, and the operating system reports a cause.
    #[error("The server at {host} did not respond: {cause}.")]
    NoAnswer {
        /// The server's address, without its scheme.
        host: String,
        /// The cause, as the operating system or something in between reports it.
        cause: String,
    },
    /// The server did not respond in time.
    #[error("The server at {host} did not respond: it took too long.")]
    NoAnswerInTime {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The connection failed without a known cause.
    #[error("The server at {host} did not respond: the connection failed.")]
    ConnectionFailed {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The connection broke before the response.
    #[error("The server at {host} did not respond: the connection was lost.")]
    ConnectionLost {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The socket was closed.
    #[error("The connection to the server ended.")]
    ConnectionEnded,
    /// The server sent a `Bye` frame and closed the socket.
    #[error("The server closed the connection.")]
    ServerClosed,
    /// The operating system's list of trusted certificates could not be read.
    #[error(
        "This computer's list of trusted certificates could not be read, so no server can be \
        trusted. Nothing was sent. Parlour will try again."
    )]
    NoCertificates,
    /// A response was larger than any response of a Parlour server.
    #[error("The server at {host} sent more than can be read.")]
    AnswerTooLarge {
        /// The server's address, without its scheme.
        host: String,
    },
    /// Something other than a Parlour server responds.
    #[error("Something other than a Parlour server responded at {host}.")]
    NotAServer {
        /// The address, without its scheme.
        host: String,
    },
    /// The address redirects to another one, and something other than a Parlour server responds there.
    #[error("{host} redirects to {to}, where something other than a Parlour server responded.")]
    RedirectsToNoServer {
        /// The address, without its scheme.
        host: String,
        /// The address that it redirects to.
        to: String,
    },
    /// The address at which the user signs in redirects to a server at another address.
    #[error(
        "{host} redirects to {to}. Nothing was sent there yet. Continue only if that is the server \
        you mean."
    )]
    LeadsElsewhere {
        /// The address, without its scheme.
        host: String,
        /// The address that it redirects to.
        to: String,
    },
    /// The address of the user's server redirects to another one.
    #[error(
        "{host} redirects to {to}. Nothing was sent there, and everything here stays. If the server \
        has moved, ask its administrator to keep the old address working."
    )]
    ServerRedirects {
        /// The address, without its scheme.
        host: String,
        /// The address that it redirects to.
        to: String,
    },
    /// The address redirects to one that the client does not connect to.
    #[error(
        "{host} redirects to {to}, an address that Parlour does not connect to. Nothing was sent \
        there."
    )]
    InvalidRedirect {
        /// The address, without its scheme.
        host: String,
        /// The address that it redirects to, without parts that may be secret.
        to: String,
    },
    /// People joined after a message was written.
    #[error(
        "{} and {others} others joined since you wrote this. It was not sent.",
        .names.join(", ")
    )]
    Joined {
        /// The known names of these people.
        names: Vec<String>,
        /// Number of these people whose name is not known.
        others: u32,
    },
    /// A file of the account could not be read or written.
    #[error("A file of your account could not be read or written: {cause}.")]
    FilesFail {
        /// The cause, as the operating system reports it.
        cause: String,
    },
    /// Actions are waiting, and would be lost.
    #[error("{count} of your actions have not reached the server yet and would be lost.")]
    Unsent {
        /// Number of these actions.
        count: u32,
    },
    /// Several passphrases were wrong, so the next attempt has to wait.
    #[error("Too many wrong attempts. Try again in {seconds} seconds.")]
    TooManyAttempts {
        /// The time to wait, in seconds.
        seconds: u32,
    },
    /// A message that the user wants to save for later has not been sent yet.
    #[error("This message is still waiting to be sent. Save it once it has been.")]
    NotSentYet,
    /// The action must be made with its own command: the action alone does not contain everything that is needed.
    #[error("This cannot be done in this way. Nothing was changed.")]
    HasOwnCommand,
    /// A passphrase is too long.
    #[error("A passphrase has at most {} bytes.", limits::PASSPHRASE_BYTES)]
    PassphraseTooLong,
    /// A passphrase is too short.
    #[error("A passphrase has at least {} characters.", limits::MIN_PASSPHRASE_CHARS)]
    PassphraseTooShort,
    /// Signing out without deleting the files needs a passphrase: otherwise nothing could open them again.
    #[error("Set a passphrase first. Without one, the kept messages could not be opened again.")]
    PassphraseRequired,
    /// The value is not valid for the setting.
    #[error("This setting cannot have this value.")]
    NoSuchValue,
    /// The text to open is not a link.
    #[error("This is not a link.")]
    NotALink,
    /// The link could run a program or attach something.
    #[error("Only web links can be opened, and mail links with an address, a subject and a text.")]
    LinkRefused,
    /// A link of the scheme `parlour:` leads to nothing that the app can show.
    #[error(
        "This link does not lead to a message, a conversation or an invitation. Nothing was opened."
    )]
    AppLinkDamaged,
    /// A link of the scheme `parlour:` leads to a server on which the user has no open account.
    #[error("No open account on this computer is on {host}. Nothing was opened.")]
    NoAccountOnServer {
        /// The host, as the link says it.
        host: String,
    },
    /// What a link of the scheme `parlour:` leads to is not on this computer.
    #[error(
        "This is not on this computer: you may not be able to read it, or it has not arrived yet."
    )]
    NotHere,
    /// A file that is to be attached cannot be read.
    #[error("This file could not be read: it may be a folder, gone, or not yours to read.")]
    FileUnreadable,
    /// A file that is to be attached changed while it was read.
    #[error("This file changed while it was read. Attach it again.")]
    FileChanged,
    /// The bytes of a file are not on this computer.
    #[error("This file is not on this computer yet.")]
    FileNotHere,
    /// A picture cannot be decoded, because it is damaged, too large, or of an unknown format.
    #[error("This picture cannot be copied: it is damaged, too large or of an unknown format.")]
    PictureUndecodable,
    /// The system's clipboard takes nothing.
    #[error("The clipboard of this computer does not take the picture.")]
    ClipboardUnavailable,
    /// Opening a file could run it.
    #[error("This file may be a program. Open it only if you trust its sender.")]
    FileIsProgram,
    /// The copy of a file that is to be sent is gone.
    #[error("The copy of a file of this message is gone from this computer. Attach it again.")]
    FileLost,
    /// The operating system has no program that opens a file.
    #[error("The system has no program that opens this file.")]
    NoOpener,
    /// The user cancelled an export.
    #[error("The export was cancelled. Nothing of it was left behind.")]
    ExportCancelled,
    /// Something has the name of an export's new folder.
    #[error("A folder with this name exists already. Nothing was exported.")]
    ExportExists,
    /// The disk or the quota of an export's folder is full.
    #[error("There is no space left in that folder. Nothing of the export was left behind.")]
    ExportDiskFull,
    /// A file of an export could not be written.
    #[error("A file could not be written: {cause}. Nothing of the export was left behind.")]
    ExportFails {
        /// The cause, as the operating system reports it.
        cause: String,
    },
    /// The operating system did not open the link.
    #[error("The system's browser did not open.")]
    NoBrowser,
    /// The window could not be reset, and still contains data of a locked account.
    #[error("The window did not reload ({cause}). Close it and start Parlour again.")]
    WindowStays {
        /// The cause, as the operating system reports it.
        cause: String,
    },
}

impl LocalReason {
    /// Returns the code that the reason makes more specific.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotAnAddress
            | Self::LinkDamaged
            | Self::NotEncrypted
            | Self::NotSentYet
            | Self::HasOwnCommand
            | Self::PassphraseTooLong
            | Self::PassphraseTooShort
            | Self::PassphraseRequired
            | Self::NoSuchValue
            | Self::NotALink
            | Self::LinkRefused
            | Self::AppLinkDamaged
            | Self::NoAccountOnServer { .. }
            | Self::NotHere
            | Self::FileUnreadable
            | Self::FileChanged
            | Self::FileNotHere
            | Self::PictureUndecodable
            | Self::ClipboardUnavailable
            | Self::FileIsProgram
            | Self::FileLost
            | Self::ExportCancelled
            | Self::ExportExists
            | Self::NoOpener
            | Self::NoBrowser => ErrorCode::Invalid,
            Self::NoAnswer { .. }
            | Self::NoAnswerInTime { .. }
            | Self::ConnectionFailed { .. }
            | Self::ConnectionLost { .. }
            | Self::ConnectionEnded
            | Self::NoCertificates => ErrorCode::Offline,
            Self::KeyChanged { .. } | Self::LinkNamesAnotherKey => ErrorCode::KeyChanged,
            Self::CertificateExpired { .. }
            | Self::CertificateNotYetValid { .. }
            | Self::CertificateForAnotherName { .. }
            | Self::CertificateUnknownIssuer { .. }
            | Self::CertificateInvalid { .. }
            | Self::ProxyNotTrusted { .. } => ErrorCode::Certificate,
            Self::ServerClosed => ErrorCode::Retry,
            Self::AnswerTooLarge { .. } => ErrorCode::ResponseTooLarge,
            Self::NotAServer { .. } | Self::RedirectsToNoServer { .. } => ErrorCode::NotAServer,
            Self::LeadsElsewhere { .. }
            | Self::ServerRedirects { .. }
            | Self::InvalidRedirect { .. } => ErrorCode::Moved,
            Self::Joined { .. } => ErrorCode::MembersChanged,
            Self::FilesFail { .. } | Self::ExportFails { .. } => ErrorCode::Storage,
            Self::ExportDiskFull => ErrorCode::DiskFull,
            Self::Unsent { .. } => ErrorCode::OutboxNotEmpty,
            Self::TooManyAttempts { .. } => ErrorCode::WrongPassphrase,
            Self::WindowStays { .. } => ErrorCode::Internal,
        }
    }
}
