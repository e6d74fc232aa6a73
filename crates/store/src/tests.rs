//! What a store promises, on real files.

use crate::files::MIRROR;
use crate::outbox::OUTBOX;
use crate::{Account, Arrival, Delivery, Error, OpState, Position, Store};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, Count, ErrorCode, Head,
    Heads, History, MembershipRow, MessageId, MessageRow, Millis, Newest, Op, OpDone, OpId, Page,
    Row, Seq, SessionId, StreamId, UserId, UserRole, UserRow,
};
use parlour_sqlite::{Durability, Key, Schema};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const ME: UserId = UserId(Uuid::from_u128(1));
pub(crate) const WREN: UserId = UserId(Uuid::from_u128(2));
pub(crate) const ROOM: ConversationId = ConversationId(Uuid::from_u128(3));
pub(crate) const STREAM: StreamId = StreamId::Conversation(ROOM);

pub(crate) fn account() -> Account {
    let session_id = SessionId(Uuid::from_u128(9));
    Account { server: "http://x".into(), user_id: ME, username: "me".into(), session_id }
}

pub(crate) fn key() -> Key {
    Key::fill(|key| key.fill(7))
}

pub(crate) fn open(folder: &TempDir) -> Store {
    Store::open(folder.path(), &key(), Some(&account())).unwrap().unwrap()
}

pub(crate) fn message(seq: i64, body: &str) -> MessageRow {
    let id = MessageId(Uuid::from_u128(1000 + seq as u128));
    let row = MessageRow::new(id, WREN, body, Millis(seq * 1000));
    MessageRow { seq: Seq(seq), changed_seq: seq, ..row }
}

pub(crate) fn page(from: i64, to: i64, rows: Vec<Row>) -> Page {
    Page { epoch: "e".into(), stream: STREAM, term: 1, from, to, head: to, rows }
}

/// The room with messages `low..=high` of a history of `high`.
pub(crate) fn bootstrap(low: i64, high: i64) -> Bootstrap {
    let kind = ConversationType::Group;
    let begun = ConversationRow::new(ROOM, kind, "workshop", WREN, Millis(0));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..begun })];
    rows.extend((low..=high).map(|seq| Row::Message(message(seq, &format!("word{seq} common")))));
    let epoch = "e".into();
    Bootstrap { epoch, stream: STREAM, term: 1, head: high, last_seq: high, rows, members_to: None }
}

fn send(number: u128, body: &str) -> Op {
    let action = Action::send(body);
    Op { id: OpId(Uuid::from_u128(number)), conversation_id: ROOM, action }
}

pub(crate) fn bodies(store: &Store) -> Vec<String> {
    let page = store.timeline(ROOM, Position::Newest, 100).unwrap();
    page.items.into_iter().map(|item| item.body).collect()
}

#[test]
fn rows_and_cursor_move_together_and_a_page_that_does_not_continue_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let past_a_gap = page(3, 4, vec![Row::Message(message(4, "four"))]);
    assert!(store.mirror.apply(&[Arrival::Page(&past_a_gap)]).unwrap().is_empty());
    let next = page(2, 3, vec![Row::Message(message(3, "three"))]);
    assert!(store.mirror.apply(&[Arrival::Page(&next)]).unwrap().conversations.contains(&ROOM));
    assert!(store.mirror.apply(&[Arrival::Page(&next)]).unwrap().is_empty(), "twice is once");
    assert_eq!(bodies(&store), ["word1 common", "word2 common", "three"]);
    let state = store.sync_state().unwrap();
    let stream = state.streams.iter().find(|stream| stream.stream == STREAM).unwrap();
    assert_eq!((stream.cursor, stream.floor), (Some(3), 1));
}

#[test]
fn a_late_page_of_history_does_not_undo_an_edit() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(3, 4))]).unwrap();
    let edited = MessageRow { changed_seq: 5, ..message(2, "edited") };
    store.mirror.apply(&[Arrival::Page(&page(4, 5, vec![Row::Message(edited)]))]).unwrap();
    let rows = vec![Row::Message(message(2, "as it was")), Row::Message(message(1, "first"))];
    let history = History { epoch: "e".into(), stream: STREAM, term: 1, before: 3, rows };
    store.mirror.apply(&[Arrival::History(&history)]).unwrap();
    assert_eq!(bodies(&store), ["first", "edited", "word3 common", "word4 common"]);
    assert!(store.timeline(ROOM, Position::Newest, 100).unwrap().at_oldest);
}

