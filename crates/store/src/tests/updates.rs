//! Tests that data from the server is applied to the mirror once and in order.

use super::{GROUP, ME, STREAM, bodies, bootstrap, done, membership, message, open, page};
use crate::{Position, ServerUpdate};
use parlour_protocol::{
    Count, Head, Heads, History, MembershipRow, MessageRow, Millis, Page, Row, Seq, StreamId,
};
use tempfile::TempDir;

#[test]
fn rows_and_cursor_move_together_and_a_page_that_does_not_continue_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let past_a_gap = page(3, 4, vec![Row::Message(message(4, "four"))]);
    assert!(store.mirror.apply(&[ServerUpdate::Page(&past_a_gap)]).unwrap().is_empty());
    let next = page(2, 3, vec![Row::Message(message(3, "three"))]);
    assert!(
        store.mirror.apply(&[ServerUpdate::Page(&next)]).unwrap().conversations.contains(&GROUP)
    );
    assert!(
        store.mirror.apply(&[ServerUpdate::Page(&next)]).unwrap().is_empty(),
        "a repeated page changes nothing"
    );
    assert_eq!(bodies(&store), ["word1 common", "word2 common", "three"]);
    let state = store.sync_state().unwrap();
    let stream = state.streams.iter().find(|stream| stream.stream == STREAM).unwrap();
    assert_eq!((stream.cursor, stream.floor), (Some(3), 1));
}

#[test]
fn a_late_page_of_history_does_not_undo_an_edit() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(3, 4))]).unwrap();
    let edited = MessageRow { changed_seq: 5, ..message(2, "edited") };
    store.mirror.apply(&[ServerUpdate::Page(&page(4, 5, vec![Row::Message(edited)]))]).unwrap();
    let rows = vec![Row::Message(message(2, "as it was")), Row::Message(message(1, "first"))];
    let history = History { epoch: "e".into(), stream: STREAM, term: 1, before: 3, rows };
    store.mirror.apply(&[ServerUpdate::History(&history)]).unwrap();
    assert_eq!(bodies(&store), ["first", "edited", "word3 common", "word4 common"]);
    assert!(store.timeline(GROUP, Position::Newest, 100).unwrap().at_oldest);
}

#[test]
fn messages_at_invalid_positions_are_skipped() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let rows = [0, -5, 1 << 32, i64::MAX].map(|seq| {
        Row::Message(MessageRow { seq: Seq(seq), changed_seq: 2, ..message(9, "nowhere") })
    });
    store.mirror.apply(&[ServerUpdate::Page(&page(1, 2, rows.into()))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common"]);
}

#[test]
fn a_change_of_an_absent_message_leaves_no_gap_in_the_timeline() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(8, 9))]).unwrap();
    let edited = MessageRow { changed_seq: 10, ..message(2, "edited long after") };
    store.mirror.apply(&[ServerUpdate::Page(&page(9, 10, vec![Row::Message(edited)]))]).unwrap();
    assert_eq!(bodies(&store), ["word8 common", "word9 common"]);
    let page = store.timeline(GROUP, Position::Before(Seq(8)), 50).unwrap();
    assert!(page.items.is_empty() && page.missing_older);
}

#[test]
fn a_left_conversation_stays_readable_and_has_no_unread_messages() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let joined = MembershipRow::new(GROUP, Millis(1));
    let left = MembershipRow { left_at: Some(Millis(2)), changed_seq: 1, ..joined };
    let rows = vec![Row::Membership(left)];
    let stream = StreamId::Account(ME);
    store
        .mirror
        .apply(&[ServerUpdate::Page(&Page { stream, term: 0, ..page(0, 1, rows) })])
        .unwrap();
    let list = store.conversations(9).unwrap();
    assert!(list[0].left && list[0].unread == Count(0));
    assert_eq!(bodies(&store), ["word1 common"]);
}

#[test]
fn heads_are_stored_with_their_watermark() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let heads = vec![Head { stream: STREAM, term: 2, head: 8 }];
    store
        .mirror
        .apply(&[ServerUpdate::Heads(&Heads {
            epoch: "e".into(),
            wm: 5,
            heads,
            newest: vec![],
            proof: String::new(),
            server: None,
        })])
        .unwrap();
    drop(store);
    let state = open(&folder).sync_state().unwrap();
    let stream = &state.streams[0];
    assert_eq!((state.watermark, stream.term, stream.head, stream.cursor), (5, 2, 8, None));
}

#[test]
fn a_bootstrap_read_before_an_own_message_was_accepted_does_not_hide_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply_done(&done(message(3, "mine"))).unwrap().unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 2))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "word2 common", "mine"]);
}

#[test]
fn a_user_who_joins_again_keeps_only_messages_that_they_may_see() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 3))]).unwrap();
    let row = MembershipRow { visible_from: 3, ..membership(5) };
    let page =
        Page { stream: StreamId::Account(ME), term: 0, ..page(0, 5, vec![Row::Membership(row)]) };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    assert_eq!(bodies(&store), ["word3 common"]);
    // The late answer to an earlier op of this user.
    store.mirror.apply_done(&done(MessageRow { changed_seq: 9, ..message(2, "before") })).unwrap();
    assert_eq!(bodies(&store), ["word3 common"]);
}
