//! What is shown of messages, of one's own place in a conversation, and of drafts.

use crate::tests::{ME, ROOM, WREN, bootstrap, membership, message, open, page};
use crate::{Arrival, PersonState, Position, Store, TimelineItem};
use parlour_protocol::{
    Action, ConversationId, Count, DraftRow, MemberRole, MemberRow, MembershipRow, MessageId,
    MessageRow, Millis, Op, OpDone, OpId, Page, Reaction, Row, SavedRow, Seq, StreamId, UserId,
    UserRole, UserRow, limits,
};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) fn account_page(from: i64, to: i64, rows: Vec<Row>) -> Page {
    Page { epoch: "e".into(), stream: StreamId::Account(ME), term: 0, from, to, head: to, rows }
}

fn directory() -> Page {
    let user = |id, name: &str, at| Row::User(UserRow::new(id, name, UserRole::Member, at));
    let rows = vec![user(ME, "me", 1), user(WREN, "Jenny Wren", 2)];
    Page { epoch: "e".into(), stream: StreamId::Directory, term: 0, from: 0, to: 2, head: 2, rows }
}

fn member(user_id: UserId, role: MemberRole) -> Row {
    let (joined_at, last_read_seq, left_at) = (Millis(0), None, None);
    Row::Member(MemberRow { user_id, role, joined_at, last_read_seq, left_at, changed_seq: 1 })
}

/// A room of two with three messages, whose directory is known.
pub(crate) fn room(folder: &TempDir) -> Store {
    let store = open(folder);
    store.begin_epoch("e").unwrap();
    let mut beginning = bootstrap(1, 3);
    beginning.rows.extend([member(ME, MemberRole::Owner), member(WREN, MemberRole::Member)]);
    let arrivals = [Arrival::Page(&directory()), Arrival::Bootstrap(&beginning)];
    let place = account_page(0, 1, vec![Row::Membership(membership(1))]);
    store.mirror.apply(&arrivals).unwrap();
    store.mirror.apply(&[Arrival::Page(&place)]).unwrap();
    store
}

fn op(number: u128, action: Action) -> Op {
    Op { id: OpId(Uuid::from_u128(number)), conversation_id: ROOM, action }
}

fn newest(store: &Store) -> TimelineItem {
    store.timeline(ROOM, Position::Newest, 10).unwrap().items.pop().unwrap()
}

fn draft(store: &Store) -> Option<String> {
    let summary = store.conversations_by_id(&[ROOM]).unwrap().remove(0);
    summary.draft.map(|draft| draft.body)
}

/// The server takes the draft op that waits and answers with this body.
fn take_draft(store: &Store, answer: &str, changed_seq: i64) {
    let open = store.open_ops().unwrap().remove(0).op;
    let (body, updated_at) = (answer.to_owned(), Millis(1));
    let row = DraftRow { conversation_id: ROOM, body, reply_to: None, updated_at, changed_seq };
    let done = OpDone::new(StreamId::Account(ME), vec![Row::Draft(row)]);
    store.mirror.apply_done(&OpDone { epoch: "e".into(), ..done.clone() }).unwrap().unwrap();
    store.settle_draft(&open, &done).unwrap();
    store.confirm(&open).unwrap();
}