#[test]
fn mending_does_not_undo_what_an_op_was_answered_meanwhile_nor_speak_for_another_epoch() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let stretch = store.mirror.stretch(ROOM, None).unwrap().unwrap();
    let theirs = bootstrap(1, 2).rows;
    let deleted = MessageRow { deleted_at: Some(Millis(9)), changed_seq: 3, ..message(2, "") };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(deleted)]) };
    store.mirror.apply_done(&done).unwrap();
    assert_eq!(store.mirror.digest(&stretch).unwrap(), None, "ahead of what is compared");
    assert_eq!(store.mirror.repair(&stretch, "e", &theirs).unwrap().0, 0);
    assert_eq!(bodies(&store), ["word1 common", ""]);
    store.mirror.damage("DELETE FROM messages WHERE body <> ''").unwrap();
    assert_eq!(store.mirror.repair(&stretch, "d", &theirs).unwrap().0, 0, "before a restore");
    assert_eq!(store.mirror.repair(&stretch, "e", &theirs).unwrap().0, 1);
    assert_eq!(bodies(&store), ["word1 common", ""]);
}

#[test]
fn a_message_on_its_way_from_the_outbox_to_the_mirror_is_seen_once() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let op = send(7, "mine");
    store.enqueue_message(&op, Millis(5000), None).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"]);
    let row = MessageRow { id: MessageId(op.id.0), sender_id: ME, ..message(2, "mine") };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(row)]) };
    store.mirror.apply_done(&done).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"], "in both files");
    store.confirm(&op).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "mine"], "in the mirror alone");
    let state = store.sync_state().unwrap();
    assert!(state.ops.is_empty());
    assert_eq!(state.streams[0].cursor, Some(1), "an acknowledgement moves no cursor");
}

#[test]
fn what_the_server_may_have_is_not_rewritten() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.enqueue_message(&send(7, "first"), Millis(1), None).unwrap();
    assert!(store.rewrite(&send(7, "better")).unwrap().0);
    store.mark_tried(OpId(Uuid::from_u128(7))).unwrap();
    assert!(!store.rewrite(&send(7, "too late")).unwrap().0);
    assert!(!store.discard(&send(7, "")).unwrap().0);
    store.refuse(&send(7, ""), ErrorCode::TooLarge, "no").unwrap();
    let items = store.timeline(ROOM, Position::Newest, 9).unwrap().items;
    let refused = Delivery::Refused { code: ErrorCode::TooLarge, reason: "no".into() };
    assert_eq!((items[0].body.as_str(), &items[0].delivery), ("better", &refused));
    assert!(store.rewrite(&send(7, "shorter")).unwrap().0, "what was refused, it does not have");
}

#[test]
fn a_new_epoch_voids_every_cursor_and_offers_again_what_was_sent() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 1))]).unwrap();
    store.enqueue_message(&send(7, "mine"), Millis(1), None).unwrap();
    store.confirm(&send(7, "mine")).unwrap();
    store.begin_epoch("f").unwrap();
    let state = store.sync_state().unwrap();
    assert_eq!((state.epoch.as_str(), state.wm), ("f", 0));
    assert!(state.streams.iter().all(|stream| stream.cursor.is_none()));
    assert_eq!(state.ops.len(), 1);
    assert_eq!(bodies(&store)[0], "word1 common", "what was there stays until it is replaced");
}

#[test]
fn a_read_position_replaces_the_one_that_waits() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 9))]).unwrap();
    for seq in [3, 5] {
        let action = Action::Read { seq: Seq(seq), hidden: false };
        let op = Op { id: OpId::new(), conversation_id: ROOM, action };
        store.enqueue(&op, Millis(1)).unwrap();
    }
    assert_eq!(store.open_ops().unwrap().len(), 1);
    assert_eq!(store.conversations(9).unwrap()[0].unread, Count(4));
}

