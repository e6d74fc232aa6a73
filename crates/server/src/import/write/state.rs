//! The state of the writer.

use super::super::ids::Source;
use super::super::people::{Map, Names, People};
use super::super::records::{Amendment, Conversation};
use super::origin::Origin;
use parlour_protocol::{ConversationId, ConversationType, UserId};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// Maximum number of messages whose keys are remembered to detect duplicates.
const MAX_REMEMBERED_KEYS: usize = 4_000_000;

/// A conversation of the export, and its id here.
pub struct ExportedConversation {
    /// Its description in the export.
    pub source: Conversation,
    /// Its id here, once it was created or found.
    pub id: Option<ConversationId>,
    /// Its kind here, once it was created or found.
    pub stored_kind: ConversationType,
    /// Its two people, if it is a direct conversation here; the same person twice for their notes.
    pub pair: Option<(UserId, UserId)>,
    /// Its current and former members, as far as they are known.
    pub members: HashSet<UserId>,
    /// Whether this import created it.
    pub is_new: bool,
    /// Whether this import gave it an owner.
    pub has_owner: bool,
}

impl ExportedConversation {
    /// Creates it without members.
    pub fn new(source: Conversation) -> Self {
        Self {
            source,
            id: None,
            stored_kind: ConversationType::Group,
            pair: None,
            members: HashSet::new(),
            is_new: false,
            has_owner: false,
        }
    }
}

/// The state of the writer.
pub struct State {
    /// The source from which ids are derived.
    pub source: Source,
    /// What is recorded, so that the import can be undone.
    pub origin: Origin,
    /// The people of the export, and their users.
    pub people: People,
    /// The conversations of the export by their keys.
    pub conversations: HashMap<String, ExportedConversation>,
    /// The ids of the conversations that were created or found.
    pub stored_ids: BTreeSet<ConversationId>,
    /// The changes that are applied after all messages were stored.
    pub amendments: Vec<Amendment>,
    seen: HashMap<u64, u64>,
}

/// The results for the messages of a batch.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Number of messages that were added.
    pub added: u64,
    /// Number of messages that existed already.
    pub known: u64,
    /// Number of messages that existed with other content.
    pub changed: u64,
    /// What was left out or altered: the reason, and the location.
    pub odd: Vec<(&'static str, String)>,
}

/// Whether a message with the same key occurred before in this import.
pub enum Occurrence {
    /// None did.
    First,
    /// One with the same content did.
    Duplicate,
    /// One with other content did.
    Conflict,
}

impl State {
    /// Creates an empty state.
    pub fn new(source: Source, names: Names, map: Map, origin: Origin) -> Self {
        let people = People::new(source.clone(), names, map, origin.run);
        let (conversations, stored_ids, seen) = (HashMap::new(), BTreeSet::new(), HashMap::new());
        Self { source, origin, people, conversations, stored_ids, amendments: Vec::new(), seen }
    }

    /// Returns whether a message with this key occurred before, and remembers it.
    pub fn record_occurrence(
        &mut self,
        conversation: &str,
        key: &str,
        content: &str,
    ) -> Occurrence {
        let hash_of = |feed: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            feed(&mut hasher);
            hasher.finish()
        };
        let key_hash = hash_of(&|hasher| (conversation, key).hash(hasher));
        let content_hash = hash_of(&|hasher| content.hash(hasher));
        if self.seen.len() >= MAX_REMEMBERED_KEYS {
            self.seen.clear();
        }
        match self.seen.get(&key_hash) {
            None => {
                self.seen.insert(key_hash, content_hash);
                Occurrence::First
            }
            Some(known) if *known == content_hash => Occurrence::Duplicate,
            Some(_) => Occurrence::Conflict,
        }
    }
}
