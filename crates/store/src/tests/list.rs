//! The list of conversations: its order, and its unread counts.

use super::{ME, ROOM, WREN, account_page, bootstrap, membership, message, op, open, page, room};
use crate::ServerUpdate;
use parlour_protocol::{
    Action, ConversationId, Count, Heads, MemberRole, MembershipRow, Millis, Newest, Page, Row,
    Seq, StreamId,
};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn the_list_is_in_order_and_counts_before_the_messages_are_here() {
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
    assert_eq!(store.conversations(9).unwrap()[0].id, ROOM);
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
fn missing_messages_of_left_conversations_and_invisible_ones_do_not_count() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let joined = MembershipRow::new(ROOM, Millis(0));
    let place = MembershipRow { visible_from: 5, changed_seq: 1, ..joined };
    let stream = StreamId::Account(ME);
    let rows = vec![Row::Membership(place.clone())];
    let account = Page { stream, term: 0, ..page(0, 1, rows) };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account), ServerUpdate::Bootstrap(&bootstrap(8, 9))])
        .unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(5)));
    let left = MembershipRow { left_at: Some(Millis(1)), changed_seq: 2, ..place };
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
        said in prop::collection::vec((any::<bool>(), any::<bool>()), 1..40),
        read in 0_i64..45, floor in 1_i64..40, visible_from in 1_i64..20, to_come in 0_i64..5,
    ) {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let high = i64::try_from(said.len()).unwrap();
        let floor = floor.min(high).max(visible_from.min(high));
        let mut beginning = bootstrap(floor, high);
        for row in &mut beginning.rows {
            let Row::Message(row) = row else { continue };
            let (is_own, is_deleted) = said[usize::try_from(row.seq.0).unwrap() - 1];
            row.sender_id = if is_own { ME } else { WREN };
            row.deleted_at = is_deleted.then_some(Millis(1));
        }
        let place = MembershipRow {
            last_read_seq: Seq(read),
            visible_from,
            changed_seq: 1,
            ..MembershipRow::new(ROOM, Millis(0))
        };
        let rows = vec![Row::Membership(place)];
        let account = Page { stream: StreamId::Account(ME), term: 0, ..page(0, 1, rows) };
        let newest =
            Newest { conversation_id: ROOM, seq: Seq(high + to_come), sent_at: Millis(1) };
        let heads = Heads { epoch: "e".into(), wm: 5, heads: vec![], newest: vec![newest], proof: String::new(), server: None };
        store.mirror.apply(&[
            ServerUpdate::Page(&account), ServerUpdate::Bootstrap(&beginning), ServerUpdate::Heads(&heads),
        ]).unwrap();
        let is_unread = |seq: &i64| {
            let of = usize::try_from(*seq - 1).unwrap();
            let is_known = *seq >= floor && *seq <= high;
            *seq > read && *seq >= visible_from && !(is_known && (said[of].0 || said[of].1))
        };
        let expected = (1..=high + to_come).filter(is_unread).count();
        let unread = store.conversations(9).unwrap()[0].unread;
        prop_assert_eq!(unread, Count(i64::try_from(expected).unwrap()));
    }
}

#[test]
fn the_users_membership_is_the_servers_overlaid_with_waiting_ops() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let summary = || store.conversations_by_id(&[ROOM]).unwrap().remove(0);
    assert_eq!(summary().role, MemberRole::Owner);
    let place = MembershipRow {
        muted_until: Some(Millis(9)),
        pinned_at: Some(Millis(8)),
        hidden_at: Some(Millis(3000)),
        marked_unread: true,
        ..membership(2)
    };
    store
        .mirror
        .apply(&[ServerUpdate::Page(&account_page(1, 2, vec![Row::Membership(place)]))])
        .unwrap();
    let here = summary();
    assert_eq!((here.muted_until, here.pinned_at), (Some(Millis(9)), Some(Millis(8))));
    assert!(here.hidden && here.marked_unread);
    let said = page(3, 4, vec![Row::Message(message(4, "a word"))]);
    store.mirror.apply(&[ServerUpdate::Page(&said)]).unwrap();
    assert!(!summary().hidden, "something was said since");
    store.enqueue(&op(60, Action::Mute { until: None }), Millis(1)).unwrap();
    store.enqueue(&op(61, Action::Pin { on: false }), Millis(1)).unwrap();
    store.enqueue(&op(62, Action::MarkUnread { on: false, from: None }), Millis(1)).unwrap();
    store.enqueue(&op(63, Action::Rename { title: "shed".into() }), Millis(1)).unwrap();
    let here = summary();
    assert_eq!((here.muted_until, here.pinned_at), (None, None));
    assert!(!here.marked_unread);
    assert_eq!(here.title, "shed");
}