#[test]
fn a_message_shows_what_it_answers_whom_it_means_and_what_people_think_of_it() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let reaction = |emoji: &str, users: Vec<UserId>| {
        let (emoji, count) = (emoji.into(), Count(users.len() as i64));
        Reaction { emoji, count, users, own: None }
    };
    let row = MessageRow {
        reply_to: Some(message(1, "").id),
        mentions: vec![WREN],
        reactions: vec![reaction("👍", vec![WREN, ME]), reaction("🎉", vec![WREN])],
        pinned_at: Some(Millis(1)),
        ..message(4, "yes, @Jenny Wren")
    };
    let saved = SavedRow {
        message_id: row.id,
        conversation_id: ROOM,
        saved_at: Some(Millis(5)),
        changed_seq: 2,
    };
    store.mirror.apply(&[Arrival::Page(&page(3, 4, vec![Row::Message(row.clone())]))]).unwrap();
    let kept = account_page(1, 2, vec![Row::Saved(saved)]);
    store.mirror.apply(&[Arrival::Page(&kept)]).unwrap();
    let item = newest(&store);
    let quote = item.reply_to.as_ref().unwrap();
    assert_eq!((quote.seq, quote.body.as_str()), (Some(Seq(1)), "word1 common"));
    assert_eq!(item.mentions[0].username, "Jenny Wren");
    assert!(!item.mentions_me && item.pinned && item.saved);
    let reactions: Vec<_> =
        item.reactions.iter().map(|r| (r.emoji.as_str(), r.count.0, r.own)).collect();
    assert_eq!(reactions, [("👍", 2, true), ("🎉", 1, false)]);
    assert_eq!(item.reactions[0].names, ["Jenny Wren", "me"]);
    assert_eq!(store.pinned(ROOM, 9).unwrap(), std::slice::from_ref(&item));
    let saved = store.saved(9).unwrap();
    assert_eq!((saved[0].conversation_id, &saved[0].item), (ROOM, &item));

    // What waits is shown as if it were done.
    let react = |emoji: &str, on| Action::React { message_id: row.id, emoji: emoji.into(), on };
    store.enqueue(&op(50, react("👍", false)), Millis(1)).unwrap();
    store.enqueue(&op(51, react("🦉", true)), Millis(1)).unwrap();
    let unpin = Action::PinMessage { message_id: row.id, on: false };
    store.enqueue(&op(52, unpin), Millis(1)).unwrap();
    let item = newest(&store);
    let reactions: Vec<_> =
        item.reactions.iter().map(|r| (r.emoji.as_str(), r.count.0, r.own)).collect();
    assert_eq!(reactions, [("👍", 1, false), ("🎉", 1, false), ("🦉", 1, true)]);
    assert!(!item.pinned);
    // A choice takes the place of the one before it.
    store.enqueue(&op(53, react("🦉", false)), Millis(1)).unwrap();
    assert_eq!(newest(&store).reactions.len(), 2);
    assert_eq!(store.open_ops().unwrap().len(), 3);
}

/// One kind of reaction, of so many people of whom twenty others are named.
fn of_many(count: i64, own: Option<bool>) -> Vec<Reaction> {
    let users = (1000..1020).map(|n| UserId(Uuid::from_u128(n))).collect();
    vec![Reaction { emoji: "👍".into(), count: Count(count), users, own }]
}

#[test]
fn of_many_reactions_ones_own_stays_known_where_all_are_told_at_once() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let tell = |changed_seq: i64, reactions: Vec<Reaction>| {
        let row = MessageRow { changed_seq, reactions, ..message(3, "cake") };
        let rows = vec![Row::Message(row)];
        store.mirror.apply(&[Arrival::Page(&page(changed_seq - 1, changed_seq, rows))]).unwrap();
        let reaction = newest(&store).reactions.remove(0);
        (reaction.count.0, reaction.own)
    };
    // Among those who are named, and then not any more.
    let named = vec![Reaction { users: vec![WREN, ME], ..of_many(2, None).remove(0) }];
    assert_eq!(tell(4, named), (2, true));
    assert_eq!(tell(5, of_many(21, None)), (21, true));
    assert_eq!(tell(6, of_many(22, None)), (22, true));
    assert_eq!(tell(7, of_many(21, Some(false))), (21, false));
    assert_eq!(tell(8, of_many(22, None)), (22, false));
    assert_eq!(tell(9, of_many(23, Some(true))), (23, true));
    // What waits is shown over it, and can be taken back.
    let react = Action::React { message_id: message(3, "").id, emoji: "👍".into(), on: false };
    store.enqueue(&op(50, react), Millis(1)).unwrap();
    let shown = newest(&store).reactions.remove(0);
    assert_eq!((shown.count.0, shown.own), (22, false));
}

