//! Tests of reading whole conversations.

use super::{GROUP, ME, WREN, bootstrap, group_store, open};
use crate::ServerUpdate;
use parlour_protocol::{ConversationId, Millis, Seq, UserId};
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn a_conversation_is_read_in_pages_in_its_order() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let page = |after| {
        let page = store.mirror.stored_messages(GROUP, Seq(after), 2).unwrap();
        page.into_iter().map(|row| (row.seq.0, row.sender_id)).collect::<Vec<_>>()
    };
    assert_eq!(page(0), [(1, WREN), (2, WREN)]);
    assert_eq!(page(2), [(3, WREN)]);
    assert!(page(3).is_empty());
    let at = store.mirror.stored_messages_at(GROUP, &[Seq(1), Seq(3), Seq(9)]).unwrap();
    assert_eq!(at.iter().map(|row| row.sent_at).collect::<Vec<_>>(), [Millis(1000), Millis(3000)]);
}

#[test]
fn a_conversation_has_its_members_and_says_what_is_missing() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let found = store.mirror.stored_conversation(GROUP).unwrap().unwrap();
    assert_eq!(found.row.title, "workshop");
    assert_eq!(found.members.iter().map(|row| row.user_id).collect::<Vec<_>>(), [ME, WREN]);
    assert_eq!((found.last, found.missing_older, found.missing_newer), (Seq(3), false, false));

    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap(5, 9))]).unwrap();
    let found = store.mirror.stored_conversation(GROUP).unwrap().unwrap();
    assert!(found.missing_older && !found.missing_newer);
    assert_eq!(store.mirror.stored_count(GROUP).unwrap(), 5);
    let unknown = ConversationId(Uuid::from_u128(77));
    assert_eq!(store.mirror.stored_conversation(unknown).unwrap(), None);
}

#[test]
fn a_person_has_the_shown_name() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let wren = store.mirror.stored_person(WREN).unwrap().unwrap();
    assert_eq!((wren.row.username.as_str(), wren.name.as_str()), ("Jenny Wren", "Jenny Wren"));
    let unknown = UserId(Uuid::from_u128(77));
    assert_eq!(store.mirror.stored_person(unknown).unwrap(), None);
}
