//! Tests of the pictures of people.

use super::{WREN, directory, open};
use crate::mirror::pictures::MAX_PICTURES;
use crate::{ServerUpdate, Store};
use parlour_protocol::{Millis, OpDone, Page, PictureId, Row, StreamId, UserId, UserRole, UserRow};
use tempfile::TempDir;
use uuid::Uuid;

const DAY: i64 = 24 * 3600 * 1000;

/// Applies the directory's next change: this person now has this picture.
fn set_picture(store: &Store, seq: i64, id: UserId, picture: Option<PictureId>) {
    let row = UserRow { picture, ..UserRow::new(id, "wren", UserRole::Member, seq) };
    let page =
        Page { from: seq - 1, to: seq, head: seq, rows: vec![Row::User(row)], ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
}

fn is_here(store: &Store, id: PictureId) -> bool {
    store.mirror.picture(id, Millis(0)).unwrap().is_some()
}

#[test]
fn a_picture_is_stored_until_the_person_has_another_or_none() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let oak = UserId(Uuid::from_u128(20));
    let [one, other] = [b"one", b"two"].map(|bytes| (bytes.to_vec(), PictureId::of(bytes)));
    let pictured = || {
        let found = store.mirror.pictured(&[WREN, oak]).unwrap();
        found.iter().map(|item| (item.person, item.picture, item.is_here)).collect::<Vec<_>>()
    };
    set_picture(&store, 1, WREN, None);
    assert_eq!(pictured(), []);
    set_picture(&store, 2, WREN, Some(one.1));
    assert_eq!(pictured(), [(WREN, one.1, false)]);
    let changes = store.mirror.put_picture(&one.0, Millis(0)).unwrap();
    assert!(changes.pictures && !changes.people);
    assert_eq!(pictured(), [(WREN, one.1, true)]);
    assert_eq!(store.mirror.picture(one.1, Millis(0)).unwrap(), Some(one.0));
    // It stays when other fields of the person change.
    set_picture(&store, 3, WREN, Some(one.1));
    assert_eq!(pictured(), [(WREN, one.1, true)]);
    // An outdated row changes nothing.
    let outdated = vec![Row::User(UserRow::new(WREN, "wren", UserRole::Member, 1))];
    let outdated = OpDone { epoch: "e".into(), ..OpDone::new(StreamId::Directory, outdated) };
    assert!(store.mirror.apply_done(&outdated).unwrap().is_some());
    assert_eq!(pictured(), [(WREN, one.1, true)]);

    set_picture(&store, 4, WREN, Some(other.1));
    set_picture(&store, 5, oak, Some(other.1));
    assert!(!is_here(&store, one.1), "nobody has it");
    assert_eq!(pictured(), [(WREN, other.1, false), (oak, other.1, false)]);
    store.mirror.put_picture(&other.0, Millis(0)).unwrap();
    // The picture of an erased person is deleted, too.
    set_picture(&store, 6, WREN, None);
    assert_eq!(pictured(), [(oak, other.1, false)]);
    assert!(!is_here(&store, other.1));
}

#[test]
fn the_least_recently_used_pictures_are_evicted_when_there_are_too_many() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let bytes = |n: i64| n.to_be_bytes();
    let id = |n| PictureId::of(&bytes(n));
    for n in 0..MAX_PICTURES {
        store.mirror.put_picture(&bytes(n), Millis(n)).unwrap();
    }
    // Two days later, the time of the last use is updated; after half a day it is not.
    assert!(store.mirror.picture(id(0), Millis(2 * DAY)).unwrap().is_some());
    assert!(store.mirror.picture(id(1), Millis(DAY / 2)).unwrap().is_some());
    store.mirror.put_picture(&bytes(MAX_PICTURES), Millis(2 * DAY)).unwrap();
    assert!(is_here(&store, id(0)) && !is_here(&store, id(1)) && is_here(&store, id(2)));
    // A picture that is received twice is stored once.
    store.mirror.put_picture(&bytes(MAX_PICTURES), Millis(2 * DAY)).unwrap();
    assert!(is_here(&store, id(2)));
}