#[test]
fn ones_own_reaction_is_held_as_the_server_tells_it_also_where_one_is_named() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let held = || {
        let sql = "SELECT reactions FROM messages WHERE reactions IS NOT NULL";
        let json: String =
            store.mirror.read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0))?)).unwrap();
        serde_json::from_str::<Vec<Reaction>>(&json).unwrap()[0].own
    };
    for (seq, changed_seq) in [(4, 4), (4, 5)] {
        let mut reactions = of_many(20 + changed_seq, None);
        reactions[0].users[2] = ME;
        let row = MessageRow { changed_seq, reactions, ..message(seq, "cake") };
        let rows = vec![Row::Message(row)];
        store.mirror.apply(&[Arrival::Page(&page(changed_seq - 1, changed_seq, rows))]).unwrap();
        assert_eq!(held(), Some(true), "as the server digests it");
    }
}

#[test]
fn a_late_page_of_the_same_state_tells_which_reactions_are_ones_own() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let told = |seq: i64, own| MessageRow {
        changed_seq: 4,
        reactions: of_many(21, own),
        ..message(seq, "cake")
    };
    let rows = |own| vec![Row::Message(told(4, own))];
    store.mirror.apply(&[Arrival::Page(&page(3, 4, rows(None)))]).unwrap();
    assert!(!newest(&store).reactions[0].own, "not known");
    let answer =
        |own| OpDone { epoch: "e".into(), ..OpDone::new(StreamId::Conversation(ROOM), rows(own)) };
    store.mirror.apply_done(&answer(Some(true))).unwrap();
    assert!(newest(&store).reactions[0].own);
    store.mirror.apply_done(&answer(None)).unwrap();
    assert!(newest(&store).reactions[0].own, "what is left out is as it was");
}

#[test]
fn ones_own_place_in_a_conversation_is_the_servers_with_what_waits_over_it() {
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
        .apply(&[Arrival::Page(&account_page(1, 2, vec![Row::Membership(place)]))])
        .unwrap();
    let here = summary();
    assert_eq!((here.muted_until, here.pinned_at), (Some(Millis(9)), Some(Millis(8))));
    assert!(here.hidden && here.marked_unread);
    let said = page(3, 4, vec![Row::Message(message(4, "a word"))]);
    store.mirror.apply(&[Arrival::Page(&said)]).unwrap();
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

#[test]
fn a_draft_is_ones_own_until_the_server_has_it_and_then_the_servers() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let op_id = OpId(Uuid::from_u128(70));
    let shared = store.share_draft(ROOM, op_id, Millis(1)).unwrap().unwrap();
    let half = Action::Draft { body: "half".into(), reply_to: None, based_on: Some(0) };
    assert_eq!(shared.action, half);
    let again = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(1)).unwrap();
    assert_eq!(again, None, "it waits already");
    take_draft(&store, "half", 2);
    assert_eq!(store.drafts_to_share().unwrap(), []);
    assert_eq!(draft(&store).as_deref(), Some("half"));
    // Another device goes on; nothing is written here.
    let theirs = DraftRow {
        conversation_id: ROOM,
        body: "half a thought".into(),
        reply_to: None,
        updated_at: Millis(2),
        changed_seq: 3,
    };
    store.mirror.apply(&[Arrival::Page(&account_page(1, 3, vec![Row::Draft(theirs)]))]).unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half a thought"));
    // What was said needs no draft, here and elsewhere.
    store.enqueue_message(&op(72, Action::send("a thought")), Millis(3), None).unwrap();
    assert_eq!(draft(&store), None);
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(73)), Millis(1)).unwrap().unwrap();
    let empty = Action::Draft { body: String::new(), reply_to: None, based_on: Some(3) };
    assert_eq!(shared.action, empty);
}

#[test]
fn a_draft_that_no_server_takes_is_kept_here_and_holds_nothing_up() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let pasted = "a line of a log\n".repeat(5000);
    assert!(pasted.len() > limits::BODY_BYTES);
    store.set_draft(ROOM, &pasted.as_str().into(), Millis(1)).unwrap();
    assert_eq!(draft(&store).as_deref(), Some(pasted.as_str()));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap();
    assert_eq!(shared, None);
    assert_eq!(store.open_ops().unwrap(), []);
    // Once it is short enough the server has it too.
    store.set_draft(ROOM, &"a line of a log".into(), Millis(2)).unwrap();
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert!(shared.is_some());
}

