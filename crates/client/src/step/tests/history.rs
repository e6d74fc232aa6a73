//! Tests of older messages, two pages at once.

use super::{ME, STREAM, Script};
use crate::step::history::pages;
use futures_util::FutureExt;
use parlour_protocol::{History, MessageId, MessageRow, Millis, Row, Seq, limits};
use parlour_sync::{Fetch, FetchKind};
use uuid::Uuid;

const EPOCH: &str = "first";

/// Returns a page of messages, from the one before `before` downwards.
fn page(before: i64, seqs: impl Iterator<Item = i64>) -> History {
    let row = |seq| {
        let mut row = MessageRow::new(MessageId(Uuid::from_u128(7)), ME, "said", Millis(0));
        row.seq = Seq(seq);
        Row::Message(row)
    };
    History { epoch: EPOCH.into(), stream: STREAM, term: 1, before, rows: seqs.map(row).collect() }
}

/// Requests the messages before the tenth from a server that returns these pages, one per request,
/// and fails after the last one. Returns the positions of the received messages.
fn seqs_of(script: Vec<History>) -> Vec<i64> {
    let server = Script { pages: std::sync::Mutex::new(script.into()), ..Script::default() };
    let fetch = Fetch { stream: STREAM, term: 1, kind: FetchKind::History { before: 10 } };
    let history = pages(&server, &fetch, EPOCH, limits::PAGE_BYTES).now_or_never().unwrap();
    assert!(server.pages.lock().unwrap().is_empty(), "every page was requested");
    let seq_of = |row: &Row| match row {
        Row::Message(row) => row.seq.0,
        _ => panic!("{row:?}"),
    };
    history.unwrap().rows.iter().map(seq_of).collect()
}

#[test]
fn a_second_page_of_history_is_added_if_it_is_the_requested_one() {
    let first = || page(10, (6..10).rev());
    let alone = [9, 8, 7, 6];
    assert_eq!(seqs_of(vec![first(), page(6, (4..6).rev())]), [9, 8, 7, 6, 5, 4]);
    assert_eq!(seqs_of(vec![first(), page(6, 0..0)]), alone);
    // The second page is missing, or is not the requested one.
    assert_eq!(seqs_of(vec![first()]), alone);
    assert_eq!(seqs_of(vec![first(), page(7, (4..6).rev())]), alone);
    let wrong_epoch = History { epoch: "second".into(), ..page(6, (4..6).rev()) };
    assert_eq!(seqs_of(vec![first(), wrong_epoch]), alone);
    let wrong_term = History { term: 2, ..page(6, (4..6).rev()) };
    assert_eq!(seqs_of(vec![first(), wrong_term]), alone);
    // There is no message before the first one.
    assert_eq!(seqs_of(vec![page(10, (1..10).rev())]), (1..10).rev().collect::<Vec<_>>());
}
