//! What goes wrong on a client by itself, where a code leaves it open: a key, and what it names.
//!
//! Whoever shows it has the words: of the window they are in `ui/src/lib/text/en/failures.ts`, a sentence for
//! each key. What is printed here is English, for terminals and logs.

use crate::ErrorCode;
use serde::{Deserialize, Serialize};

/// What exactly went wrong on a client. Nothing of it is ever taken from an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(tag = "key", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LocalReason {
    /// It is no address of a server.
    #[error(
        "This is not a server's address. It looks like chat.example.org or https://chat.example.org."
    )]
    NotAnAddress,
    /// The address would send a token in the clear.
    #[error("This address is not encrypted. Use https:// for a server on another computer.")]
    NotEncrypted,
    /// A link lacks a part, or a part was changed.
    #[error(
        "A part of this link is missing or was changed on the way. Copy it again as it was sent."
    )]
    LinkDamaged,
    /// The server is known by another key than the link names, and still has that one.
    #[error(
        "This link names another key than the one by which this server is known here, and the \
        server still shows that one. Nothing was sent. Ask whoever sent the link for a new one, by \
        a way that you trust."
    )]
    LinkNamesAnotherKey,
    /// The server shows another key than the one by which it is known.
    #[error(
        "{host} shows another key than the one by which this computer knows it. Somebody may be \
        between, or the server was set up anew. Nothing was sent, and what is here stays. Ask \
        whoever looks after the server; if it has a new key, sign out here and use a new link."
    )]
    KeyChanged {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The time of the server's certificate is over.
    #[error(
        "The certificate of {host} has expired, or this computer's clock is wrong. Nothing was sent."
    )]
    CertificateExpired {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The time of the server's certificate has not begun.
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
    /// Nobody who is trusted signed the server's certificate.
    #[error(
        "The certificate of {host} was signed by nobody whom this computer trusts. If the server \
        made it itself, use the link of an invitation or the one under Devices, which names its \
        key. Nothing was sent."
    )]
    CertificateUnknownIssuer {
        /// The server's address, without its scheme.
        host: String,
    },
    /// Something else is wrong with the server's certificate.
    #[error("The certificate of {host} is not valid. Nothing was sent.")]
    CertificateInvalid {
        /// The server's address, without its scheme.
        host: String,
    },
    /// No answer, and what the system says of it.
    #[error("The server at {host} did not answer: {cause}.")]
    NoAnswer {
        /// The server's address, without its scheme.
        host: String,
        /// As the system, or whoever stands between, has it.
        cause: String,
    },
    /// No answer in time.
    #[error("The server at {host} did not answer: it took too long.")]
    NoAnswerInTime {
        /// The server's address, without its scheme.
        host: String,
    },
    /// No connection, and nobody says why.
    #[error("The server at {host} did not answer: the connection failed.")]
    ConnectionFailed {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The connection broke before the answer.
    #[error("The server at {host} did not answer: the connection was lost.")]
    ConnectionLost {
        /// The server's address, without its scheme.
        host: String,
    },
    /// The socket ended.
    #[error("The connection to the server ended.")]
    ConnectionEnded,
    /// The server said goodbye.
    #[error("The server closed the connection.")]
    ServerClosed,
    /// The system does not say whom it trusts.
    #[error(
        "This computer's list of trusted certificates could not be read, so no server can be \
        trusted. Nothing was sent; it is tried again by itself."
    )]
    NoCertificates,
    /// An answer was larger than any of ours.
    #[error("An answer of {host} was too large to be read.")]
    AnswerTooLarge {
        /// The server's address, without its scheme.
        host: String,
    },
    /// Something else answers.
    #[error("What answers at {host} is not a Parlour server.")]
    NotAServer {
        /// The address, without its scheme.
        host: String,
    },
    /// The address leads on, and something else answers there.
    #[error("{host} leads to {to}, and what answers there is not a Parlour server.")]
    LeadsToNoServer {
        /// The address, without its scheme.
        host: String,
        /// Where it leads.
        to: String,
    },
    /// The address that one signs in at leads to a server at another one.
    #[error(
        "{host} leads to {to}. Nothing was sent there yet: go on only if that is the server that \
        you mean."
    )]
    LeadsElsewhere {
        /// The address, without its scheme.
        host: String,
        /// Where it leads.
        to: String,
    },
    /// The address of one's server leads to another one.
    #[error(
        "{host} leads to {to}. Nothing was sent there, and what is here stays. If the server has \
        moved, ask whoever looks after it to let the old address go on answering."
    )]
    ServerLeadsElsewhere {
        /// The address, without its scheme.
        host: String,
        /// Where it leads.
        to: String,
    },
    /// The address leads to what is no server's.
    #[error(
        "{host} leads to {to}, which is no address that Parlour connects to. Nothing was sent \
        there."
    )]
    LeadsNowhere {
        /// The address, without its scheme.
        host: String,
        /// Where it leads, as far as that is nobody's secret.
        to: String,
    },
    /// People joined since a message was written.
    #[error(
        "{} and {others} others joined since you wrote this. It was not sent.",
        .names.join(", ")
    )]
    Joined {
        /// Their names.
        names: Vec<String>,
        /// How many have a name that is not known.
        others: u32,
    },
    /// A file fails.
    #[error("A file of your account could not be read or written: {cause}.")]
    FilesFail {
        /// As the system has it.
        cause: String,
    },
    /// Actions wait, and would be lost.
    #[error("{count} of your actions have not reached the server yet and would be lost.")]
    Unsent {
        /// How many.
        count: u32,
    },
    /// After several wrong passphrases the next one waits.
    #[error("Several were wrong. The next one can be tried in {seconds} seconds.")]
    TooManyAttempts {
        /// How long.
        seconds: u32,
    },
    /// A message that is to be saved for later is not sent yet.
    #[error("This message still waits to be sent. Save it once it is.")]
    StillWaits,
    /// More belongs to an action than the action says.
    #[error("This is not done by itself. Nothing was changed.")]
    NotByItself,
    /// A passphrase is too long.
    #[error("A passphrase has at most 1,024 bytes.")]
    PassphraseTooLong,
    /// A passphrase is too short.
    #[error("A passphrase has at least 8 characters.")]
    PassphraseTooShort,
    /// Nothing would open what is kept.
    #[error("Set a passphrase first: it is what opens the kept messages again.")]
    NothingOpensKept,
    /// No setting has this value.
    #[error("This setting cannot be kept.")]
    NoSuchValue,
    /// What is to be opened is no link.
    #[error("This is not a link.")]
    NotALink,
    /// A link that could run something, or take something along.
    #[error(
        "Only links to the web are opened, and mail links with an address, a subject and a text."
    )]
    LinkRefused,
    /// The system opens no link.
    #[error("The system's browser did not open.")]
    NoBrowser,
    /// The window still has what is locked.
    #[error("The window did not begin anew ({cause}). Close it and start Parlour again.")]
    WindowStays {
        /// As the system has it.
        cause: String,
    },
}