#[test]
fn what_two_devices_wrote_is_both_kept_also_while_one_writes_on() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"mine".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    store.mark_tried(OpId(Uuid::from_u128(70))).unwrap();
    store.set_draft(ROOM, &"mine, and on".into(), Millis(2)).unwrap();
    let now = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap();
    assert_eq!(now, None, "the server is just getting one");
    take_draft(&store, "theirs\n\nmine", 5);
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(5), .. }), "{shared:?}");
    // A restored server may have none of it.
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("theirs\n\nmine, and on"));
    assert_eq!(store.drafts_to_share().unwrap(), [ROOM]);
}

#[test]
fn what_another_device_writes_is_seen_where_this_one_began_the_same_conversation() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.mirror.apply(&[Arrival::Page(&directory())]).unwrap();
    let id = ConversationId::p2p(ME, WREN);
    let begin = Op { conversation_id: id, ..op(1, Action::create_p2p(WREN)) };
    store.enqueue(&begin, Millis(1)).unwrap();
    let (body, updated_at) = ("from the phone".to_owned(), Millis(1));
    let row = DraftRow { conversation_id: id, body, reply_to: None, updated_at, changed_seq: 1 };
    let place = MembershipRow { conversation_id: id, pinned_at: Some(Millis(2)), ..membership(2) };
    for rows in [vec![Row::Draft(row)], vec![Row::Membership(place)]] {
        let at = rows[0].changed_seq();
        store.mirror.apply(&[Arrival::Page(&account_page(at - 1, at, rows))]).unwrap();
        let summary = store.conversations_by_id(&[id]).unwrap().remove(0);
        assert_eq!(summary.title, "Jenny Wren");
        assert_eq!(summary.draft.unwrap().body, "from the phone");
    }
    let summary = store.conversations(9).unwrap().remove(0);
    assert_eq!((summary.pinned_at, summary.active_at), (Some(Millis(2)), Millis(1)));
}

#[test]
fn a_restored_server_gets_the_drafts_again_that_it_had() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    take_draft(&store, "half", 2);
    store.begin_epoch("f").unwrap();
    assert_eq!(draft(&store).as_deref(), Some("half"));
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}

#[test]
fn a_draft_that_waits_continues_nothing_that_a_restored_server_has() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    store.set_draft(ROOM, &"half".into(), Millis(1)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(70)), Millis(1)).unwrap().unwrap();
    take_draft(&store, "half", 7);
    store.set_draft(ROOM, &"half a thought".into(), Millis(2)).unwrap();
    store.share_draft(ROOM, OpId(Uuid::from_u128(71)), Millis(2)).unwrap().unwrap();
    store.begin_epoch("f").unwrap();
    assert_eq!(store.open_ops().unwrap(), [], "its 7 may be another draft's by now");
    let shared = store.share_draft(ROOM, OpId(Uuid::from_u128(72)), Millis(3)).unwrap().unwrap();
    assert!(matches!(shared.action, Action::Draft { based_on: Some(0), .. }), "{shared:?}");
}

#[test]
fn members_are_meant_in_any_letter_case_of_any_script() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let renamed = Row::User(UserRow::new(WREN, "Андрей", UserRole::Member, 3));
    let page = Page { from: 2, to: 3, head: 3, rows: vec![renamed], ..directory() };
    store.mirror.apply(&[Arrival::Page(&page)]).unwrap();
    let meant = |text: &str| store.mentioned(ROOM, text).unwrap();
    assert_eq!(meant("привет, @андрей!"), (vec![WREN], false));
    assert_eq!(meant("@АНДРЕЙ и @all"), (vec![WREN], true));
    assert_eq!(meant("@андреи"), (vec![WREN], false), "as a search finds him");
    assert_eq!(meant("@андре"), (vec![], false));
    assert_eq!(meant("请问@андрей在吗 @АНДРЕЙさん"), (vec![WREN], false));
    assert_eq!(meant("在吗@андрей，谢谢"), (vec![WREN], false));
}

