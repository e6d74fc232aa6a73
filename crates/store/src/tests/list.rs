//! Tests of the list of conversations: its order, and its unread counts.

use super::{
    GROUP, ME, WREN, account_page, bootstrap, group_store, membership, message, op, open, page,
};
use crate::ServerUpdate;
use parlour_protocol::{
    Action, Bootstrap, ConversationId, Count, Head, Heads, MemberRole, MembershipRow, Millis,
    Newest, Page, Row, Seq, StreamId,
};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn the_list_has_its_order_and_counts_before_messages_are_fetched() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let other = ConversationId(Uuid::from_u128(4));
    let mut second = bootstrap(1, 2);
    second.stream = StreamId::Conversation(other);
    if let Row::Conversation(row) = &mut second.rows[0] {
        row.id = other;
    }
    store
        .mirror
        .apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 9)), ServerUpdate::Bootstrap(&second)])
        .unwrap();
    assert_eq!(store.conversations(9).unwrap()[0].id, GROUP);
    let newest = Newest { conversation_id: other, seq: Seq(12), sent_at: Millis(90_000) };
    let heads = Heads {
        epoch: "e".into(),
        wm: 5,
        heads: vec![],
        newest: vec![newest],
        proof: String::new(),
        server: None,
    };
    let changes = store.mirror.apply(&[ServerUpdate::Heads(&heads)]).unwrap();
    assert!(changes.conversations.contains(&other));
    let first = &store.conversations(9).unwrap()[0];
    assert_eq!((first.id, first.unread, first.last_seq), (other, Count(12), Seq(2)));
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(11), Count(21)));
}

#[test]
fn a_conversation_that_is_fetched_again_with_fewer_messages_has_no_missing_ones() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(1, 9))]).unwrap();
    // Undoing an import has removed messages: the stream has moved, and the conversation has only two.
    let head = Head { stream: StreamId::Conversation(GROUP), term: 2, head: 12 };
    let newest = Newest { conversation_id: GROUP, seq: Seq(2), sent_at: Millis(2000) };
    let (epoch, proof) = (String::from("e"), String::new());
    let heads =
        Heads { epoch, wm: 5, heads: vec![head], newest: vec![newest], proof, server: None };
    store.mirror.apply(&[ServerUpdate::Heads(&heads)]).unwrap();
    let smaller = Bootstrap { term: 2, head: 12, ..bootstrap(1, 2) };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&smaller)]).unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(2)));
    let summary = &store.conversations(9).unwrap()[0];
    assert_eq!((summary.unread, summary.last_seq), (Count(2), Seq(2)));
}

#[test]
fn missing_messages_of_left_conversations_and_invisible_ones_do_not_count() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let joined = MembershipRow::new(GROUP, Millis(0));
    let own_membership = MembershipRow { visible_from: 5, changed_seq: 1, ..joined };
    let stream = StreamId::Account(ME);
    let rows = vec![Row::Membership(own_membership.clone())];
    let account = Page { stream, term: 0, ..page(0, 1, rows) };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account), ServerUpdate::Bootstrap(&bootstrap(8, 9))])
        .unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(5)));
    let left = MembershipRow { left_at: Some(Millis(1)), changed_seq: 2, ..own_membership };
    let rows = vec![Row::Membership(left)];
    store
        .mirror
        .apply(&[ServerUpdate::Page(&Page { stream, term: 0, ..page(1, 2, rows) })])
        .unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Unread messages are those that others wrote after the read position and did not delete,
    /// whichever part of the conversation is present.
    #[test]
    fn unread_counts_depend_only_on_the_stored_rows(
        authors in prop::collection::vec((any::<bool>(), any::<bool>()), 1..40),
        read in 0_i64..45, floor in 1_i64..40, visible_from in 1_i64..20, not_received in 0_i64..5,
    ) {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let high = i64::try_from(authors.len()).unwrap();
        let floor = floor.min(high).max(visible_from.min(high));
        let mut bootstrapped = bootstrap(floor, high);
        for row in &mut bootstrapped.rows {
            let Row::Message(row) = row else { continue };
            let (is_own, is_deleted) = authors[usize::try_from(row.seq.0).unwrap() - 1];
            row.sender_id = if is_own { ME } else { WREN };
            row.deleted_at = is_deleted.then_some(Millis(1));
        }
        let own_membership = MembershipRow {
            last_read_seq: Seq(read),
            visible_from,
            changed_seq: 1,
            ..MembershipRow::new(GROUP, Millis(0))
        };
        let rows = vec![Row::Membership(own_membership)];
        let account = Page { stream: StreamId::Account(ME), term: 0, ..page(0, 1, rows) };
        let newest =
            Newest { conversation_id: GROUP, seq: Seq(high + not_received), sent_at: Millis(1) };
        let head = Head { stream: StreamId::Conversation(GROUP), term: 1, head: high + not_received };
        let heads = Heads { epoch: "e".into(), wm: 5, heads: vec![head], newest: vec![newest], proof: String::new(), server: None };
        store.mirror.apply(&[
            ServerUpdate::Page(&account), ServerUpdate::Bootstrap(&bootstrapped), ServerUpdate::Heads(&heads),
        ]).unwrap();
        let is_unread = |seq: &i64| {
            let index = usize::try_from(*seq - 1).unwrap();
            let is_known = *seq >= floor && *seq <= high;
            *seq > read && *seq >= visible_from && !(is_known && (authors[index].0 || authors[index].1))
        };
        let expected = (1..=high + not_received).filter(is_unread).count();
        let unread = store.conversations(9).unwrap()[0].unread;
        prop_assert_eq!(unread, Count(i64::try_from(expected).unwrap()));
    }
}

#[test]
fn the_membership_shows_waiting_ops_over_the_servers_row() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let summary = || store.conversations_by_id(&[GROUP]).unwrap().remove(0);
    assert_eq!(summary().role, MemberRole::Owner);
    let own_membership = MembershipRow {
        muted_until: Some(Millis(9)),
        pinned_at: Some(Millis(8)),
        hidden_at: Some(Millis(3000)),
        marked_unread: true,
        ..membership(2)
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account_page(1, 2, vec![Row::Membership(own_membership)]))])
        .unwrap();
    let summary_now = summary();
    assert_eq!(
        (summary_now.muted_until, summary_now.pinned_at),
        (Some(Millis(9)), Some(Millis(8)))
    );
    assert!(summary_now.hidden && summary_now.marked_unread);
    let new_message = page(3, 4, vec![Row::Message(message(4, "a word"))]);
    store.mirror.apply(&[ServerUpdate::Page(&new_message)]).unwrap();
    assert!(!summary().hidden, "a message was written since");
    store.enqueue(&op(60, Action::Mute { until: None }), Millis(1)).unwrap();
    store.enqueue(&op(61, Action::Pin { on: false }), Millis(1)).unwrap();
    store.enqueue(&op(62, Action::MarkUnread { on: false, from: None }), Millis(1)).unwrap();
    store.enqueue(&op(63, Action::Rename { title: "shed".into() }), Millis(1)).unwrap();
    let summary_now = summary();
    assert_eq!((summary_now.muted_until, summary_now.pinned_at), (None, None));
    assert!(!summary_now.marked_unread);
    assert_eq!(summary_now.title, "shed");
}