#[test]
fn positions_that_cannot_be_are_passed_over() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let rows = [0, -5, 1 << 32, i64::MAX].map(|seq| {
        Row::Message(MessageRow { seq: Seq(seq), changed_seq: 2, ..message(9, "nowhere") })
    });
    store.mirror.apply(&[Arrival::Page(&page(1, 2, rows.into()))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common"]);
}

#[test]
fn a_change_of_a_message_that_is_not_here_yet_leaves_no_hole_in_what_one_reads() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(8, 9))]).unwrap();
    let edited = MessageRow { changed_seq: 10, ..message(2, "edited long after") };
    store.mirror.apply(&[Arrival::Page(&page(9, 10, vec![Row::Message(edited)]))]).unwrap();
    assert_eq!(bodies(&store), ["word8 common", "word9 common"]);
    let page = store.timeline(ROOM, Position::Before(Seq(8)), 50).unwrap();
    assert!(page.items.is_empty() && page.missing_older);
}

#[test]
fn who_left_keeps_what_was_said_and_joins_nobody_elses_list() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 1))]).unwrap();
    let joined = MembershipRow::new(ROOM, Millis(1));
    let left = MembershipRow { left_at: Some(Millis(2)), changed_seq: 1, ..joined };
    let rows = vec![Row::Membership(left)];
    let stream = StreamId::Account(ME);
    store.mirror.apply(&[Arrival::Page(&Page { stream, term: 0, ..page(0, 1, rows) })]).unwrap();
    let list = store.conversations(9).unwrap();
    assert!(list[0].left && list[0].unread == Count(0));
    assert_eq!(bodies(&store), ["word1 common"]);
}

#[test]
fn a_second_copy_of_the_app_is_told_so() {
    let folder = TempDir::new().unwrap();
    let _first = open(&folder);
    let second = Store::open(folder.path(), &key(), None);
    assert!(matches!(second, Err(Error::InUse(_))));
}

#[test]
fn files_of_a_newer_version_are_left_alone() {
    let mut migrations = vec![""; MIRROR.migrations.len()];
    migrations.push("CREATE TABLE later (x INTEGER) STRICT");
    let newer = Schema { migrations: migrations.leak(), ..MIRROR };
    let folder = TempDir::new().unwrap();
    drop(open(&folder));
    drop(
        parlour_sqlite::open(
            &folder.path().join("mirror.db"),
            &newer,
            Durability::Full,
            Some(&key()),
        )
        .unwrap(),
    );
    let refused = Store::open(folder.path(), &key(), None).err().unwrap();
    assert_eq!(refused.code(), ErrorCode::NewerFiles);
    assert!(!folder.path().join("mirror.db.damaged").exists());
}

#[test]
fn people_are_found_by_the_beginning_of_their_name_however_it_is_written() {
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
fn heads_are_kept_with_their_watermark() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let heads = vec![Head { stream: STREAM, term: 2, head: 8 }];
    store
        .mirror
        .apply(&[Arrival::Heads(&Heads {
            epoch: "e".into(),
            wm: 5,
            heads,
            newest: vec![],
            proof: String::new(),
        })])
        .unwrap();
    drop(store);
    let state = open(&folder).sync_state().unwrap();
    let stream = &state.streams[0];
    assert_eq!((state.wm, stream.term, stream.head, stream.cursor), (5, 2, 8, None));
}

