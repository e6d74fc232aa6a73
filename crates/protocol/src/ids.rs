//! Identifiers and times. Each has its own type, so that they cannot be confused.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ipc", derive(specta::Type))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A person's account on one server.
    UserId
);
id!(
    /// A conversation. The id is chosen by its creator; for two people see [`ConversationId::p2p`].
    ConversationId
);
id!(
    /// A message. The id is chosen by its sender (UUIDv7) and never changes, so a retry cannot
    /// duplicate the message.
    MessageId
);
id!(
    /// One action of a user (UUIDv7). The op id of a send is the id of its message.
    OpId
);
id!(
    /// One signed-in device.
    SessionId
);
id!(
    /// One invitation link, with which people register.
    InvitationId
);

impl ConversationId {
    /// The id used for choices that do not concern a conversation.
    pub const NONE: Self = Self(Uuid::nil());

    /// Returns the id of the only conversation of two people, regardless of who starts it and on which
    /// device.
    ///
    /// The id is derived from the two user ids (SHA-256, as a UUIDv8 of RFC 9562), so two people
    /// who start the conversation at the same moment, or offline, get the same one and nothing has
    /// to be merged.
    pub fn p2p(a: UserId, b: UserId) -> Self {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let mut hash = Sha256::new();
        hash.update(b"parlour p2p");
        hash.update(low.0.as_bytes());
        hash.update(high.0.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self(Uuid::new_v8(bytes))
    }
}

impl OpId {
    /// Creates a new id; ids sort by the time at which they were created.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for OpId {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ipc", derive(specta::Type))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(
            #[cfg_attr(feature = "ipc", specta(type = specta_typescript::Number))] pub i64,
        );

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number!(
    /// A message's position in its conversation: dense, from 1, never reused.
    Seq
);
number!(
    /// A number of things, to be displayed.
    Count
);

/// An ordered sequence of changes that a mirror follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamId {
    /// All people who have an account on the server.
    Directory,
    /// One person's memberships, sessions, drafts, saved messages and settings.
    Account(UserId),
    /// One conversation's messages, members and title.
    Conversation(ConversationId),
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => write!(f, "directory"),
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Conversation(id) => write!(f, "conversation:{id}"),
        }
    }
}

/// The error for a text that is not the name of a stream.
#[derive(Debug, thiserror::Error)]
#[error("not a stream")]
pub struct InvalidStreamId;

impl FromStr for StreamId {
    type Err = InvalidStreamId;

    fn from_str(text: &str) -> Result<Self, InvalidStreamId> {
        if text == "directory" {
            return Ok(Self::Directory);
        }
        let (kind, id) = text.split_once(':').ok_or(InvalidStreamId)?;
        let id = Uuid::parse_str(id).map_err(|_| InvalidStreamId)?;
        match kind {
            "account" => Ok(Self::Account(UserId(id))),
            "conversation" => Ok(Self::Conversation(ConversationId(id))),
            _ => Err(InvalidStreamId),
        }
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for StreamId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let about = "'directory', 'account:ID' or 'conversation:ID'";
        let id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
        let pattern = format!("^(directory|account:{id}|conversation:{id})$");
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
        text.description(Some(about)).into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for StreamId {}

impl Serialize for StreamId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StreamId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_have_one_conversation_regardless_of_who_starts_it() {
        let (a, b) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
        assert_eq!(ConversationId::p2p(a, b), ConversationId::p2p(b, a));
        assert_ne!(ConversationId::p2p(a, b), ConversationId::p2p(a, a));
    }

    #[test]
    fn a_stream_reads_back_as_it_was_written() {
        for stream in [
            StreamId::Directory,
            StreamId::Account(UserId(Uuid::now_v7())),
            StreamId::Conversation(ConversationId(Uuid::now_v7())),
        ] {
            let json = serde_json::to_string(&stream).unwrap();
            assert_eq!(serde_json::from_str::<StreamId>(&json).unwrap(), stream);
        }
        assert!("account:nobody".parse::<StreamId>().is_err());
    }
}
