//! Each waiting action is shown where its rules say, and a refused action is no longer shown as if it were done.

use super::{ME, ROOM, WREN, message, room};
use crate::{Delivery, Position, Store};
use parlour_protocol::{
    Action, ActionTarget, ConversationId, Echo, ErrorCode, MembersEcho, MessageEcho, Millis, Op,
    OpId, UserId,
};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use uuid::Uuid;

/// Somebody who is not in the room.
const STRANGER: UserId = UserId(Uuid::from_u128(5));

/// Returns the contents of each screen.
fn shown(store: &Store, place: ConversationId) -> [(&'static str, String); 5] {
    [
        ("timeline", format!("{:?}", store.timeline(place, Position::Newest, 9).unwrap())),
        ("list", format!("{:?}", store.conversations(9).unwrap())),
        ("members", format!("{:?}", store.members(place).unwrap())),
        ("choices", format!("{:?}", store.choice("theme").unwrap())),
        ("card", format!("{:?}", store.card(ME).unwrap())),
    ]
}

/// Returns the screens that an action changes while it waits, according to its rules.
fn expected(echo: Echo<'_>) -> &'static [&'static str] {
    match echo {
        Echo::NewMessage { .. } => &["timeline", "list"],
        Echo::Message(..) => &["timeline"],
        Echo::NewConversation { .. } => &["list", "members"],
        Echo::Conversation(_) => &["list"],
        Echo::Members(MembersEcho::Left | MembersEcho::Transferred(_)) => &["list", "members"],
        Echo::Members(_) => &["members"],
        Echo::Choice { .. } => &["choices"],
        Echo::Profile(_) => &["card"],
        Echo::None => &[],
    }
}

/// Returns the screens that a refused action still changes: those where it can be retried, and those that show
/// what the server does not have.
fn expected_refused(echo: Echo<'_>) -> &'static [&'static str] {
    match echo {
        Echo::NewMessage { .. } => &["timeline", "list"],
        Echo::Message(_, MessageEcho::Edited { .. } | MessageEcho::Deleted) => &["timeline"],
        Echo::NewConversation { .. } => &["list"],
        Echo::Message(..)
        | Echo::Conversation(_)
        | Echo::Members(_)
        | Echo::Choice { .. }
        | Echo::Profile(_)
        | Echo::None => &[],
    }
}

fn place_of(place: ActionTarget<'_>) -> ConversationId {
    match place {
        ActionTarget::Conversation => ROOM,
        ActionTarget::NewGroup => ConversationId(Uuid::from_u128(6)),
        ActionTarget::Pair(others) => ConversationId::p2p(ME, others[0]),
        ActionTarget::None => ConversationId::NONE,
    }
}

/// Returns ops of every action, about a message of the room, and about a member and a person who is not one: the
/// former can be removed, the latter can be added.
fn every_op() -> Vec<Op> {
    let actions = [WREN, STRANGER].map(|user_id| Action::examples(message(2, "").id, user_id));
    let op = |action: Action| {
        let conversation_id = place_of(action.rules().target);
        Op { id: OpId(Uuid::from_u128(70)), conversation_id, action }
    };
    actions.into_iter().flatten().map(op).collect()
}

/// Checks that each action, once `act` has stored it, changes the screens that `expected` returns and no others.
fn check(expected: fn(Echo<'_>) -> &'static [&'static str], act: impl Fn(&Store, &Op)) {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let mut told: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for op in every_op() {
        let rules = op.action.rules();
        let before = shown(&store, op.conversation_id);
        act(&store, &op);
        let now = shown(&store, op.conversation_id);
        let changed = before.iter().zip(&now).filter(|(one, other)| one != other);
        let [says, does] = told.entry(rules.name).or_default();
        says.extend(expected(rules.echo));
        does.extend(changed.map(|((screen, _), _)| screen));
        store.discard(&op).unwrap();
        assert_eq!(shown(&store, op.conversation_id), before, "without {:?}", op.action);
    }
    for (name, [says, does]) in told {
        assert_eq!(does, says, "{name}");
    }
}

#[test]
fn each_action_shows_where_its_rules_say_while_it_waits_and_nowhere_else() {
    check(expected, |store, op| {
        store.enqueue(op, Millis(5)).unwrap();
    });
}

#[test]
fn what_was_refused_is_not_shown_as_if_it_were_done() {
    check(expected_refused, |store, op| {
        store.enqueue(op, Millis(5)).unwrap();
        store.refuse(op, &ErrorCode::Forbidden.into()).unwrap();
        let items = store.timeline(op.conversation_id, Position::Newest, 9).unwrap().items;
        let tells = items.iter().any(|item| matches!(item.delivery, Delivery::Refused { .. }));
        let shows = expected_refused(op.action.rules().echo).contains(&"timeline");
        assert_eq!(tells, shows, "{:?}", op.action);
        assert!(items.iter().all(|item| !item.deleted), "{:?}", op.action);
    });
}
