//! Looking people up.

use super::{ME, ROOM, WREN, directory, op, open, page, room};
use crate::{Arrival, PersonState};
use parlour_protocol::{
    Action, ConversationId, Millis, Op, Page, Row, StreamId, UserId, UserRole, UserRow,
};
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn people_are_found_by_a_prefix_of_their_name_in_any_spelling() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let names = ["Wren", "wrasse", "oak", "Андрей", "Łukasz", "IRIS"];
    let user = |(seq, name): (i64, &&str)| {
        let id = UserId(Uuid::from_u128(100 + seq as u128));
        Row::User(UserRow::new(id, *name, UserRole::Member, seq))
    };
    let rows = (1..).zip(&names).map(user).collect();
    let stream = StreamId::Directory;
    store.mirror.apply(&[Arrival::Page(&Page { stream, term: 0, ..page(0, 6, rows) })]).unwrap();
    let found = |beginning: &str, limit| {
        let people = store.mirror.people_starting(beginning, limit).unwrap();
        people.into_iter().map(|person| person.username).collect::<Vec<_>>()
    };
    assert_eq!(found("wr", 9), ["wrasse", "Wren"]);
    assert_eq!(found("wr", 1), ["wrasse"]);
    for (typed, name) in [
        ("анд", "Андрей"),
        ("АНДРЕЙ", "Андрей"),
        ("łuk", "Łukasz"),
        ("luk", "Łukasz"),
        ("iri", "IRIS"),
    ] {
        assert_eq!(found(typed, 9), [name], "{typed}");
    }
    assert_eq!(found("", 9).len(), 6);
}

#[test]
fn a_person_who_cannot_sign_in_is_marked_in_conversations_and_not_found_elsewhere() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let direct = ConversationId::p2p(ME, WREN);
    let create = Op { conversation_id: direct, ..op(90, Action::create_p2p(WREN)) };
    store.enqueue(&create, Millis(1)).unwrap();
    let states = || {
        let members = store.members(ROOM).unwrap();
        let member = members.into_iter().find(|member| member.id == WREN).unwrap().state;
        let peer = store.conversations_by_id(&[direct]).unwrap().remove(0).peer;
        (member, peer, store.mirror.people_starting("jenny", 9).unwrap().len())
    };
    assert_eq!(states(), (PersonState::Active, Some(PersonState::Active), 1));
    let (deactivated_at, erased_at) = (Some(Millis(5)), Some(Millis(6)));
    let wren = |seq| UserRow::new(WREN, "Jenny Wren", UserRole::Member, seq);
    let gone = UserRow { deactivated_at, ..wren(3) };
    let tell = |from, row| {
        let page = Page { from, to: from + 1, head: from + 1, rows: vec![row], ..directory() };
        let changes = store.mirror.apply(&[Arrival::Page(&page)]).unwrap();
        assert!(changes.people, "and the window hears of it");
    };
    tell(2, Row::User(gone.clone()));
    assert_eq!(states(), (PersonState::Deactivated, Some(PersonState::Deactivated), 0));
    tell(3, Row::User(UserRow { erased_at, changed_seq: 4, ..gone }));
    assert_eq!(states(), (PersonState::Erased, Some(PersonState::Erased), 0));
    tell(4, Row::User(wren(5)));
    assert_eq!(states(), (PersonState::Active, Some(PersonState::Active), 1));
    // A group has nobody on the other side.
    assert_eq!(store.conversations_by_id(&[ROOM]).unwrap()[0].peer, None);
}
