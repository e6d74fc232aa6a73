//! Tests that a waiting action is shown as its rules define, and that a refused one is no longer shown as if it were done.

use super::{GROUP, ME, WREN, group_store, message};
use crate::{Delivery, Position, Store};
use parlour_protocol::{
    Action, ActionTarget, ConversationId, Echo, ErrorCode, MembersEcho, MessageEcho, Millis, Op,
    OpId, UserId,
};
use std::collections::{BTreeMap, BTreeSet};
use tempfile::TempDir;
use uuid::Uuid;

/// Somebody who is not in the group.
const STRANGER: UserId = UserId(Uuid::from_u128(5));

/// Returns the contents of each screen.
fn shown(store: &Store, conversation: ConversationId) -> [(&'static str, String); 5] {
    [
        ("timeline", format!("{:?}", store.timeline(conversation, Position::Newest, 9).unwrap())),
        ("list", format!("{:?}", store.conversations(9).unwrap())),
        ("members", format!("{:?}", store.members(conversation).unwrap())),
        ("choices", format!("{:?}", store.synced_setting("theme").unwrap())),
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
fn expected_after_refusal(echo: Echo<'_>) -> &'static [&'static str] {
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

fn conversation_of(conversation: ActionTarget<'_>) -> ConversationId {
    match conversation {
        ActionTarget::Conversation => GROUP,
        ActionTarget::NewGroup => ConversationId(Uuid::from_u128(6)),
        ActionTarget::Direct(others) => ConversationId::p2p(ME, others[0]),
        ActionTarget::None => ConversationId::NONE,
    }
}

/// Returns ops of every action, about a message of the group, and about a member, who can be removed, and another
/// person, who can be added.
fn every_op() -> Vec<Op> {
    let actions = [WREN, STRANGER].map(|user_id| Action::examples(message(2, "").id, user_id));
    let op = |action: Action| {
        let conversation_id = conversation_of(action.rules().target);
        Op { id: OpId(Uuid::from_u128(70)), conversation_id, action }
    };
    actions.into_iter().flatten().map(op).collect()
}

/// Checks that each action, once `store_action` has stored it, changes the screens that `expected` returns and no others.
fn check(expected: fn(Echo<'_>) -> &'static [&'static str], store_action: impl Fn(&Store, &Op)) {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let mut results: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for op in every_op() {
        let rules = op.action.rules();
        let before = shown(&store, op.conversation_id);
        store_action(&store, &op);
        let after = shown(&store, op.conversation_id);
        let changed = before.iter().zip(&after).filter(|(one, other)| one != other);
        let [expected_screens, actual_screens] = results.entry(rules.name).or_default();
        expected_screens.extend(expected(rules.echo));
        actual_screens.extend(changed.map(|((screen, _), _)| screen));
        store.discard(&op).unwrap();
        assert_eq!(shown(&store, op.conversation_id), before, "without {:?}", op.action);
    }
    for (name, [expected_screens, actual_screens]) in results {
        assert_eq!(actual_screens, expected_screens, "{name}");
    }
}

#[test]
fn a_waiting_action_changes_exactly_the_screens_of_its_rules() {
    check(expected, |store, op| {
        store.enqueue(op, Millis(5)).unwrap();
    });
}

#[test]
fn a_refused_action_is_not_shown_as_if_it_were_done() {
    check(expected_after_refusal, |store, op| {
        store.enqueue(op, Millis(5)).unwrap();
        store.refuse(op, &ErrorCode::Forbidden.into()).unwrap();
        let items = store.timeline(op.conversation_id, Position::Newest, 9).unwrap().items;
        let shows_refusal =
            items.iter().any(|item| matches!(item.delivery, Delivery::Refused { .. }));
        let should_show = expected_after_refusal(op.action.rules().echo).contains(&"timeline");
        assert_eq!(shows_refusal, should_show, "{:?}", op.action);
        assert!(items.iter().all(|item| !item.deleted), "{:?}", op.action);
    });
}
