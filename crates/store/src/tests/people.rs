//! Tests of looking up people.

use super::search::seqs;
use super::{GROUP, ME, WREN, directory, group_store, newest, op, open, page};
use crate::{PersonState, ServerUpdate, Store};
use parlour_protocol::{
    Action, ConversationId, Millis, Op, Page, Profile, ProfileChange, Row, StreamId, UserId,
    UserRole, UserRow,
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
    store
        .mirror
        .apply(&[ServerUpdate::Page(&Page { stream, term: 0, ..page(0, 6, rows) })])
        .unwrap();
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
fn a_person_who_cannot_sign_in_is_marked_in_conversations_and_not_found_by_name() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let direct = ConversationId::p2p(ME, WREN);
    let create = Op { conversation_id: direct, ..op(90, Action::create_p2p(WREN)) };
    store.enqueue(&create, Millis(1)).unwrap();
    let states = || {
        let members = store.members(GROUP).unwrap();
        let member = members.into_iter().find(|member| member.id == WREN).unwrap().state;
        let row = store.conversations_by_id(&[direct]).unwrap().remove(0);
        assert_eq!(row.peer_id, Some(WREN));
        let peer = row.peer;
        (member, peer, store.mirror.people_starting("jenny", 9).unwrap().len())
    };
    assert_eq!(states(), (PersonState::Active, Some(PersonState::Active), 1));
    let (deactivated_at, erased_at) = (Some(Millis(5)), Some(Millis(6)));
    let wren = |seq| UserRow::new(WREN, "Jenny Wren", UserRole::Member, seq);
    let deactivated = UserRow { deactivated_at, ..wren(3) };
    let apply = |from, row| {
        let page = Page { from, to: from + 1, head: from + 1, rows: vec![row], ..directory() };
        let changes = store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
        assert!(changes.people, "the change is announced");
    };
    apply(2, Row::User(deactivated.clone()));
    assert_eq!(states(), (PersonState::Deactivated, Some(PersonState::Deactivated), 0));
    apply(3, Row::User(UserRow { erased_at, changed_seq: 4, ..deactivated }));
    assert_eq!(states(), (PersonState::Erased, Some(PersonState::Erased), 0));
    apply(4, Row::User(wren(5)));
    assert_eq!(states(), (PersonState::Active, Some(PersonState::Active), 1));
    // A group has nobody on the other side.
    let group = store.conversations_by_id(&[GROUP]).unwrap().remove(0);
    assert_eq!((group.peer, group.peer_id), (None, None));
}

fn profile(display_name: &str) -> Profile {
    Profile { display_name: display_name.into(), ..Profile::default() }
}

/// Applies the directory's next change: this person now has this profile.
fn apply_person(store: &Store, seq: i64, id: UserId, username: &str, profile: Profile) {
    let row = UserRow { profile, ..UserRow::new(id, username, UserRole::Member, seq) };
    let rows = vec![Row::User(row)];
    let page = Page { from: seq - 1, to: seq, head: seq, rows, ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
}

#[test]
fn people_are_shown_and_found_by_their_display_names() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    apply_person(&store, 3, WREN, "Jenny Wren", profile("Żaneta Okafor"));
    assert_eq!(newest(&store).sender, "Żaneta Okafor");
    let member = store.members(GROUP).unwrap().into_iter().find(|item| item.id == WREN).unwrap();
    assert_eq!((&*member.username, &*member.name), ("Jenny Wren", "Żaneta Okafor"));
    assert_eq!(store.conversations(9).unwrap()[0].sender.as_deref(), Some("Żaneta Okafor"));
    for typed in ["zan", "ŻANETA OK", "okaf", "jenny"] {
        let found = store.mirror.people_starting(typed, 9).unwrap();
        let names: Vec<_> = found.iter().map(|item| (&*item.username, &*item.name)).collect();
        assert_eq!(names, [("Jenny Wren", "Żaneta Okafor")], "{typed}");
    }
    assert_eq!(store.mirror.people_starting("afor", 9).unwrap(), []);
    for typed in
        ["from:zaneta", "from:\"Żaneta Okafor\"", "from:okafor", "from:jenny", "with:okafor"]
    {
        assert_eq!(seqs(&store, typed).len(), 3, "{typed}");
    }
    assert_eq!(seqs(&store, "from:nobody").len(), 0);
    assert_eq!(store.mentioned(GROUP, "@zaneta okafor, look").unwrap().0, [WREN]);
    // Choosing another person's username as a display name does not take that person's mentions.
    apply_person(&store, 4, ME, "me", profile("jenny wren"));
    assert_eq!(store.mentioned(GROUP, "@jenny wren").unwrap().0, [WREN]);
}

