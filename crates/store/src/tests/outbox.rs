//! Tests of the ops of the outbox: how they are sent, replaced and rewritten.

use super::{GROUP, ME, STREAM, bodies, bootstrap, message, open, send};
use crate::{Delivery, Position, ServerUpdate};
use parlour_protocol::{
    Action, Count, ErrorCode, MessageId, MessageRow, Millis, Op, OpDone, OpId, Refusal, Row, Seq,
};
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn a_message_that_moves_from_the_outbox_to_the_mirror_is_shown_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let op = send(7, "mine");
    store.enqueue_message(&op, Millis(5000), None).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"]);
    let row = MessageRow { id: MessageId(op.id.0), sender_id: ME, ..message(2, "mine") };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(row)]) };
    store.mirror.apply_done(&done).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"], "in both files");
    store.confirm(&op).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"], "in the mirror alone");
    let state = store.sync_state().unwrap();
    assert!(state.ops.is_empty());
    assert_eq!(state.streams[0].cursor, Some(1), "an acknowledgement moves no cursor");
}

#[test]
fn an_op_that_the_server_may_have_is_not_rewritten() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.enqueue_message(&send(7, "first"), Millis(1), None).unwrap();
    assert!(store.rewrite(&send(7, "better")).unwrap().0);
    store.mark_tried(OpId(Uuid::from_u128(7))).unwrap();
    assert!(!store.rewrite(&send(7, "too late")).unwrap().0);
    assert!(!store.discard(&send(7, "")).unwrap().0);
    store.refuse(&send(7, ""), &Refusal::MessageTooLong.into()).unwrap();
    let items = store.timeline(GROUP, Position::Newest, 9).unwrap().items;
    let reason = Some(Refusal::MessageTooLong.into());
    let refused = Delivery::Refused { code: ErrorCode::TooLarge, reason };
    assert_eq!((items[0].body.as_str(), &items[0].delivery), ("better", &refused));
    assert!(store.rewrite(&send(7, "shorter")).unwrap().0, "the server does not have a refused op");
}

#[test]
fn a_read_position_replaces_a_waiting_one() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 9))]).unwrap();
    for seq in [3, 5] {
        let action = Action::Read { seq: Seq(seq), without_receipt: false };
        let op = Op { id: OpId::new(), conversation_id: GROUP, action };
        store.enqueue(&op, Millis(1)).unwrap();
    }
    assert_eq!(store.pending_ops().unwrap().len(), 1);
    assert_eq!(store.conversations(9).unwrap()[0].unread, Count(4));
}

#[test]
fn an_edit_that_waits_does_not_undo_a_rewritten_message() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let edit = Op { action: Action::edit(MessageId(Uuid::from_u128(7)), "older"), ..send(8, "") };
    store.enqueue_message(&send(7, "first"), Millis(1), None).unwrap();
    store.enqueue(&edit, Millis(2)).unwrap();
    store.refuse(&send(7, ""), &ErrorCode::NotMember.into()).unwrap();
    assert!(store.rewrite(&send(7, "newest")).unwrap().0);
    let waiting: Vec<OpId> =
        store.pending_ops().unwrap().into_iter().map(|pending| pending.op.id).collect();
    assert_eq!(waiting, [OpId(Uuid::from_u128(7))]);
    store.enqueue(&edit, Millis(3)).unwrap();
    assert!(store.discard(&send(7, "")).unwrap().0);
    assert!(store.pending_ops().unwrap().is_empty());
}