impl LocalReason {
    /// The code that it says more about.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotAnAddress
            | Self::LinkDamaged
            | Self::NotEncrypted
            | Self::StillWaits
            | Self::NotByItself
            | Self::PassphraseTooLong
            | Self::PassphraseTooShort
            | Self::NothingOpensKept
            | Self::NoSuchValue
            | Self::NotALink
            | Self::LinkRefused
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
            | Self::CertificateInvalid { .. } => ErrorCode::Certificate,
            Self::ServerClosed => ErrorCode::Retry,
            Self::AnswerTooLarge { .. } => ErrorCode::AnswerTooLarge,
            Self::NotAServer { .. } | Self::LeadsToNoServer { .. } => ErrorCode::NotAServer,
            Self::LeadsElsewhere { .. }
            | Self::ServerLeadsElsewhere { .. }
            | Self::LeadsNowhere { .. } => ErrorCode::Moved,
            Self::Joined { .. } => ErrorCode::MembersChanged,
            Self::FilesFail { .. } => ErrorCode::Storage,
            Self::Unsent { .. } => ErrorCode::OutboxNotEmpty,
            Self::TooManyAttempts { .. } => ErrorCode::WrongPassphrase,
            Self::WindowStays { .. } => ErrorCode::Internal,
        }
    }
}
