//! What waits shows where its rules say, whichever action it is.

use super::{ME, ROOM, WREN, message, room};
use crate::{Position, Store};
use parlour_protocol::{
    Action, ConversationId, Echo, MembersEcho, Millis, Op, OpId, Place, UserId,
};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use uuid::Uuid;

/// Somebody who is not in the room.
const STRANGER: UserId = UserId(Uuid::from_u128(5));

/// What the window shows, by where it shows it.
fn shown(store: &Store, place: ConversationId) -> [(&'static str, String); 5] {
    [
        ("timeline", format!("{:?}", store.timeline(place, Position::Newest, 9).unwrap())),
        ("list", format!("{:?}", store.conversations(9).unwrap())),
        ("members", format!("{:?}", store.members(place).unwrap())),
        ("choices", format!("{:?}", store.choice("theme").unwrap())),
        ("card", format!("{:?}", store.card(ME).unwrap())),
    ]
}

/// Where the rules say that it shows.
fn expected(echo: Echo<'_>) -> &'static [&'static str] {
    match echo {
        Echo::Said { .. } => &["timeline", "list"],
        Echo::Message(..) => &["timeline"],
        Echo::Begun { .. } => &["list", "members"],
        Echo::Conversation(_) => &["list"],
        Echo::Members(MembersEcho::Left | MembersEcho::Transferred(_)) => &["list", "members"],
        Echo::Members(_) => &["members"],
        Echo::Choice { .. } => &["choices"],
        Echo::Profile(_) => &["card"],
        Echo::Nowhere => &[],
    }
}

fn place_of(place: Place<'_>) -> ConversationId {
    match place {
        Place::Conversation => ROOM,
        Place::NewGroup => ConversationId(Uuid::from_u128(6)),
        Place::Pair(others) => ConversationId::p2p(ME, others[0]),
        Place::Nowhere => ConversationId::NOWHERE,
    }
}

#[test]
fn each_action_shows_where_its_rules_say_while_it_waits_and_nowhere_else() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let mut told: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    // One who is there can be removed, one who is not be added.
    for user_id in [WREN, STRANGER] {
        for action in Action::examples(message(2, "").id, user_id) {
            let rules = action.rules();
            let conversation_id = place_of(rules.place);
            let id = OpId(Uuid::from_u128(70));
            let op = Op { id, conversation_id, action: action.clone() };
            let before = shown(&store, conversation_id);
            store.enqueue(&op, Millis(5)).unwrap();
            let now = shown(&store, conversation_id);
            let changed = before.iter().zip(&now).filter(|(one, other)| one != other);
            let [says, does] = told.entry(rules.name).or_default();
            says.extend(expected(rules.echo));
            does.extend(changed.map(|((screen, _), _)| screen));
            store.discard(&op).unwrap();
            assert_eq!(shown(&store, conversation_id), before, "without {action:?}");
        }
    }
    for (name, [says, does]) in told {
        assert_eq!(does, says, "{name}");
    }
}