/// Every statement prepares, numbers its parameters in the order of their appearance, and reads no
/// number of rows that grows with history.
#[test]
fn no_statement_scans_or_sorts_what_grows() {
    let folder = TempDir::new().unwrap();
    let files = [
        (
            MIRROR,
            vec![
                crate::account::ALL,
                crate::conversations::ALL,
                crate::drafts::ALL,
                crate::item::ALL,
                crate::members::ALL,
                crate::mentions::ALL,
                crate::messages::ALL,
                crate::offers::ALL,
                crate::sessions::ALL,
                crate::state::ALL,
                crate::streams::ALL,
                crate::summary::ALL,
                crate::timeline::ALL,
                crate::unread::ALL,
                crate::users::ALL,
                crate::verify::ALL,
            ],
        ),
        (
            OUTBOX,
            vec![crate::outbox::ALL, crate::sent::ALL, crate::settings::ALL, crate::wipe::ALL],
        ),
    ];
    for (index, (schema, lists)) in files.into_iter().enumerate() {
        let path = folder.path().join(format!("{index}.db"));
        let conn = parlour_sqlite::open(&path, &schema, Durability::Normal, None).unwrap();
        crate::search::register(&conn).unwrap();
        let search = if index == 0 { crate::search::statements() } else { Vec::new() };
        for (name, sql) in lists.concat().into_iter().chain(search) {
            let statement = conn.prepare(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
            for at in 1..=statement.parameter_count() {
                assert_eq!(statement.parameter_name(at), Some(&*format!("${at}")), "{name}");
            }
            for step in parlour_sqlite::explain(&conn, sql).unwrap() {
                // An index that gives the order, and the full-text index, are called scans too.
                let fine = step.contains("USING INDEX")
                    || step.contains("USING COVERING INDEX")
                    || step.contains("VIRTUAL TABLE INDEX")
                    || step.contains("CONSTANT ROW");
                assert!(!step.starts_with("SCAN") || fine, "{name}: {step}");
                assert!(!step.contains("TEMP B-TREE"), "{name}: {step}");
            }
        }
    }
}

/// An answer to an op of one's own, in the epoch "e".
fn done(row: MessageRow) -> OpDone {
    OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(row)]) }
}

pub(crate) fn membership(changed_seq: i64) -> MembershipRow {
    MembershipRow { changed_seq, ..MembershipRow::new(ROOM, Millis(0)) }
}

#[test]
fn a_bootstrap_read_before_ones_own_message_was_taken_does_not_hide_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply_done(&done(message(3, "mine"))).unwrap().unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "word2 common", "mine"]);
}

#[test]
fn what_was_done_before_a_restore_is_not_taken_for_done_after_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("f").unwrap();
    assert!(store.mirror.apply_done(&done(message(1, "undone"))).unwrap().is_none());
    assert_eq!(bodies(&store), Vec::<String>::new());
}

#[test]
fn after_a_restore_lower_numbers_are_news_and_what_the_server_lost_can_only_be_read() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 9))]).unwrap();
    let account = |rows| Page { stream: StreamId::Account(ME), term: 0, ..page(0, 9, rows) };
    store.mirror.apply(&[Arrival::Page(&account(vec![Row::Membership(membership(9))]))]).unwrap();
    store.begin_epoch("f").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    assert_eq!(bodies(&store), ["word1 common", "word2 common"]);
    store.mirror.apply(&[Arrival::Page(&account(vec![]))]).unwrap();
    assert!(store.conversations(9).unwrap()[0].left, "the server does not know it any more");
    let again = Page { from: 9, to: 10, head: 10, ..account(vec![Row::Membership(membership(1))]) };
    store.mirror.apply(&[Arrival::Page(&again)]).unwrap();
    assert!(!store.conversations(9).unwrap()[0].left, "and then it does");
}

#[test]
fn who_joins_again_keeps_nothing_that_they_may_not_see_any_more() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 3))]).unwrap();
    let row = MembershipRow { visible_from: 3, ..membership(5) };
    let page =
        Page { stream: StreamId::Account(ME), term: 0, ..page(0, 5, vec![Row::Membership(row)]) };
    store.mirror.apply(&[Arrival::Page(&page)]).unwrap();
    assert_eq!(bodies(&store), ["word3 common"]);
    // The late answer to something that one said before.
    store.mirror.apply_done(&done(MessageRow { changed_seq: 9, ..message(2, "before") })).unwrap();
    assert_eq!(bodies(&store), ["word3 common"]);
}

#[test]
fn a_rewritten_message_is_not_undone_by_an_edit_that_waited_behind_it() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let edit = Op { action: Action::edit(MessageId(Uuid::from_u128(7)), "older"), ..send(8, "") };
    store.enqueue_message(&send(7, "first"), Millis(1), None).unwrap();
    store.enqueue(&edit, Millis(2)).unwrap();
    store.refuse(&send(7, ""), ErrorCode::NotMember, "no").unwrap();
    assert!(store.rewrite(&send(7, "newest")).unwrap().0);
    let waiting: Vec<OpId> = store.open_ops().unwrap().into_iter().map(|open| open.op.id).collect();
    assert_eq!(waiting, [OpId(Uuid::from_u128(7))]);
    store.enqueue(&edit, Millis(3)).unwrap();
    assert!(store.discard(&send(7, "")).unwrap().0);
    assert!(store.open_ops().unwrap().is_empty());
}

