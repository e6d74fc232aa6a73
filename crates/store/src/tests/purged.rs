//! Tests that data is deleted when the server orders it, together with its search index.

use super::search::seqs;
use super::{GROUP, ME, STREAM, account, bodies, bootstrap, key, message, open, page};
use crate::{Draft, Position, ServerUpdate, Store};
use parlour_protocol::{Action, MembershipRow, Millis, Op, OpDone, OpId, Page, Row, StreamId};
use tempfile::TempDir;

fn membership_page(changed_seq: i64, left_at: Option<Millis>, purged: bool) -> Page {
    let row =
        MembershipRow { left_at, purged, changed_seq, ..MembershipRow::new(GROUP, Millis(1)) };
    let (epoch, stream) = ("e".into(), StreamId::Account(ME));
    let rows = vec![Row::Membership(row)];
    Page { epoch, stream, term: 0, from: changed_seq - 1, to: changed_seq, head: changed_seq, rows }
}

fn send(body: &str) -> Op {
    Op { id: OpId::new(), conversation_id: GROUP, action: Action::send(body) }
}

/// Returns a group with messages, one of which this device sent, and a draft.
fn group_store(folder: &TempDir) -> Store {
    let store = open(folder);
    store.begin_epoch("e").unwrap();
    store
        .mirror
        .apply(&[
            ServerUpdate::Page(&membership_page(1, None, false)),
            ServerUpdate::Bootstrap(&bootstrap(1, 3)),
        ])
        .unwrap();
    let sent = send("sent from here");
    store.enqueue(&sent, Millis(1)).unwrap();
    store.confirm(&sent).unwrap();
    store.set_draft(GROUP, &Draft::from("half a thought"), Millis(1)).unwrap();
    store
}

fn has_any_data(store: &Store) -> bool {
    let words = ["common ", "sent "].iter().any(|word| !seqs(store, word).is_empty());
    let listed = store.conversations(10).unwrap();
    words || !bodies(store).is_empty() || !listed.is_empty()
}

#[test]
fn data_that_a_removed_member_must_delete_is_deleted_until_they_join_again() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    assert!(has_any_data(&store));
    // Without the order to delete, the conversation stays readable.
    store.mirror.apply(&[ServerUpdate::Page(&membership_page(2, Some(Millis(2)), false))]).unwrap();
    assert_eq!(bodies(&store).len(), 3);
    store.mirror.apply(&[ServerUpdate::Page(&membership_page(3, Some(Millis(2)), true))]).unwrap();
    store.delete_purged().unwrap();
    assert!(!has_any_data(&store));
    assert!(store.drafts_to_share().unwrap().is_empty());
    // A late response does not restore anything.
    let done =
        OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(message(4, "late"))]) };
    store.mirror.apply_done(&done).unwrap();
    store.mirror.apply(&[ServerUpdate::Drop(STREAM)]).unwrap();
    let page = page(3, 4, vec![Row::Message(message(4, "later"))]);
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    assert!(!has_any_data(&store));
    // After being added again, this user has the conversation again.
    let rejoined = bootstrap(1, 3);
    store
        .mirror
        .apply(&[
            ServerUpdate::Page(&membership_page(4, None, false)),
            ServerUpdate::Bootstrap(&rejoined),
        ])
        .unwrap();
    assert_eq!(bodies(&store).len(), 3);
    assert_eq!(store.conversations(10).unwrap().len(), 1);
}

#[test]
fn data_that_was_not_deleted_when_the_program_ended_is_deleted_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    store.mirror.apply(&[ServerUpdate::Page(&membership_page(2, Some(Millis(2)), true))]).unwrap();
    drop(store);
    let store = Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap();
    assert!(!store.drafts_to_share().unwrap().is_empty());
    store.delete_purged().unwrap();
    assert!(store.drafts_to_share().unwrap().is_empty());
    assert!(store.timeline(GROUP, Position::Newest, 10).unwrap().items.is_empty());
}
