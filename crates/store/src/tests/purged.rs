//! Data that the server orders to be deleted is deleted, together with everything that finds it.

use super::search::seqs;
use super::{ME, ROOM, STREAM, account, bodies, bootstrap, key, message, open, page};
use crate::{Draft, Position, ServerUpdate, Store};
use parlour_protocol::{Action, MembershipRow, Millis, Op, OpDone, OpId, Page, Row, StreamId};
use tempfile::TempDir;

fn place(changed_seq: i64, left_at: Option<Millis>, purged: bool) -> Page {
    let row = MembershipRow { left_at, purged, changed_seq, ..MembershipRow::new(ROOM, Millis(1)) };
    let (epoch, stream) = ("e".into(), StreamId::Account(ME));
    let rows = vec![Row::Membership(row)];
    Page { epoch, stream, term: 0, from: changed_seq - 1, to: changed_seq, head: changed_seq, rows }
}

fn send(body: &str) -> Op {
    Op { id: OpId::new(), conversation_id: ROOM, action: Action::send(body) }
}

/// Returns a room with messages, one of which this device sent, and a draft.
fn room(folder: &TempDir) -> Store {
    let store = open(folder);
    store.begin_epoch("e").unwrap();
    store
        .mirror
        .apply(&[
            ServerUpdate::Page(&place(1, None, false)),
            ServerUpdate::Bootstrap(&bootstrap(1, 3)),
        ])
        .unwrap();
    let sent = send("sent from here");
    store.enqueue(&sent, Millis(1)).unwrap();
    store.confirm(&sent).unwrap();
    store.set_draft(ROOM, &Draft::from("half a thought"), Millis(1)).unwrap();
    store
}

fn is_anything_here(store: &Store) -> bool {
    let words = ["common ", "sent "].iter().any(|word| !seqs(store, word).is_empty());
    let listed = store.conversations(10).unwrap();
    words || !bodies(store).is_empty() || !listed.is_empty()
}

#[test]
fn data_that_a_removed_member_must_delete_is_gone_until_they_join_again() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    assert!(is_anything_here(&store));
    // Without the order to delete, the conversation stays readable.
    store.mirror.apply(&[ServerUpdate::Page(&place(2, Some(Millis(2)), false))]).unwrap();
    assert_eq!(bodies(&store).len(), 3);
    store.mirror.apply(&[ServerUpdate::Page(&place(3, Some(Millis(2)), true))]).unwrap();
    store.forget_purged().unwrap();
    assert!(!is_anything_here(&store));
    assert!(store.drafts_to_share().unwrap().is_empty());
    // A late answer does not bring anything back either.
    let done =
        OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(message(4, "late"))]) };
    store.mirror.apply_done(&done).unwrap();
    store.mirror.apply(&[ServerUpdate::Drop(STREAM)]).unwrap();
    let page = page(3, 4, vec![Row::Message(message(4, "later"))]);
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    assert!(!is_anything_here(&store));
    // After being added again, this user has the conversation again.
    let again = bootstrap(1, 3);
    store
        .mirror
        .apply(&[ServerUpdate::Page(&place(4, None, false)), ServerUpdate::Bootstrap(&again)])
        .unwrap();
    assert_eq!(bodies(&store).len(), 3);
    assert_eq!(store.conversations(10).unwrap().len(), 1);
}

#[test]
fn data_that_was_not_deleted_when_the_program_ended_is_deleted_at_the_next_start() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.mirror.apply(&[ServerUpdate::Page(&place(2, Some(Millis(2)), true))]).unwrap();
    drop(store);
    let store = Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap();
    assert!(!store.drafts_to_share().unwrap().is_empty());
    store.forget_purged().unwrap();
    assert!(store.drafts_to_share().unwrap().is_empty());
    assert!(store.timeline(ROOM, Position::Newest, 10).unwrap().items.is_empty());
}