#[test]
fn a_mirror_that_was_lost_does_not_hide_that_the_server_was_restored() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.enqueue_message(&send(7, "mine"), Millis(1), None).unwrap();
    store.confirm(&send(7, "mine")).unwrap();
    drop(store);
    std::fs::remove_file(folder.path().join("mirror.db")).unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    assert!(store.open_ops().unwrap().is_empty(), "the same server");
    drop(store);
    std::fs::remove_file(folder.path().join("mirror.db")).unwrap();
    let store = open(&folder);
    store.begin_epoch("f").unwrap();
    assert_eq!(store.open_ops().unwrap().len(), 1, "a restored one");
}

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
        .apply(&[Arrival::Bootstrap(&bootstrap(1, 9)), Arrival::Bootstrap(&second)])
        .unwrap();
    assert_eq!(store.conversations(9).unwrap()[0].id, ROOM);
    let newest = Newest { conversation_id: other, seq: Seq(12), sent_at: Millis(90_000) };
    let heads = Heads {
        epoch: "e".into(),
        wm: 5,
        heads: vec![],
        newest: vec![newest],
        proof: String::new(),
    };
    let changes = store.mirror.apply(&[Arrival::Heads(&heads)]).unwrap();
    assert!(changes.conversations.contains(&other));
    let first = &store.conversations(9).unwrap()[0];
    assert_eq!((first.id, first.unread, first.last_seq), (other, Count(12), Seq(2)));
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(11), Count(21)));
}

