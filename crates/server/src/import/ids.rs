//! Ids derived from names, so that a second import finds what the first one created.

use parlour_protocol::{ConversationId, Millis};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Returns the id of a channel's conversation.
pub fn conversation_of(channel: &str) -> ConversationId {
    ConversationId(made_id("conversation", channel, None))
}

/// Returns an id derived from a name (UUIDv8 of RFC 9562), so that the same thing always gets the same id. If
/// `at` is given, it makes up the first 48 bits, as in a UUIDv7, so that ids sort and index in the order of
/// time.
pub fn made_id(kind: &str, name: &str, at: Option<Millis>) -> Uuid {
    let hash = Sha256::new().chain_update("parlour irc ").chain_update(kind).chain_update(" ");
    let digest: [u8; 32] = hash.chain_update(name).finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    if let Some(at) = at {
        bytes[..6].copy_from_slice(&at.0.to_be_bytes()[2..]);
    }
    Uuid::new_v8(bytes)
}
