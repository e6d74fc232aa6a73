//! Tests of messages that were written offline.

use super::{GROUP, ME, OAK, ROBIN, STREAM, Script, group, member, no_response, session};
use crate::step::{ServerResult, send};
use futures_util::FutureExt;
use parlour_protocol::{
    Bootstrap, ErrorBody, ErrorCode, LocalReason, MessageId, MessageRow, Millis, OpId, Page,
    PulledStream, Row, Seq,
};
use parlour_store::{ServerUpdate, Store};
use std::collections::VecDeque;
use uuid::Uuid;

/// Returns a page of the group's changes.
fn changes(from: i64, to: i64, head: i64, rows: Vec<Row>) -> PulledStream {
    PulledStream::Page(Page { epoch: String::new(), stream: STREAM, term: 1, from, to, head, rows })
}

fn message(seq: i64, changed_seq: i64) -> Row {
    let id = MessageId(Uuid::from_u128(100 + seq.unsigned_abs() as u128));
    let row = MessageRow::new(id, OAK, "hello", Millis(5));
    Row::Message(MessageRow { seq: Seq(seq), changed_seq, ..row })
}

/// Writes a message offline and sends it to a server that returns these responses to fetches. Returns the
/// result, and whether the op was sent.
fn sent(pulls: Vec<ServerResult<PulledStream>>) -> (ServerResult<()>, bool) {
    sent_from(false, pulls)
}

/// Same as [`sent`]; with `is_reset`, the stream was reset after the message was written.
fn sent_from(is_reset: bool, pulls: Vec<ServerResult<PulledStream>>) -> (ServerResult<()>, bool) {
    let (session, store) = session();
    let id = MessageId(Uuid::now_v7());
    session.send_message(GROUP, id, "between us").unwrap();
    if is_reset {
        store.mirror.apply(&[ServerUpdate::Reset(STREAM)]).unwrap();
    }
    let server =
        Script { pulls: std::sync::Mutex::new(VecDeque::from(pulls)), ..Script::default() };
    let result =
        send::op(&session.context.local(), &server, OpId(id.0), "").now_or_never().unwrap();
    let is_sent = !server.sent.lock().unwrap().is_empty();
    assert_eq!(is_tried(&store, OpId(id.0)), is_sent, "the op is marked as tried");
    (result, is_sent)
}

fn is_tried(store: &Store, id: OpId) -> bool {
    // A completed op is no longer open.
    store.pending_op(id).unwrap().is_none_or(|pending| pending.tried)
}

#[test]
fn new_members_are_fetched_page_by_page() {
    let first_page = Ok(changes(1, 4, 5, vec![message(1, 3), message(2, 4)]));
    let (result, is_sent) =
        sent(vec![first_page.clone(), Ok(changes(4, 5, 5, vec![member(ROBIN, 9, 5)]))]);
    let error = result.unwrap_err();
    assert_eq!((error.code, is_sent), (ErrorCode::MembersChanged, false));
    assert_eq!(error.problem(), LocalReason::Joined { names: vec![], others: 1 }.into());
    // People whom the author knew, and the user, are not new.
    let known_members = vec![member(OAK, 2, 5), member(ME, 9, 5)];
    assert_eq!(sent(vec![first_page, Ok(changes(4, 5, 5, known_members))]), (Ok(()), true));
}

#[test]
fn a_message_waits_until_the_server_returns_who_joined() {
    assert_eq!(sent(vec![]), (Err(no_response()), false));
    let first_page = Ok(changes(1, 4, 5, vec![message(1, 4)]));
    assert_eq!(sent(vec![first_page, Err(no_response())]), (Err(no_response()), false));
}

#[test]
fn a_response_without_the_members_is_an_error() {
    let refusal = |code| ErrorBody { code, ..no_response() };
    for code in [ErrorCode::Epoch, ErrorCode::Retry] {
        let (result, is_sent) = sent(vec![Ok(PulledStream::Error(refusal(code)))]);
        assert_eq!((result, is_sent), (Err(refusal(code)), false));
    }
    // A user who is no longer a member learns that from the server, which refuses the message.
    let not_member = Ok(PulledStream::Error(refusal(ErrorCode::NotMember)));
    assert_eq!(sent(vec![not_member]), (Ok(()), true));
    let empty_page = Ok(changes(1, 1, 5, vec![]));
    let (result, is_sent) = sent(vec![empty_page]);
    assert_eq!((result.unwrap_err().code, is_sent), (ErrorCode::Retry, false));
}

#[test]
fn a_message_waits_if_there_are_too_many_changes() {
    let pages = (1..100).map(|at| Ok(changes(at, at + 1, 1_000, vec![]))).collect();
    let (result, is_sent) = sent(pages);
    assert_eq!((result.unwrap_err().code, is_sent), (ErrorCode::Retry, false));
}

#[test]
fn all_members_of_a_reset_conversation_are_fetched() {
    let first_page =
        Bootstrap { rows: [group().rows, vec![member(ROBIN, 9, 5)]].concat(), ..group() };
    let (result, is_sent) = sent_from(true, vec![Ok(PulledStream::Bootstrap(first_page))]);
    assert_eq!((result.unwrap_err().code, is_sent), (ErrorCode::MembersChanged, false));
    let same = Ok(PulledStream::Bootstrap(group()));
    assert_eq!(sent_from(true, vec![same.clone()]), (Ok(()), true));
    // The same if the server cannot continue from this device's cursor.
    for code in [ErrorCode::CursorOld, ErrorCode::CursorAhead, ErrorCode::Term] {
        let cannot_continue = Ok(PulledStream::Error(ErrorBody { code, ..no_response() }));
        assert_eq!(sent(vec![cannot_continue, same.clone()]), (Ok(()), true));
    }
}
