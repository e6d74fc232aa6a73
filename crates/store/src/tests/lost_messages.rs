//! Tests that messages which this device sent and the server lost are sent again.

use super::{GROUP, ME, STREAM, bodies, bootstrap, message, open, page, send};
use crate::{OpState, ServerUpdate, Store};
use parlour_protocol::{
    Action, Bootstrap, ErrorCode, MessageId, MessageRow, Millis, Op, OpDone, OpId, Row, Seq,
};
use tempfile::TempDir;
use uuid::Uuid;

/// Returns a message of this account that the server has had.
fn own_message(seq: i64, body: &str) -> MessageRow {
    MessageRow { sender_id: ME, ..message(seq, body) }
}

/// Sends this account's messages, which the server accepts.
fn accept(store: &Store, rows: &[MessageRow]) {
    for row in rows.iter().filter(|row| row.sender_id == ME) {
        let op = send(row.id.0.as_u128(), &row.body);
        store.enqueue(&op, row.sent_at).unwrap();
        store.confirm(&op).unwrap();
    }
}

fn waiting(store: &Store) -> Vec<(u128, bool)> {
    let pending = store.pending_ops().unwrap().into_iter();
    pending.map(|pending| (pending.op.id.0.as_u128(), pending.state == OpState::Waiting)).collect()
}

#[test]
fn a_repair_does_not_undo_newer_responses_or_apply_to_another_epoch() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let range = store.mirror.message_range(GROUP, None).unwrap().unwrap();
    let server_rows = bootstrap(1, 2).rows;
    let deleted = MessageRow { deleted_at: Some(Millis(9)), changed_seq: 3, ..message(2, "") };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(deleted)]) };
    store.mirror.apply_done(&done).unwrap();
    assert_eq!(store.mirror.digest(&range).unwrap(), None, "ahead of what is compared");
    assert_eq!(store.mirror.repair(&range, "e", &server_rows).unwrap().unwrap().0, 0);
    assert_eq!(bodies(&store), ["word1 common", ""]);
    store.mirror.damage("DELETE FROM messages WHERE body <> ''").unwrap();
    assert_eq!(store.mirror.repair(&range, "d", &server_rows).unwrap(), None, "before a restore");
    assert_eq!(store.mirror.repair(&range, "e", &server_rows).unwrap().unwrap().0, 1);
    assert_eq!(bodies(&store), ["word1 common", ""]);
}

#[test]
fn a_comparison_requeues_lost_messages_of_this_device_instead_of_deleting_them() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let deleted = MessageRow { deleted_at: Some(Millis(1)), ..own_message(5, "") };
    let sent_rows =
        [own_message(3, "mine"), message(4, "theirs"), deleted, own_message(6, "mine too")];
    accept(&store, &sent_rows);
    let rows = sent_rows.map(Row::Message).to_vec();
    store.mirror.apply(&[ServerUpdate::Page(&page(2, 6, rows))]).unwrap();
    let range = store.mirror.message_range(GROUP, None).unwrap().unwrap();
    let mut server_rows = bootstrap(1, 2).rows;
    // Another message is at the position of one of them.
    let other = MessageRow { id: MessageId(Uuid::from_u128(77)), ..message(3, "in its place") };
    server_rows.push(Row::Message(other));
    assert_eq!(store.repair(&range, "d", &server_rows).unwrap(), None, "of another epoch");
    let (repaired, changes) = store.repair(&range, "e", &server_rows).unwrap().unwrap();
    assert_eq!((repaired, changes.requeued.contains(&GROUP)), (4, true));
    assert_eq!(waiting(&store), [(1003, true), (1006, true)]);
    let all = ["word1 common", "word2 common", "in its place", "mine", "mine too"];
    assert_eq!(bodies(&store), all);
    let op = store.pending_op(OpId(Uuid::from_u128(1003))).unwrap().unwrap().op;
    assert_eq!(op.action, Action::send("mine"));
    // It was sent again, got another position, and is shown once.
    let done = MessageRow { changed_seq: 7, ..own_message(3, "mine") };
    let done = MessageRow { seq: Seq(4), ..done };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(done)]) };
    store.mirror.apply_done(&done).unwrap();
    store.confirm(&op).unwrap();
    assert_eq!(bodies(&store), all);
    assert_eq!(waiting(&store), [(1006, true)]);
}

