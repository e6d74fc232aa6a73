//! Drafts, on one device and on several.

use super::{ME, ROOM, WREN, account_page, directory, membership, op, open, room};
use crate::{ServerUpdate, Store};
use parlour_protocol::{
    Action, ConversationId, DraftRow, MembershipRow, Millis, Op, OpDone, OpId, Row, StreamId,
    limits,
};
use tempfile::TempDir;
use uuid::Uuid;

fn draft(store: &Store) -> Option<String> {
    let summary = store.conversations_by_id(&[ROOM]).unwrap().remove(0);
    summary.draft.map(|draft| draft.body)
}

/// Lets the server accept the waiting draft op and answer with this body.
fn take_draft(store: &Store, answer: &str, changed_seq: i64) {
    let open = store.open_ops().unwrap().remove(0).op;
    let (body, updated_at) = (answer.to_owned(), Millis(1));
    let row = DraftRow { conversation_id: ROOM, body, reply_to: None, updated_at, changed_seq };
    let done = OpDone::new(StreamId::Account(ME), vec![Row::Draft(row)]);
    store.mirror.apply_done(&OpDone { epoch: "e".into(), ..done.clone() }).unwrap().unwrap();
    store.settle_draft(&open, &done).unwrap();
    store.confirm(&open).unwrap();
}

#[test]
fn a_draft_is_kept_here_until_the_server_has_it_and_then_read_from_there() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let op_id = OpId(Uuid::from_u128(70));
    let shared = store.share_draft(ROOM, op_id, Millis(1)).unwrap().unwrap();
    let half = Action::Draft { body: "half".into(), reply_to: None, based_on: Some(0) };
    assert_eq!(shared.action, half);
    let again = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(1)).unwrap();
    assert_eq!(again, None, "it waits already");
    take_draft(&store, "half", 2);
    assert_eq!(store.drafts_to_share().unwrap(), []);
    assert_eq!(draft(&store).as_deref(), Some("half"));
    // Another device continues the draft; this one writes nothing.
    let theirs = DraftRow {
        conversation_id: ROOM,
        body: "half a thought".into(),
        reply_to: None,
        updated_at: Millis(2),
        changed_seq: 3,
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account_page(1, 3, vec![Row::Draft(theirs)]))])
        .unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half a thought"));
    // A sent message needs no draft, neither here nor on other devices.
    store.enqueue_message(&op(72, Action::send("a thought")), Millis(3), None).unwrap();
    assert_eq!(draft(&store), None);
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(73)), Millis(1)).unwrap().unwrap();
    let empty = Action::Draft { body: String::new(), reply_to: None, based_on: Some(3) };
    assert_eq!(shared.action, empty);
}

#[test]
fn a_draft_that_is_too_large_for_the_server_is_kept_here_and_blocks_nothing() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let pasted = "a line of a log\n".repeat(5000);
    assert!(pasted.len() > limits::BODY_BYTES);
    store.set_draft(ROOM, &pasted.as_str().into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some(pasted.as_str()));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap();
    assert_eq!(shared, None);
    assert_eq!(store.open_ops().unwrap(), []);
    // Once it is short enough, the server gets it too.
    store.set_draft(ROOM, &"a line of a log".into(), Millis(2)).unwrap();
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert!(shared.is_some());
}

#[test]
fn drafts_of_two_devices_are_both_kept_even_while_one_continues() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"mine".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    store.mark_tried(OpId(Uuid::from_u128(70))).unwrap();
    store.set_draft(ROOM, &"mine, and on".into(), Millis(2)).unwrap();
    let now = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert_eq!(now, None, "the server is just getting one");
    take_draft(&store, "theirs\n\nmine", 5);
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(5), .. }), "{shared:?}");
    // A restored server may have none of it.
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    assert_eq!(store.drafts_to_share().unwrap(), [ROOM]);
}

#[test]
fn a_draft_of_another_device_is_shown_in_a_conversation_created_here() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Page(&directory())]).unwrap();
    let id = ConversationId::p2p(ME, WREN);
    let begin = Op { conversation_id: id, ..op(1, Action::create_p2p(WREN)) };
    store.enqueue(&begin, Millis(1)).unwrap();
    let (body, updated_at) = ("from the phone".to_owned(), Millis(1));
    let row = DraftRow { conversation_id: id, body, reply_to: None, updated_at, changed_seq: 1 };
    let place = MembershipRow { conversation_id: id, pinned_at: Some(Millis(2)), ..membership(2) };
    for rows in [vec![Row::Draft(row)], vec![Row::Membership(place)]] {
        let at = rows[0].changed_seq();
        store.mirror.apply(&[ServerUpdate::Page(&account_page(at - 1, at, rows))]).unwrap();
        let summary = store.conversations_by_id(&[id]).unwrap().remove(0);
        assert_eq!(summary.title, "Jenny Wren");
        assert_eq!(summary.draft.unwrap().body, "from the phone");
    }
    let summary = store.conversations(9).unwrap().remove(0);
    assert_eq!((summary.pinned_at, summary.active_at), (Some(Millis(2)), Millis(1)));
}

#[test]
fn a_restored_server_is_sent_the_drafts_again_that_it_had() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    take_draft(&store, "half", 2);
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}

#[test]
fn a_waiting_draft_continues_no_change_of_a_restored_server() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    take_draft(&store, "half", 7);
    store.set_draft(ROOM, &"half a thought".into(), Millis(2)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    store.begin_epoch("f").unwrap();
    assert_eq!(store.open_ops().unwrap(), [], "its 7 may be another draft's by now");
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(72)), Millis(3)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}