#[test]
fn members_are_meant_by_their_names_and_nobody_by_an_address() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let meant = |text: &str| store.mentioned(ROOM, text).unwrap();
    assert_eq!(meant("hello @jenny wren, and @all"), (vec![WREN], true));
    assert_eq!(meant("(@Jenny Wren)"), (vec![WREN], false));
    assert_eq!(meant("@Jenny Wrens"), (vec![], false));
    assert_eq!(meant("post@Jenny Wren, everyone@all"), (vec![], false));
    assert_eq!(meant("@nobody @"), (vec![], false));
    for nobody in ["`@Jenny Wren`", "```\n@Jenny Wren @all\n```", "> @Jenny Wren and @all"] {
        assert_eq!(meant(nobody), (vec![], false), "{nobody}");
    }
    assert_eq!(meant("**@Jenny Wren** > @ALL"), (vec![WREN], true));
    for other in ["@all-hands", "@all_staff", "@allan", "@alle", "x@all"] {
        assert_eq!(meant(other), (vec![], false), "{other}");
    }
    for all in ["@all", "@All.", "@ALL!", "(@all)", "@all-", "大家@all好"] {
        assert_eq!(meant(all), (vec![], true), "{all}");
    }
    // As much as a message holds, and none of it anybody's name.
    for hostile in ["@!", "@", "@a b c d ", "@\n"] {
        assert_eq!(meant(&hostile.repeat(64 * 1024 / hostile.len())), (vec![], false));
    }
    let begun = ConversationId(Uuid::from_u128(44));
    let create = Op { conversation_id: begun, ..op(80, Action::create_group("new", vec![WREN])) };
    store.enqueue(&create, Millis(1)).unwrap();
    let meant_there = |text: &str| store.mentioned(begun, text).unwrap();
    assert_eq!(meant_there("@Jenny wren and @all"), (vec![WREN], true), "also before it is there");
    assert_eq!(meant_there("@Jenny Wrens"), (vec![], false));
    let demoted = MemberRow {
        user_id: ME,
        role: MemberRole::Member,
        joined_at: Millis(0),
        last_read_seq: None,
        left_at: None,
        changed_seq: 4,
    };
    store.mirror.apply(&[Arrival::Page(&page(3, 4, vec![Row::Member(demoted)]))]).unwrap();
    assert_eq!(meant("@all"), (vec![], false), "not its author's to say");
}

#[test]
fn a_day_is_found_in_the_history_also_where_messages_are_missing() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let mut beginning = bootstrap(1, 40);
    beginning.rows.retain(|row| !matches!(row, Row::Message(row) if (10..20).contains(&row.seq.0)));
    store.mirror.apply(&[Arrival::Bootstrap(&beginning)]).unwrap();
    let since = |ms| store.first_since(ROOM, Millis(ms)).unwrap().map(|seq| seq.0);
    assert_eq!((since(0), since(5000), since(5001)), (Some(1), Some(5), Some(6)));
    assert_eq!((since(9500), since(40_000), since(40_001)), (Some(20), Some(40), None));
    assert_eq!(store.first_since(ConversationId(Uuid::nil()), Millis(0)).unwrap(), None);
    let place = store.find_message(message(5, "").id).unwrap().unwrap();
    assert_eq!((place.conversation_id, place.seq), (ROOM, Seq(5)));
}

#[test]
fn what_is_answered_and_not_here_is_said_to_be_missing() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let far = MessageId(Uuid::from_u128(4_000_000));
    let row = MessageRow { reply_to: Some(far), ..message(4, "yes") };
    store.mirror.apply(&[Arrival::Page(&page(3, 4, vec![Row::Message(row)]))]).unwrap();
    let quote = newest(&store).reply_to.unwrap();
    assert_eq!((quote.id, quote.seq, quote.body.as_str()), (far, None, ""));
}

#[test]
fn who_cannot_sign_in_is_marked_where_they_are_and_found_nowhere_else() {
    let folder = TempDir::new().unwrap();
    let store = room(&folder);
    let begun = ConversationId::p2p(ME, WREN);
    let create = Op { conversation_id: begun, ..op(90, Action::create_p2p(WREN)) };
    store.enqueue(&create, Millis(1)).unwrap();
    let states = || {
        let members = store.members(ROOM).unwrap();
        let member = members.into_iter().find(|member| member.id == WREN).unwrap().state;
        let peer = store.conversations_by_id(&[begun]).unwrap().remove(0).peer;
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