#[test]
fn a_name_that_looks_like_anothers_is_shown_with_the_username() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let names = || [ME, WREN].map(|id| store.mirror.person(id).unwrap().unwrap().name);
    apply_person(&store, 3, WREN, "Jenny Wren", profile("Paul"));
    assert_eq!(names(), ["me", "Paul"]);
    apply_person(&store, 4, ME, "me", profile("Раul"));
    assert_eq!(names(), ["Раul (@me)", "Paul (@Jenny Wren)"]);
    assert!(store.card(WREN).unwrap().unwrap().is_alike);
    // A person's username is protected even if they have no display name.
    apply_person(&store, 5, WREN, "Jenny Wren", Profile::default());
    apply_person(&store, 6, ME, "me", profile("jenny wren"));
    assert_eq!(names(), ["jenny wren (@me)", "Jenny Wren"]);
    // So is the username of a person who is shown by a display name.
    apply_person(&store, 7, WREN, "Jenny Wren", profile("Okafor"));
    assert_eq!(names(), ["jenny wren (@me)", "Okafor"]);
    assert!(store.card(ME).unwrap().unwrap().is_alike);
    apply_person(&store, 8, ME, "me", profile("Paul"));
    assert_eq!(names(), ["Paul", "Okafor"]);
    assert!(!store.card(ME).unwrap().unwrap().is_alike);
    // The user's own username may be the user's own display name.
    apply_person(&store, 9, ME, "me", profile("Me"));
    assert_eq!(names(), ["Me", "Okafor"]);
}

#[test]
fn the_users_own_card_shows_waiting_changes() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let card = || store.card(ME).unwrap().unwrap();
    assert_eq!((card().name.as_str(), card().profile), ("me", Profile::default()));
    let new_profile = Profile { about: "Compilers".into(), ..profile("Marlow Lind") };
    let action = Action::SetProfile { profile: new_profile.clone().into() };
    let set = Op { conversation_id: ConversationId::NONE, ..op(90, action) };
    store.enqueue(&set, Millis(1)).unwrap();
    assert_eq!((card().name.as_str(), card().profile), ("Marlow Lind", new_profile));
    // A newer change of the same parts replaces the waiting one.
    let action = Action::SetProfile { profile: Profile::default().into() };
    let set = Op { conversation_id: ConversationId::NONE, ..op(91, action) };
    store.enqueue(&set, Millis(2)).unwrap();
    assert_eq!((card().name.as_str(), card().profile), ("me", Profile::default()));
    assert_eq!(store.pending_ops().unwrap().len(), 1);
    // A change of other parts does not replace it: both are sent.
    for (number, name) in [(92, "Marlow"), (93, "Marlow Lind")] {
        let display_name = Some(name.to_owned());
        let profile = ProfileChange { display_name, ..ProfileChange::default() };
        let action = Action::SetProfile { profile };
        let set = Op { conversation_id: ConversationId::NONE, ..op(number, action) };
        store.enqueue(&set, Millis(3)).unwrap();
        assert_eq!((card().name.as_str(), card().profile), (name, self::profile(name)));
    }
    assert_eq!(store.pending_ops().unwrap().len(), 2);
    assert!(store.card(UserId(Uuid::from_u128(99))).unwrap().is_none());
}
