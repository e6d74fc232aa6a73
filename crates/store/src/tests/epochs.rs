//! Tests of the store after a restore of the server.

use super::{ME, bodies, bootstrap, done, membership, message, open, page, send};
use crate::ServerUpdate;
use parlour_protocol::{Millis, Page, Row, StreamId};
use tempfile::TempDir;

#[test]
fn a_new_epoch_invalidates_every_cursor_and_sends_ops_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 1))]).unwrap();
    store.enqueue_message(&send(7, "mine"), Millis(1), None).unwrap();
    store.confirm(&send(7, "mine")).unwrap();
    store.begin_epoch("f").unwrap();
    let state = store.sync_state().unwrap();
    assert_eq!((state.epoch.as_str(), state.watermark), ("f", 0));
    assert!(state.streams.iter().all(|stream| stream.cursor.is_none()));
    assert_eq!(state.ops.len(), 1);
    assert_eq!(bodies(&store)[0], "word1 common", "existing messages stay until they are replaced");
}

#[test]
fn a_response_from_before_a_restore_does_not_count_after_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("f").unwrap();
    assert!(store.mirror.apply_done(&done(message(1, "undone"))).unwrap().is_none());
    assert_eq!(bodies(&store), Vec::<String>::new());
}

#[test]
fn after_a_restore_lower_change_numbers_count_and_lost_conversations_are_read_only() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 9))]).unwrap();
    let account = |rows| Page { stream: StreamId::Account(ME), term: 0, ..page(0, 9, rows) };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account(vec![Row::Membership(membership(9))]))])
        .unwrap();
    store.begin_epoch("f").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "word2 common"]);
    store.mirror.apply(&[ServerUpdate::Page(&account(vec![]))]).unwrap();
    assert!(store.conversations(9).unwrap()[0].left, "the server does not know it any more");
    let rejoined =
        Page { from: 9, to: 10, head: 10, ..account(vec![Row::Membership(membership(1))]) };
    store.mirror.apply(&[ServerUpdate::Page(&rejoined)]).unwrap();
    assert!(!store.conversations(9).unwrap()[0].left, "the server knows it again");
}

#[test]
fn a_lost_mirror_does_not_hide_a_restore_of_the_server() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.enqueue_message(&send(7, "mine"), Millis(1), None).unwrap();
    store.confirm(&send(7, "mine")).unwrap();
    drop(store);
    std::fs::remove_file(folder.path().join("mirror.db")).unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    assert!(store.pending_ops().unwrap().is_empty(), "the same server");
    drop(store);
    std::fs::remove_file(folder.path().join("mirror.db")).unwrap();
    let store = open(&folder);
    store.begin_epoch("f").unwrap();
    assert_eq!(store.pending_ops().unwrap().len(), 1, "a restored one");
}

#[test]
fn a_clock_that_is_briefly_far_ahead_deletes_few_sent_ops() {
    let day = 24 * 3600 * 1000;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    for number in 0..10 {
        let op = send(u128::try_from(number).unwrap() + 1, "said");
        store.enqueue(&op, Millis(number * day)).unwrap();
        store.confirm(&op).unwrap();
    }
    store.delete_old_sent(Millis(100 * 365 * day)).unwrap();
    store.begin_epoch("f").unwrap();
    assert_eq!(store.pending_ops().unwrap().len(), 8, "the ops of two days are deleted");
}
