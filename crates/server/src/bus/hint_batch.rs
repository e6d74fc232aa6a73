//! Batches of hints, serialized as text.

use crate::hub::Hint;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The largest number of hints in one batch.
pub const MAX_HINTS: usize = 64;
/// The largest size of a batch in bytes, which is PostgreSQL's limit. A longer text is not one of our
/// batches.
const MAX_BATCH_BYTES: usize = 8000;

/// The content of one batch.
#[derive(Debug, Serialize, Deserialize)]
pub struct HintBatch {
    /// The server that sent it, which ignores its own hint batches.
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
            Hint::AccessChanged(user) => drop(access.insert(user)),
            Hint::Presence(user, state) => drop(presence.insert(user, state)),
            other if others.last() == Some(&other) => {}
            other => others.push(other),
        }
    }
    let access = access.into_iter().map(Hint::AccessChanged);
    let presence = presence.into_iter().map(|(user, state)| Hint::Presence(user, state));
    access.chain(others).chain(presence).chain(moved.into_iter().map(Hint::Moved)).collect()
}

/// Parses a batch. Returns `None` if the text is too long, has too many hints or is something else.
pub fn parse(text: &str) -> Option<HintBatch> {
    if text.len() > MAX_BATCH_BYTES {
        return None;
    }
    serde_json::from_str::<HintBatch>(text).ok().filter(|batch| batch.hints.len() <= MAX_HINTS)
}

/// Checks that any text is either parsed as a batch or ignored, and that a batch survives serialization.
#[cfg(any(test, fuzzing))]
pub fn fuzz(text: &str) {
    if let Some(batch) = parse(text) {
        let json = serde_json::to_string(&batch).expect("a batch is plain data");
        let again = parse(&json).expect("our own batch");
        assert_eq!((again.from, &again.hints), (batch.from, &batch.hints));
        assert!(merge(batch.hints.into_iter()).len() <= MAX_HINTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_protocol::{ConversationId, StreamId, UserId};
    use uuid::Uuid;

    #[test]
    fn hints_about_one_stream_are_merged_and_a_full_batch_is_within_the_limit() {
        let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(n)));
        assert_eq!(merge((1..=1000).map(|_| Hint::Moved(stream(1)))), [Hint::Moved(stream(1))]);
        let user = UserId(Uuid::from_u128(u128::MAX));
        let writes = |n| Hint::Typing(ConversationId(Uuid::from_u128(n)), user);
        let hints: Vec<Hint> = (0..MAX_HINTS as u128).map(writes).collect();
        let batch = serde_json::to_string(&HintBatch { from: u64::MAX, hints }).unwrap();
        assert!(batch.len() < MAX_BATCH_BYTES, "{}", batch.len());
        assert!(parse(&batch).is_some());
    }

    #[test]
    fn text_that_is_not_a_batch_of_ours_is_ignored() {
        let hints = vec![Hint::Alive; MAX_HINTS + 1];
        let too_many = serde_json::to_string(&HintBatch { from: 1, hints }).unwrap();
        let long = format!("{}{{\"from\":1,\"hints\":[]}}", " ".repeat(MAX_BATCH_BYTES));
        let deep = "[".repeat(7000);
        let wipe = r#"{"from":1,"hints":[{"Revoked":["0","0",true]}]}"#;
        for text in ["", "{}", "null", &too_many, &long, &deep, wipe] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
