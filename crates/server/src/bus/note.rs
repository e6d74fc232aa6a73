//! Notes: hints serialized as text.

use crate::hub::Hint;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The largest number of hints in one note.
pub const MAX_HINTS: usize = 64;
/// The largest size of a note in bytes, which is PostgreSQL's limit. A longer text is not one of our notes.
const MAX_NOTE_BYTES: usize = 8000;

/// The content of one note.
#[derive(Debug, Serialize, Deserialize)]
pub struct Note {
    /// The server that sent it, which ignores its own notes.
    pub from: u64,
    /// The hints.
    pub hints: Vec<Hint>,
}

/// Merges hints: one per stream that moved, one per user whose access changed, and the newest about each user's
/// presence. All other hints keep their order, without immediate repetitions.
pub fn merge(hints: impl Iterator<Item = Hint>) -> Vec<Hint> {
    let (mut moved, mut access, mut others) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    let mut presence = BTreeMap::new();
    for hint in hints {
        match hint {
            Hint::Moved(stream) => drop(moved.insert(stream)),
            Hint::Access(user) => drop(access.insert(user)),
            Hint::Presence(user, state) => drop(presence.insert(user, state)),
            other if others.last() == Some(&other) => {}
            other => others.push(other),
        }
    }
    let access = access.into_iter().map(Hint::Access);
    let presence = presence.into_iter().map(|(user, state)| Hint::Presence(user, state));
    access.chain(others).chain(presence).chain(moved.into_iter().map(Hint::Moved)).collect()
}

/// Parses a note. Returns `None` if the text is too long, has too many hints or is something else.
pub fn parse(text: &str) -> Option<Note> {
    if text.len() > MAX_NOTE_BYTES {
        return None;
    }
    serde_json::from_str::<Note>(text).ok().filter(|note| note.hints.len() <= MAX_HINTS)
}

/// Checks that any text is either parsed as a note or ignored, and that a note survives serialization.
#[cfg(any(test, fuzzing))]
pub fn fuzz(text: &str) {
    if let Some(note) = parse(text) {
        let json = serde_json::to_string(&note).expect("a note is plain data");
        let again = parse(&json).expect("our own note");
        assert_eq!((again.from, &again.hints), (note.from, &note.hints));
        assert!(merge(note.hints.into_iter()).len() <= MAX_HINTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, StreamId, UserId};
    use uuid::Uuid;

    #[test]
    fn hints_about_one_stream_are_merged_and_a_full_note_is_within_the_limit() {
        let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(n)));
        assert_eq!(merge((1..=1000).map(|_| Hint::Moved(stream(1)))), [Hint::Moved(stream(1))]);
        let user = UserId(Uuid::from_u128(u128::MAX));
        let writes = |n| Hint::Typing(ConversationId(Uuid::from_u128(n)), user);
        let hints: Vec<Hint> = (0..MAX_HINTS as u128).map(writes).collect();
        let note = serde_json::to_string(&Note { from: u64::MAX, hints }).unwrap();
        assert!(note.len() < MAX_NOTE_BYTES, "{}", note.len());
        assert!(parse(&note).is_some());
    }

    #[test]
    fn text_that_is_not_one_of_our_notes_is_ignored() {
        let hints = vec![Hint::Alive; MAX_HINTS + 1];
        let too_many = serde_json::to_string(&Note { from: 1, hints }).unwrap();
        let long = format!("{}{{\"from\":1,\"hints\":[]}}", " ".repeat(MAX_NOTE_BYTES));
        let deep = "[".repeat(7000);
        let wipe = r#"{"from":1,"hints":[{"Revoked":["0","0",true]}]}"#;
        for text in ["", "{}", "null", &too_many, &long, &deep, wipe] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