#[test]
fn what_one_left_or_may_not_see_is_not_waited_for() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let joined = MembershipRow::new(ROOM, Millis(0));
    let place = MembershipRow { visible_from: 5, changed_seq: 1, ..joined };
    let stream = StreamId::Account(ME);
    let rows = vec![Row::Membership(place.clone())];
    let account = Page { stream, term: 0, ..page(0, 1, rows) };
    store.mirror.apply(&[Arrival::Page(&account), Arrival::Bootstrap(&bootstrap(8, 9))]).unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(5)));
    let left = MembershipRow { left_at: Some(Millis(1)), changed_seq: 2, ..place };
    let rows = vec![Row::Membership(left)];
    store.mirror.apply(&[Arrival::Page(&Page { stream, term: 0, ..page(1, 2, rows) })]).unwrap();
    let progress = store.mirror.progress().unwrap();
    assert_eq!((progress.here, progress.total), (Count(2), Count(2)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What is unread is what others said past the read position and did not take back, whatever
    /// part of it is here.
    #[test]
    fn unread_is_a_function_of_what_is_here(
        said in prop::collection::vec((any::<bool>(), any::<bool>()), 1..40),
        read in 0_i64..45, floor in 1_i64..40, visible_from in 1_i64..20, to_come in 0_i64..5,
    ) {
        let folder = TempDir::new().unwrap();
        let store = open(&folder);
        let high = i64::try_from(said.len()).unwrap();
        let floor = floor.min(high).max(visible_from.min(high));
        let mut begun = bootstrap(floor, high);
        for row in &mut begun.rows {
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
        let heads = Heads { epoch: "e".into(), wm: 5, heads: vec![], newest: vec![newest], proof: String::new() };
        store.mirror.apply(&[
            Arrival::Page(&account), Arrival::Bootstrap(&begun), Arrival::Heads(&heads),
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

/// A message of this account, which the server has had.
fn own(seq: i64, body: &str) -> MessageRow {
    MessageRow { sender_id: ME, ..message(seq, body) }
}

/// Sends messages, which the server takes.
fn take(store: &Store, rows: &[MessageRow]) {
    for row in rows.iter().filter(|row| row.sender_id == ME) {
        let op = send(row.id.0.as_u128(), &row.body);
        store.enqueue(&op, row.sent_at).unwrap();
        store.confirm(&op).unwrap();
    }
}

fn waiting(store: &Store) -> Vec<(u128, bool)> {
    let open = store.open_ops().unwrap().into_iter();
    open.map(|open| (open.op.id.0.as_u128(), open.state == OpState::Waiting)).collect()
}

#[test]
fn comparing_never_deletes_what_this_device_said_but_offers_it_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let gone = MessageRow { deleted_at: Some(Millis(1)), ..own(5, "") };
    let said = [own(3, "mine"), message(4, "theirs"), gone, own(6, "mine too")];
    take(&store, &said);
    let rows = said.map(Row::Message).to_vec();
    store.mirror.apply(&[Arrival::Page(&page(2, 6, rows))]).unwrap();
    let stretch = store.mirror.stretch(ROOM, None).unwrap().unwrap();
    let mut theirs = bootstrap(1, 2).rows;
    // Another message has the place of one of them.
    let other = MessageRow { id: MessageId(Uuid::from_u128(77)), ..message(3, "in its place") };
    theirs.push(Row::Message(other));
    let (repaired, changes) = store.repair(&stretch, "d", &theirs).unwrap();
    assert_eq!((repaired, changes.is_empty()), (0, true), "of another epoch");
    let (repaired, changes) = store.repair(&stretch, "e", &theirs).unwrap();
    assert_eq!((repaired, changes.offered.contains(&ROOM)), (4, true));
    assert_eq!(waiting(&store), [(1003, true), (1006, true)]);
    let all = ["word1 common", "word2 common", "in its place", "mine", "mine too"];
    assert_eq!(bodies(&store), all);
    let op = store.open_op(OpId(Uuid::from_u128(1003))).unwrap().unwrap().op;
    assert_eq!(op.action, Action::send("mine"));
    // It is there again, in another place, and is shown once.
    let done = MessageRow { changed_seq: 7, ..own(3, "mine") };
    let done = MessageRow { seq: Seq(4), ..done };
    let done = OpDone { epoch: "e".into(), ..OpDone::new(STREAM, vec![Row::Message(done)]) };
    store.mirror.apply_done(&done).unwrap();
    store.confirm(&op).unwrap();
    assert_eq!(bodies(&store), all);
    assert_eq!(waiting(&store), [(1006, true)]);
}

#[test]
fn a_beginning_without_what_this_device_said_lets_it_wait_again() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    store.mirror.apply(&[Arrival::Bootstrap(&bootstrap(1, 2))]).unwrap();
    let said: Vec<_> = (3..=6).map(|seq| own(seq, &format!("mine {seq}"))).collect();
    take(&store, &said);
    let rows = said.into_iter().map(Row::Message).collect();
    store.mirror.apply(&[Arrival::Page(&page(2, 6, rows))]).unwrap();
    // The server was put back to where it had four; in the place of the fourth is another one now.
    let mut beginning = bootstrap(1, 2);
    let other = MessageRow { id: MessageId(Uuid::from_u128(77)), ..message(4, "in its place") };
    beginning.rows.extend([Row::Message(own(3, "mine 3")), Row::Message(other)]);
    (beginning.last_seq, beginning.head) = (4, 4);
    store.mirror.apply(&[Arrival::Reset(STREAM)]).unwrap();
    let changes = store.apply(&[Arrival::Bootstrap(&beginning)]).unwrap();
    assert!(changes.offered.contains(&ROOM));
    assert_eq!(waiting(&store), [(1004, true)]);
    // The others may have been acknowledged since the beginning was read. Comparing shows that they were not.
    assert!(store.offer_again(ROOM).unwrap().offered.contains(&ROOM));
    assert_eq!(waiting(&store), [(1004, true), (1005, true), (1006, true)]);
    let all =
        ["word1 common", "word2 common", "mine 3", "in its place", "mine 4", "mine 5", "mine 6"];
    assert_eq!(bodies(&store), all);
    // Again, and nothing more waits than does.
    store.apply(&[Arrival::Reset(STREAM), Arrival::Bootstrap(&beginning)]).unwrap();
    assert_eq!(waiting(&store).len(), 3);
    assert_eq!(bodies(&store), all);
}

#[test]
fn a_mirror_that_lost_what_the_server_lost_too_has_it_offered_again_by_the_outbox() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    let edit = |number, of, body: &str| {
        let message_id = MessageId(Uuid::from_u128(of));
        let action = Action::Edit { message_id, body: body.into(), mentions: Vec::new() };
        Op { action, ..send(number, "") }
    };
    let gone = Action::Delete { message_id: own(5, "").id };
    let gone = Op { action: gone, ..send(3000, "") };
    take(&store, &(2..=5).map(|seq| own(seq, &format!("mine {seq}"))).collect::<Vec<_>>());
    for op in [edit(2001, 1004, "better"), edit(2002, 1004, "best"), gone] {
        store.enqueue(&op, Millis(9)).unwrap();
        store.confirm(&op).unwrap();
    }
    let mut beginning = bootstrap(1, 1);
    beginning.rows.push(Row::Message(own(2, "mine 2")));
    (beginning.last_seq, beginning.head) = (2, 2);
    assert!(store.offer_again(ROOM).unwrap().is_empty(), "nothing is known of it yet");
    // A part of it is here, and what is below may have the others.
    let newest = Bootstrap { rows: beginning.rows.split_off(2), ..beginning.clone() };
    assert!(store.apply(&[Arrival::Bootstrap(&newest)]).unwrap().offered.is_empty());
    assert!(store.offer_again(ROOM).unwrap().offered.is_empty());
    // With all of it here, one that was deleted here is not said again, and of its edits only the newest is.
    store.apply(&[Arrival::Reset(STREAM)]).unwrap();
    let rows = [newest.rows, beginning.rows.clone()].concat();
    let changes = store.apply(&[Arrival::Bootstrap(&Bootstrap { rows, ..beginning })]).unwrap();
    assert!(changes.offered.contains(&ROOM));
    assert_eq!(waiting(&store), [(1003, true), (1004, true), (2002, true)]);
    assert!(store.offer_again(ROOM).unwrap().is_empty(), "they wait already");
}

#[test]
fn a_clock_that_is_far_ahead_for_a_moment_forgets_little_of_what_may_be_offered_again() {
    let day = 24 * 3600 * 1000;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    for number in 0..10 {
        let op = send(u128::try_from(number).unwrap() + 1, "said");
        store.enqueue(&op, Millis(number * day)).unwrap();
        store.confirm(&op).unwrap();
    }
    store.forget_sent(Millis(100 * 365 * day)).unwrap();
    store.begin_epoch("f").unwrap();
    assert_eq!(store.open_ops().unwrap().len(), 8, "two days' worth is gone");
}

#[test]
fn a_message_whose_id_somebody_else_took_while_it_was_lost_is_said_under_another() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.begin_epoch("e").unwrap();
    take(&store, &[own(2, "mine")]);
    // The server was put back, and another member said something under the id that the message had.
    let mut beginning = bootstrap(1, 1);
    beginning.rows.push(Row::Message(message(2, "theirs")));
    (beginning.last_seq, beginning.head) = (2, 2);
    assert!(store.apply(&[Arrival::Bootstrap(&beginning)]).unwrap().offered.contains(&ROOM));
    let [open] = &store.open_ops().unwrap()[..] else { panic!("one waits") };
    let first = open.op.clone();
    // Of what is nobody's, or one's own with another text, that is not known.
    let own_text = send(3, "it was edited");
    store.enqueue(&own_text, Millis(1)).unwrap();
    assert!(store.refuse(&own_text, ErrorCode::OpConflict, "known").unwrap().offered.is_empty());
    assert!(store.discard(&own_text).unwrap().0);
    let refuse = |op: &Op| store.refuse(op, ErrorCode::OpConflict, "another's").unwrap();
    assert!(refuse(&first).offered.contains(&ROOM));
    let [open] = &store.open_ops().unwrap()[..] else { panic!("it still waits") };
    assert_eq!((open.state, open.tried, &open.op.action), (OpState::Waiting, false, &first.action));
    assert_ne!(open.op.id, first.id);
    // A server that always says so does not make it go round for ever.
    assert!(refuse(&open.op.clone()).offered.is_empty());
    assert_eq!(store.open_ops().unwrap()[0].state, OpState::Refused);
}
