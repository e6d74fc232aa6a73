//! Whose a direct conversation is. Others never become its members, whatever an export contains.

use super::super::records::{Conversation, ConversationKind};
use super::state::ExportedConversation;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members;
use parlour_protocol::{ConversationId, ConversationType, UserId};
use std::collections::BTreeSet;

/// Returns the two people of a direct conversation, or the same person twice for their notes. `users` are those of the
/// members that the export lists. `None` if it is no direct conversation, or if it does not list one or two people, or
/// two who are the same person here.
pub fn pair(exported: &Conversation, users: &[UserId]) -> Option<(UserId, UserId)> {
    let described = exported.details.iter().flat_map(|details| &details.members);
    let listed = exported.members.iter().chain(described.map(|member| &member.person));
    let listed: BTreeSet<&String> = listed.collect();
    let users: BTreeSet<UserId> = users.iter().copied().collect();
    let is_pair = exported.kind == ConversationKind::Direct
        && (1..=2).contains(&listed.len())
        && users.len() == listed.len();
    users.first().copied().zip(users.last().copied()).filter(|_| is_pair)
}

/// Returns whether a person may be a member of a conversation that was created or found, and their messages in it.
pub async fn fits(
    tx: &Tx,
    entry: &ExportedConversation,
    id: ConversationId,
    user: UserId,
) -> Result<bool, ApiError> {
    match (entry.stored_kind, entry.pair) {
        (ConversationType::P2p, Some((a, b))) => Ok(user == a || user == b),
        // It was found under an id of the export, and keeps its members.
        (ConversationType::P2p, None) => Ok(members::find(tx, id, user).await?.is_some()),
        (ConversationType::Group, _) => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn only_one_or_two_listed_people_make_a_direct_conversation() {
        let [a, b, c] = [1, 2, 3].map(|number| UserId(Uuid::from_u128(number)));
        let direct = |members: &[&str]| Conversation {
            kind: ConversationKind::Direct,
            members: members.iter().map(|key| (*key).to_owned()).collect(),
            ..Conversation::default()
        };
        assert_eq!(pair(&direct(&["a", "b"]), &[b, a]), Some((a, b)));
        assert_eq!(pair(&direct(&["a"]), &[a]), Some((a, a)), "notes");
        assert_eq!(pair(&direct(&["a", "a"]), &[a, a]), Some((a, a)), "listed twice");
        assert_eq!(pair(&direct(&[]), &[a]), None, "whose it is, is unknown");
        assert_eq!(pair(&direct(&["a", "b"]), &[a]), None, "one member of two");
        assert_eq!(pair(&direct(&["a", "b"]), &[a, a]), None, "two accounts of one person");
        assert_eq!(pair(&direct(&["a", "b", "c"]), &[a, b, c]), None);
        let group = Conversation { kind: ConversationKind::Group, ..direct(&["a", "b"]) };
        assert_eq!(pair(&group, &[a, b]), None);
    }
}