#[test]
fn messages_of_this_device_that_are_missing_in_a_bootstrap_wait_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let sent_rows: Vec<_> = (3..=6).map(|seq| own_message(seq, &format!("mine {seq}"))).collect();
    accept(&store, &sent_rows);
    let rows = sent_rows.into_iter().map(Row::Message).collect();
    store.mirror.apply(&[ServerUpdate::Page(&page(2, 6, rows))]).unwrap();
    // The server was restored to a state with three messages, and another one was sent at position 4.
    let mut bootstrapped = bootstrap(1, 2);
    let other = MessageRow { id: MessageId(Uuid::from_u128(77)), ..message(4, "in its place") };
    bootstrapped.rows.extend([Row::Message(own_message(3, "mine 3")), Row::Message(other)]);
    (bootstrapped.last_seq, bootstrapped.head) = (4, 4);
    store.mirror.apply(&[ServerUpdate::Reset(STREAM)]).unwrap();
    let changes = store.apply(&[ServerUpdate::Bootstrap(&bootstrapped)], Millis(9)).unwrap();
    assert!(changes.requeued.contains(&GROUP));
    assert_eq!(waiting(&store), [(1004, true)]);
    // The server may have accepted the others after the bootstrap was read. A comparison shows that it did
    // not.
    assert!(store.requeue_missing(GROUP).unwrap().requeued.contains(&GROUP));
    assert_eq!(waiting(&store), [(1004, true), (1005, true), (1006, true)]);
    let all =
        ["word1 common", "word2 common", "mine 3", "in its place", "mine 4", "mine 5", "mine 6"];
    assert_eq!(bodies(&store), all);
    // A second bootstrap does not put anything more into the outbox.
    store
        .apply(&[ServerUpdate::Reset(STREAM), ServerUpdate::Bootstrap(&bootstrapped)], Millis(9))
        .unwrap();
    assert_eq!(waiting(&store).len(), 3);
    assert_eq!(bodies(&store), all);
}

#[test]
fn messages_that_both_the_mirror_and_the_server_lost_are_sent_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let edit = |number, message, body: &str| {
        let message_id = MessageId(Uuid::from_u128(message));
        let action = Action::Edit { message_id, body: body.into(), mentions: Vec::new() };
        Op { action, ..send(number, "") }
    };
    let deleted = Action::Delete { message_id: own_message(5, "").id };
    let deleted = Op { action: deleted, ..send(3000, "") };
    accept(
        &store,
        &(2..=5).map(|seq| own_message(seq, &format!("mine {seq}"))).collect::<Vec<_>>(),
    );
    for op in [edit(2001, 1004, "better"), edit(2002, 1004, "best"), deleted] {
        store.enqueue(&op, Millis(9)).unwrap();
        store.confirm(&op).unwrap();
    }
    let mut bootstrapped = bootstrap(1, 1);
    bootstrapped.rows.push(Row::Message(own_message(2, "mine 2")));
    (bootstrapped.last_seq, bootstrapped.head) = (2, 2);
    assert!(store.requeue_missing(GROUP).unwrap().is_empty(), "nothing is known of it yet");
    // Only a part of the history is present; the part below may contain the others.
    let newest = Bootstrap { rows: bootstrapped.rows.split_off(2), ..bootstrapped.clone() };
    assert!(
        store.apply(&[ServerUpdate::Bootstrap(&newest)], Millis(9)).unwrap().requeued.is_empty()
    );
    assert!(store.requeue_missing(GROUP).unwrap().requeued.is_empty());
    // With all of the history present, a message that was deleted here is not sent again, and only the newest
    // edit of a message is.
    store.apply(&[ServerUpdate::Reset(STREAM)], Millis(9)).unwrap();
    let rows = [newest.rows, bootstrapped.rows.clone()].concat();
    let changes = store
        .apply(&[ServerUpdate::Bootstrap(&Bootstrap { rows, ..bootstrapped })], Millis(9))
        .unwrap();
    assert!(changes.requeued.contains(&GROUP));
    assert_eq!(waiting(&store), [(1003, true), (1004, true), (2002, true)]);
    assert!(store.requeue_missing(GROUP).unwrap().is_empty(), "they wait already");
}

#[test]
fn a_lost_message_whose_id_another_person_used_is_sent_under_a_new_id() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    accept(&store, &[own_message(2, "mine")]);
    // The server was restored, and another member sent a message under the id of the lost one.
    let mut bootstrapped = bootstrap(1, 1);
    bootstrapped.rows.push(Row::Message(message(2, "theirs")));
    (bootstrapped.last_seq, bootstrapped.head) = (2, 2);
    assert!(
        store
            .apply(&[ServerUpdate::Bootstrap(&bootstrapped)], Millis(9))
            .unwrap()
            .requeued
            .contains(&GROUP)
    );
    let [pending] = &store.pending_ops().unwrap()[..] else { panic!("one waits") };
    let first = pending.op.clone();
    // A conflict with an unknown message, or with this user's own, does not give the message a new id.
    let own_text = send(3, "it was edited");
    store.enqueue(&own_text, Millis(1)).unwrap();
    assert!(store.refuse(&own_text, &ErrorCode::OpConflict.into()).unwrap().requeued.is_empty());
    assert!(store.discard(&own_text).unwrap().0);
    let refuse = |op: &Op| store.refuse(op, &ErrorCode::OpConflict.into()).unwrap();
    assert!(refuse(&first).requeued.contains(&GROUP));
    let [pending] = &store.pending_ops().unwrap()[..] else { panic!("it still waits") };
    assert_eq!(
        (pending.state, pending.tried, &pending.op.action),
        (OpState::Waiting, false, &first.action)
    );
    assert_ne!(pending.op.id, first.id);
    // A server that always responds with a conflict does not cause an endless loop.
    assert!(refuse(&pending.op.clone()).requeued.is_empty());
    assert_eq!(store.pending_ops().unwrap()[0].state, OpState::Refused);
}
