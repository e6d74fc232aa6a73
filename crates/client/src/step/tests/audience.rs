//! Tests of messages that were written offline.

use super::{ME, OAK, ROBIN, ROOM, STREAM, Script, member, no_answer, room, session};
use crate::step::{Answer, send};
use futures_util::FutureExt;
use parlour_protocol::{
    Bootstrap, ErrorBody, ErrorCode, LocalReason, MessageId, MessageRow, Millis, OpId, Page,
    PulledStream, Row, Seq,
};
use parlour_store::{ServerUpdate, Store};
use std::collections::VecDeque;
use uuid::Uuid;

/// Returns a page of the room's changes.
fn changes(from: i64, to: i64, head: i64, rows: Vec<Row>) -> PulledStream {
    PulledStream::Page(Page { epoch: String::new(), stream: STREAM, term: 1, from, to, head, rows })
}

fn said(seq: i64, changed_seq: i64) -> Row {
    let id = MessageId(Uuid::from_u128(100 + seq.unsigned_abs() as u128));
    let row = MessageRow::new(id, OAK, "said", Millis(5));
    Row::Message(MessageRow { seq: Seq(seq), changed_seq, ..row })
}

/// Writes a message offline and sends it to a server that gives these answers to fetches. Returns the
/// result, and whether the op was sent.
fn sent(pulls: Vec<Answer<PulledStream>>) -> (Answer<()>, bool) {
    sent_from(false, pulls)
}

/// Same as [`sent`]; with `is_reset`, the stream was reset after the message was written.
fn sent_from(is_reset: bool, pulls: Vec<Answer<PulledStream>>) -> (Answer<()>, bool) {
    let (session, store) = session();
    let id = MessageId(Uuid::now_v7());
    session.send_message(ROOM, id, "between us").unwrap();
    if is_reset {
        store.mirror.apply(&[ServerUpdate::Reset(STREAM)]).unwrap();
    }
    let server =
        Script { pulls: std::sync::Mutex::new(VecDeque::from(pulls)), ..Script::default() };
    let came = send::op(&session.context.files(), &server, OpId(id.0), "").now_or_never().unwrap();
    let is_sent = !server.sent.lock().unwrap().is_empty();
    assert_eq!(is_tried(&store, OpId(id.0)), is_sent, "it is noted what the server may have");
    (came, is_sent)
}

fn is_tried(store: &Store, id: OpId) -> bool {
    // A completed op is no longer open.
    store.open_op(id).unwrap().is_none_or(|open| open.tried)
}

#[test]
fn new_members_are_fetched_page_by_page() {
    let quiet = Ok(changes(1, 4, 5, vec![said(1, 3), said(2, 4)]));
    let (came, is_sent) =
        sent(vec![quiet.clone(), Ok(changes(4, 5, 5, vec![member(ROBIN, 9, 5)]))]);
    let error = came.unwrap_err();
    assert_eq!((error.code, is_sent), (ErrorCode::MembersChanged, false));
    assert_eq!(error.problem(), LocalReason::Joined { names: vec![], others: 1 }.into());
    // People whom the author knew, and the user, are not new.
    let known = vec![member(OAK, 2, 5), member(ME, 9, 5)];
    assert_eq!(sent(vec![quiet, Ok(changes(4, 5, 5, known))]), (Ok(()), true));
}

#[test]
fn a_message_waits_while_the_server_does_not_say_who_joined() {
    assert_eq!(sent(vec![]), (Err(no_answer()), false));
    let begun = Ok(changes(1, 4, 5, vec![said(1, 4)]));
    assert_eq!(sent(vec![begun, Err(no_answer())]), (Err(no_answer()), false));
}

#[test]
fn an_answer_that_does_not_say_who_joined_is_an_error() {
    let refusal = |code| ErrorBody { code, ..no_answer() };
    for code in [ErrorCode::Epoch, ErrorCode::Retry] {
        let (came, is_sent) = sent(vec![Ok(PulledStream::Error(refusal(code)))]);
        assert_eq!((came, is_sent), (Err(refusal(code)), false));
    }
    // A user who is no longer a member learns that from the server, which refuses the message.
    let out = Ok(PulledStream::Error(refusal(ErrorCode::NotMember)));
    assert_eq!(sent(vec![out]), (Ok(()), true));
    let nowhere = Ok(changes(1, 1, 5, vec![]));
    let (came, is_sent) = sent(vec![nowhere]);
    assert_eq!((came.unwrap_err().code, is_sent), (ErrorCode::Retry, false));
}

#[test]
fn endless_changes_are_left_to_the_sync() {
    let pages = (1..100).map(|at| Ok(changes(at, at + 1, 1_000, vec![]))).collect();
    let (came, is_sent) = sent(pages);
    assert_eq!((came.unwrap_err().code, is_sent), (ErrorCode::Retry, false));
}

#[test]
fn all_members_of_a_reset_conversation_are_fetched() {
    let begun = Bootstrap { rows: [room().rows, vec![member(ROBIN, 9, 5)]].concat(), ..room() };
    let (came, is_sent) = sent_from(true, vec![Ok(PulledStream::Bootstrap(begun))]);
    assert_eq!((came.unwrap_err().code, is_sent), (ErrorCode::MembersChanged, false));
    let same = Ok(PulledStream::Bootstrap(room()));
    assert_eq!(sent_from(true, vec![same.clone()]), (Ok(()), true));
    // The same if the server cannot continue from this device's cursor.
    for code in [ErrorCode::CursorOld, ErrorCode::CursorAhead, ErrorCode::Term] {
        let lost = Ok(PulledStream::Error(ErrorBody { code, ..no_answer() }));
        assert_eq!(sent(vec![lost, same.clone()]), (Ok(()), true));
    }
}
