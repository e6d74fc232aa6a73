//! Tests of drafts, on one device and on several.

use super::{GROUP, ME, WREN, account_page, directory, group_store, membership, op, open};
use crate::{ServerUpdate, Store};
use parlour_protocol::{
    Action, ConversationId, DraftRow, MembershipRow, Millis, Op, OpDone, OpId, Row, StreamId,
    limits,
};
use tempfile::TempDir;
use uuid::Uuid;

fn draft(store: &Store) -> Option<String> {
    let summary = store.conversations_by_id(&[GROUP]).unwrap().remove(0);
    summary.draft.map(|draft| draft.body)
}

/// Lets the server accept the waiting draft op and answer with this body.
fn accept_draft(store: &Store, response: &str, changed_seq: i64) {
    let pending = store.pending_ops().unwrap().remove(0).op;
    let (body, updated_at) = (response.to_owned(), Millis(1));
    let row = DraftRow { conversation_id: GROUP, body, reply_to: None, updated_at, changed_seq };
    let done = OpDone::new(StreamId::Account(ME), vec![Row::Draft(row)]);
    store.mirror.apply_done(&OpDone { epoch: "e".into(), ..done.clone() }).unwrap().unwrap();
    store.confirm_draft(&pending, &done).unwrap();
    store.confirm(&pending).unwrap();
}

#[test]
fn a_draft_is_stored_locally_until_the_server_has_it() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    store.set_draft(GROUP, &"half".into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let op_id = OpId(Uuid::from_u128(70));
    let shared = store.share_draft(GROUP, op_id, Millis(1)).unwrap().unwrap();
    let half = Action::Draft { body: "half".into(), reply_to: None, based_on: Some(0) };
    assert_eq!(shared.action, half);
    let repeated = store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(1)).unwrap();
    assert_eq!(repeated, None, "it waits already");
    accept_draft(&store, "half", 2);
    assert_eq!(store.drafts_to_share().unwrap(), []);
    assert_eq!(draft(&store).as_deref(), Some("half"));
    // Another device continues the draft; this one writes nothing.
    let other_draft = DraftRow {
        conversation_id: GROUP,
        body: "half a thought".into(),
        reply_to: None,
        updated_at: Millis(2),
        changed_seq: 3,
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account_page(1, 3, vec![Row::Draft(other_draft)]))])
        .unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half a thought"));
    // A sent message needs no draft, neither here nor on other devices.
    store.enqueue_message(&op(72, Action::send("a thought")), Millis(3), None).unwrap();
    assert_eq!(draft(&store), None);
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(73)), Millis(1)).unwrap().unwrap();
    let empty = Action::Draft { body: String::new(), reply_to: None, based_on: Some(3) };
    assert_eq!(shared.action, empty);
}

#[test]
fn a_draft_that_is_too_large_for_the_server_stays_local_and_blocks_nothing() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let pasted = "a line of a log\n".repeat(5000);
    assert!(pasted.len() > limits::BODY_BYTES);
    store.set_draft(GROUP, &pasted.as_str().into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some(pasted.as_str()));
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(70)), Millis(1)).unwrap();
    assert_eq!(shared, None);
    assert_eq!(store.pending_ops().unwrap(), []);
    // Once it is short enough, the server gets it too.
    store.set_draft(GROUP, &"a line of a log".into(), Millis(2)).unwrap();
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert!(shared.is_some());
}

#[test]
fn drafts_of_two_devices_are_merged_even_if_one_is_continued() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    store.set_draft(GROUP, &"mine".into(), Millis(1)).unwrap();
    store.share_draft(GROUP, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    store.mark_tried(OpId(Uuid::from_u128(70))).unwrap();
    store.set_draft(GROUP, &"mine, and on".into(), Millis(2)).unwrap();
    let second = store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert_eq!(second, None, "another draft op is being sent");
    accept_draft(&store, "theirs\n\nmine", 5);
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(5), .. }), "{shared:?}");
    // A restored server may have none of it.
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    assert_eq!(store.drafts_to_share().unwrap(), [GROUP]);
}

#[test]
fn a_draft_of_another_device_is_shown_in_a_conversation_created_here() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Page(&directory())]).unwrap();
    let id = ConversationId::p2p(ME, WREN);
    let create = Op { conversation_id: id, ..op(1, Action::create_p2p(WREN)) };
    store.enqueue(&create, Millis(1)).unwrap();
    let (body, updated_at) = ("from the phone".to_owned(), Millis(1));
    let row = DraftRow { conversation_id: id, body, reply_to: None, updated_at, changed_seq: 1 };
    let pinned = MembershipRow { conversation_id: id, pinned_at: Some(Millis(2)), ..membership(2) };
    for rows in [vec![Row::Draft(row)], vec![Row::Membership(pinned)]] {
        let changed_seq = rows[0].changed_seq();
        store
            .mirror
            .apply(&[ServerUpdate::Page(&account_page(changed_seq - 1, changed_seq, rows))])
            .unwrap();
        let summary = store.conversations_by_id(&[id]).unwrap().remove(0);
        assert_eq!(summary.title, "Jenny Wren");
        assert_eq!(summary.draft.unwrap().body, "from the phone");
    }
    let summary = store.conversations(9).unwrap().remove(0);
    assert_eq!((summary.pinned_at, summary.active_at), (Some(Millis(2)), Millis(1)));
}

#[test]
fn drafts_are_sent_again_to_a_restored_server() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    store.set_draft(GROUP, &"half".into(), Millis(1)).unwrap();
    store.share_draft(GROUP, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    accept_draft(&store, "half", 2);
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}

#[test]
fn a_waiting_draft_is_not_based_on_a_change_before_a_restore() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    store.set_draft(GROUP, &"half".into(), Millis(1)).unwrap();
    store.share_draft(GROUP, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    accept_draft(&store, "half", 7);
    store.set_draft(GROUP, &"half a thought".into(), Millis(2)).unwrap();
    store.share_draft(GROUP, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    store.begin_epoch("f").unwrap();
    assert_eq!(store.pending_ops().unwrap(), [], "change 7 may belong to another draft now");
    let shared = store.share_draft(GROUP, OpId(Uuid::from_u128(72)), Millis(3)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}
