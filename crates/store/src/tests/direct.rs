//! Tests of contradictory rows of the server for a conversation of two people.

use super::{ME, WREN, open};
use crate::{DirectState, ServerUpdate, Store};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, MemberRole, MemberRow,
    Millis, Op, OpId, Page, Row, StreamId, UserId, UserRole, UserRow,
};
use tempfile::TempDir;
use uuid::Uuid;

fn apply_bootstrap(store: &Store, id: ConversationId, kind: ConversationType, members: &[UserId]) {
    let row = ConversationRow::new(id, kind, "wren", WREN, Millis(1));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
    rows.extend(members.iter().map(|user_id| {
        Row::Member(MemberRow {
            user_id: *user_id,
            role: MemberRole::Member,
            joined_at: Millis(1),
            last_read_seq: None,
            left_at: None,
            changed_seq: 1,
        })
    }));
    let (epoch, stream) = ("".into(), StreamId::Conversation(id));
    let bootstrap =
        Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_cursor: None };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap)]).unwrap();
}

fn people(store: &Store, ids: &[UserId]) {
    let user = |id: &UserId| Row::User(UserRow::new(*id, id.to_string(), UserRole::Member, 1));
    let rows = ids.iter().map(user).collect();
    let (epoch, stream) = ("".into(), StreamId::Directory);
    let page = Page { epoch, stream, term: 0, from: 0, to: 1, head: 1, rows };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
}

#[test]
fn impossible_rows_for_a_direct_conversation_are_not_trusted() {
    let (oak, direct) = (UserId(Uuid::from_u128(7)), ConversationId::p2p(ME, WREN));
    let (p2p, group) = (ConversationType::P2p, ConversationType::Group);
    for (kind, members, found) in [
        (p2p, &[ME, WREN][..], DirectState::Present),
        (p2p, &[ME], DirectState::Present),
        (p2p, &[ME, oak], DirectState::ImpossibleMembers),
        (p2p, &[ME, WREN, oak], DirectState::ImpossibleMembers),
        (group, &[ME, WREN], DirectState::ImpossibleMembers),
        (group, &[ME, oak], DirectState::ImpossibleMembers),
    ] {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        people(&store, &[ME, WREN, oak]);
        assert_eq!(store.direct_state(WREN).unwrap(), DirectState::Unknown);
        assert!(store.conversation_matches_id(direct).unwrap());
        apply_bootstrap(&store, direct, kind, members);
        assert_eq!(store.direct_state(WREN).unwrap(), found, "{kind:?} {members:?}");
        assert_eq!(
            store.conversation_matches_id(direct).unwrap(),
            found == DirectState::Present,
            "{kind:?} {members:?}"
        );
        // It is never listed as a direct conversation.
        let listed = store.conversations(10).unwrap();
        let direct = listed.iter().any(|summary| summary.kind == p2p);
        assert_eq!(direct, found == DirectState::Present, "{listed:?}");
    }
}

#[test]
fn a_conversation_with_another_id_is_never_a_direct_conversation() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let (created, import) = (ConversationId(Uuid::now_v7()), Uuid::new_v8([3; 16]));
    people(&store, &[ME, WREN]);
    apply_bootstrap(&store, created, ConversationType::P2p, &[ME, WREN]);
    assert!(!store.conversation_matches_id(created).unwrap());
    assert!(store.conversations(10).unwrap().is_empty());
    apply_bootstrap(&store, ConversationId(import), ConversationType::Group, &[ME, WREN]);
    assert!(store.conversation_matches_id(ConversationId(import)).unwrap(), "an imported channel");
}

#[test]
fn a_group_with_the_id_of_a_direct_conversation_created_here_is_not_trusted() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let direct = ConversationId::p2p(ME, WREN);
    let create = Op { id: OpId::new(), conversation_id: direct, action: Action::create_p2p(WREN) };
    store.enqueue(&create, Millis(1)).unwrap();
    apply_bootstrap(&store, direct, ConversationType::Group, &[ME]);
    assert!(!store.conversation_matches_id(direct).unwrap());
}
