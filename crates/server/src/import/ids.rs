//! Ids derived from an export's own keys, so that a second import finds what the first one created.

use super::format::Format;
use parlour_protocol::{ConversationId, MessageId, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Where the ids of what is imported come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdOrigin {
    /// They are derived from the keys, and differ from those of another server.
    #[default]
    Derived,
    /// They are the keys: the server that was exported is made again.
    Exported,
}

/// The namespace of an export's keys.
#[derive(Debug, Clone)]
pub struct Source {
    /// The format of the export.
    pub format: Format,
    /// Distinguishes servers whose exports use the same keys; may be empty.
    pub name: String,
    /// Where the ids come from.
    pub ids: IdOrigin,
}

impl Source {
    /// Returns the id of a person.
    pub fn user(&self, key: &str) -> UserId {
        UserId(self.exported(key).unwrap_or_else(|| self.id("user", key, None)))
    }

    /// Returns the id of a conversation that is not a direct one.
    pub fn conversation(&self, key: &str) -> ConversationId {
        ConversationId(self.exported(key).unwrap_or_else(|| self.id("conversation", key, None)))
    }

    /// Returns the id of a message. Messages of one conversation with ascending keys get adjacent ids, so that
    /// storing them touches few pages of the index.
    pub fn message(&self, conversation: &str, key: &str) -> MessageId {
        if let Some(exported) = self.exported(key) {
            return MessageId(exported);
        }
        let digits = key.bytes().take_while(u8::is_ascii_digit).take(10);
        let number = digits.fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let location = self.id("place", conversation, None).as_u128() as u16;
        let mut first = [0; 6];
        first[..2].copy_from_slice(&location.to_be_bytes());
        first[2..].copy_from_slice(&number.to_be_bytes());
        MessageId(self.id("message", &format!("{conversation}\n{key}"), Some(first)))
    }

    /// Returns the id that is a key, if keys are ids.
    fn exported(&self, key: &str) -> Option<Uuid> {
        match self.ids {
            IdOrigin::Derived => None,
            IdOrigin::Exported => Uuid::try_parse(key).ok(),
        }
    }

    /// Returns an id derived from a name (UUIDv8 of RFC 9562) that begins with these bytes.
    fn id(&self, kind: &str, name: &str, first: Option<[u8; 6]>) -> Uuid {
        let hash = Sha256::new().chain_update("parlour ").chain_update(self.format.as_str());
        let hash = hash.chain_update(" ").chain_update(kind).chain_update(" ");
        let hash = if self.name.is_empty() {
            hash
        } else {
            hash.chain_update(&self.name).chain_update("\0")
        };
        let digest: [u8; 32] = hash.chain_update(name).finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        if let Some(first) = first {
            bytes[..6].copy_from_slice(&first);
        }
        Uuid::new_v8(bytes)
    }
}

/// Returns a short digest of a text.
pub fn fingerprint(text: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(text).into();
    data_encoding::HEXLOWER.encode(&digest[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_of_the_same_source_has_the_same_id() {
        let (format, ids) = (Format::Slack, IdOrigin::Derived);
        let source = |name: &str| Source { format, name: name.into(), ids };
        let id = source("").message("C1", "1442059830.000123");
        assert_eq!(id, source("").message("C1", "1442059830.000123"));
        let others = [
            source("").message("C1", "1442059830.000124"),
            source("").message("C2", "1442059830.000123"),
            source("b").message("C1", "1442059830.000123"),
        ];
        assert!(others.iter().all(|other| *other != id));
        assert!(source("").message("C1", "2.1") < source("").message("C1", "3.0"));
    }

    #[test]
    fn a_server_that_is_made_again_has_the_exported_ids() {
        let (format, ids) = (Format::Parlour, IdOrigin::Exported);
        let source = Source { format, name: "x".into(), ids };
        let id = Uuid::from_u128(7);
        assert_eq!(source.user(&id.to_string()), UserId(id));
        assert_eq!(source.conversation(&id.to_string()), ConversationId(id));
        assert_eq!(source.message("c", &id.to_string()), MessageId(id));
        assert_ne!(source.message("c", &format!("{id}#1")), MessageId(id), "a part of a long text");
    }
}
