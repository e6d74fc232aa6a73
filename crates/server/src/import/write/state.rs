//! What is known while an import is written.

use super::super::form::{Amendment, Conversation};
use super::super::ids::Source;
use super::super::people::{Map, Names, People};
use parlour_protocol::{ConversationId, UserId};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// Messages whose keys are remembered, to notice those that come twice.
const REMEMBERED: usize = 4_000_000;

/// A conversation of the export, and what it is here.
pub struct Place {
    /// As the export tells of it.
    pub told: Conversation,
    /// What it is here, once it is there.
    pub id: Option<ConversationId>,
    /// Who is known to be, or to have been, in it.
    pub members: HashSet<UserId>,
}

/// What is known while an import is written.
pub struct State {
    /// What ids are made with.
    pub source: Source,
    /// Who is who.
    pub people: People,
    /// The conversations by their keys.
    pub places: HashMap<String, Place>,
    /// Those that are there.
    pub touched: BTreeSet<ConversationId>,
    /// What comes after the messages.
    pub amendments: Vec<Amendment>,
    seen: HashMap<u64, u64>,
}

/// What was done with messages.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Those that were not there.
    pub added: u64,
    /// Those that were.
    pub known: u64,
    /// Those that were there with another content.
    pub changed: u64,
    /// What was left out or altered: why, and where.
    pub odd: Vec<(&'static str, String)>,
}

/// Whether a message came before in this import.
pub enum Seen {
    /// It did not.
    First,
    /// It did, with the same content.
    Same,
    /// Another one did, under its key.
    Other,
}

impl State {
    /// Starts with nothing.
    pub fn new(source: Source, names: Names, map: Map) -> Self {
        let people = People::new(source.clone(), names, map);
        let (places, touched, seen) = (HashMap::new(), BTreeSet::new(), HashMap::new());
        Self { source, people, places, touched, amendments: Vec::new(), seen }
    }

    /// Returns whether a message with this key came before, and remembers it.
    pub fn see(&mut self, conversation: &str, key: &str, content: &str) -> Seen {
        let hash = |of: &dyn Fn(&mut DefaultHasher)| {
            let mut hash = DefaultHasher::new();
            of(&mut hash);
            hash.finish()
        };
        let mark = hash(&|to| (conversation, key).hash(to));
        let content = hash(&|to| content.hash(to));
        if self.seen.len() >= REMEMBERED {
            self.seen.clear();
        }
        match self.seen.get(&mark) {
            None => {
                self.seen.insert(mark, content);
                Seen::First
            }
            Some(known) if *known == content => Seen::Same,
            Some(_) => Seen::Other,
        }
    }
}
