//! Pictures of people: those that were shown lately are here.

use super::{WREN, directory, open};
use crate::mirror::pictures::MOST;
use crate::{ServerUpdate, Store};
use parlour_protocol::{Millis, OpDone, Page, PictureId, Row, StreamId, UserId, UserRole, UserRow};
use tempfile::TempDir;
use uuid::Uuid;

const DAY: i64 = 24 * 3600 * 1000;

/// Tells the directory's next change: that a person has this picture.
fn tell(store: &Store, seq: i64, id: UserId, picture: Option<PictureId>) {
    let row = UserRow { picture, ..UserRow::new(id, "wren", UserRole::Member, seq) };
    let page =
        Page { from: seq - 1, to: seq, head: seq, rows: vec![Row::User(row)], ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
}

fn is_here(store: &Store, id: PictureId) -> bool {
    store.mirror.picture(id, Millis(0)).unwrap().is_some()
}

#[test]
fn a_picture_is_its_persons_until_they_have_another_or_none() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let oak = UserId(Uuid::from_u128(20));
    let [one, other] = [b"one", b"two"].map(|bytes| (bytes.to_vec(), PictureId::of(bytes)));
    let seen = || {
        let found = store.mirror.pictured(&[WREN, oak]).unwrap();
        found.iter().map(|one| (one.person, one.picture, one.is_here)).collect::<Vec<_>>()
    };
    tell(&store, 1, WREN, None);
    assert_eq!(seen(), []);
    tell(&store, 2, WREN, Some(one.1));
    assert_eq!(seen(), [(WREN, one.1, false)]);
    let changes = store.mirror.keep_picture(&one.0, Millis(0)).unwrap();
    assert!(changes.pictures && !changes.people);
    assert_eq!(seen(), [(WREN, one.1, true)]);
    assert_eq!(store.mirror.picture(one.1, Millis(0)).unwrap(), Some(one.0));
    // It stays when something else of them changes.
    tell(&store, 3, WREN, Some(one.1));
    assert_eq!(seen(), [(WREN, one.1, true)]);
    // What is late changes nothing.
    let late = vec![Row::User(UserRow::new(WREN, "wren", UserRole::Member, 1))];
    let late = OpDone { epoch: "e".into(), ..OpDone::new(StreamId::Directory, late) };
    assert!(store.mirror.apply_done(&late).unwrap().is_some());
    assert_eq!(seen(), [(WREN, one.1, true)]);

    tell(&store, 4, WREN, Some(other.1));
    tell(&store, 5, oak, Some(other.1));
    assert!(!is_here(&store, one.1), "nobody has it");
    assert_eq!(seen(), [(WREN, other.1, false), (oak, other.1, false)]);
    store.mirror.keep_picture(&other.0, Millis(0)).unwrap();
    // An erased person's leaves this computer too.
    tell(&store, 6, WREN, None);
    assert_eq!(seen(), [(oak, other.1, false)]);
    assert!(!is_here(&store, other.1));
}

#[test]
fn no_more_pictures_are_kept_than_fit_and_those_go_that_were_not_shown_for_longest() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let bytes = |n: i64| n.to_be_bytes();
    let id = |n| PictureId::of(&bytes(n));
    for n in 0..MOST {
        store.mirror.keep_picture(&bytes(n), Millis(n)).unwrap();
    }
    // The oldest is shown again, a day later; that it is shown again at once is not noted anew.
    assert!(store.mirror.picture(id(0), Millis(2 * DAY)).unwrap().is_some());
    assert!(store.mirror.picture(id(1), Millis(DAY / 2)).unwrap().is_some());
    store.mirror.keep_picture(&bytes(MOST), Millis(2 * DAY)).unwrap();
    assert!(is_here(&store, id(0)) && !is_here(&store, id(1)) && is_here(&store, id(2)));
    // One that comes twice is one.
    store.mirror.keep_picture(&bytes(MOST), Millis(2 * DAY)).unwrap();
    assert!(is_here(&store, id(2)));
}
