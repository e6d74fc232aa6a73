//! What the client does about a server that lies about a pair, and about texts that no server takes.

use crate::{Notices, OutgoingMessage, Session, SystemClock, effects};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, ErrorCode, LocalReason,
    MemberRole, MemberRow, MessageId, MessageRow, Millis, OpId, Row, Seq, SessionId, StreamId,
    UserId,
};
use parlour_store::{Account, Arrival, Position, Store};
use std::sync::Arc;
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const OAK: UserId = UserId(Uuid::from_u128(2));
const MALLORY: UserId = UserId(Uuid::from_u128(3));

fn session() -> (Session, Arc<Store>) {
    let account = Account {
        server: "http://x".into(),
        user_id: ME,
        username: "wren".into(),
        session_id: SessionId(Uuid::from_u128(9)),
    };
    let store = Arc::new(Store::in_memory(&account, None).unwrap());
    let offline = Session::offline(store.clone(), Notices::default(), Arc::new(SystemClock));
    (offline.unwrap().0, store)
}

/// What the server answers about a conversation.
fn says(id: ConversationId, kind: ConversationType, members: &[UserId]) -> Bootstrap {
    let row = ConversationRow::new(id, kind, "oak", MALLORY, Millis(1));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..row })];
    rows.extend(members.iter().map(|user_id| {
        Row::Member(MemberRow {
            user_id: *user_id,
            role: MemberRole::Member,
            joined_at: Millis(1),
            last_read_seq: None,
            left_at: None,
            changed_seq: 1,
        })
    }));
    let (epoch, stream) = (String::new(), StreamId::Conversation(id));
    Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_to: None }
}

fn new_id() -> MessageId {
    MessageId(Uuid::now_v7())
}

#[test]
fn nothing_is_said_to_a_group_in_a_pair_s_place() {
    for (kind, members) in [
        (ConversationType::Group, &[ME, MALLORY][..]),
        (ConversationType::Group, &[ME, OAK]),
        (ConversationType::P2p, &[ME, MALLORY]),
        (ConversationType::P2p, &[ME, OAK, MALLORY]),
    ] {
        let (session, store) = session();
        let pair = session.create_p2p(OAK).unwrap();
        // Written while the server had not answered.
        let early = new_id();
        session.send_message(pair, early, "oak, between us").unwrap();
        assert!(effects::prepare(&store, OpId(early.0)).unwrap().is_some());
        store.mirror.apply(&[Arrival::Bootstrap(&says(pair, kind, members))]).unwrap();

        let opened = session.create_p2p(OAK).map_err(|error| error.code());
        assert_eq!(opened, Err(ErrorCode::Untrusted), "{kind:?} {members:?}");
        let sent = session.send_message(pair, new_id(), "oak?").map(drop);
        assert_eq!(sent.unwrap_err().code(), ErrorCode::Untrusted);
        let edited = session.edit_message(pair, early, "oak!");
        assert_eq!(edited.unwrap_err().code(), ErrorCode::Untrusted);
        // Nor does what waits go out.
        let waiting = effects::prepare(&store, OpId(early.0)).unwrap_err();
        assert_eq!(waiting.code, ErrorCode::Untrusted);
        let listed = session.conversations(10).unwrap();
        assert!(!listed.iter().any(|row| row.kind == ConversationType::P2p), "{listed:?}");
    }
}

#[test]
fn a_pair_is_a_pair() {
    let (session, store) = session();
    let pair = session.create_p2p(OAK).unwrap();
    let members = [ME, OAK];
    store
        .mirror
        .apply(&[Arrival::Bootstrap(&says(pair, ConversationType::P2p, &members))])
        .unwrap();
    assert_eq!(session.create_p2p(OAK).unwrap(), pair);
    let id = new_id();
    session.send_message(pair, id, "oak, between us").unwrap();
    assert!(effects::prepare(&store, OpId(id.0)).unwrap().is_some());
    assert_eq!(session.create_p2p(ME).unwrap_err().code(), ErrorCode::Invalid);
}

#[test]
fn what_no_server_takes_is_refused_before_it_is_kept() {
    let (session, store) = session();
    let room = session.create_group("garden", vec![]).unwrap();
    for refused in [
        session.send_message(room, new_id(), "a\0b").map(drop),
        session.send_message(room, MessageId(Uuid::new_v8([7; 16])), "hello").map(drop),
        session.send_message(room, new_id(), "\u{200b}").map(drop),
        session.edit_message(room, new_id(), "a\u{1}b"),
        session.act(room, Action::Rename { title: "a\u{202e}b".into() }),
        session.act(room, Action::Rename { title: " ".into() }),
        session.act(room, Action::SetTopic { topic: "x".repeat(501) }),
        session.act(room, Action::SetRole { user_id: OAK, role: MemberRole::Owner }),
        session.create_group("\u{2800}", vec![]).map(drop),
        session.choose("theme", "\u{7f}"),
        session.act(room, Action::react(new_id(), "ok")),
    ] {
        assert_eq!(refused.unwrap_err().code(), ErrorCode::Invalid);
    }
    assert_eq!(store.open_ops().unwrap().len(), 1, "the group");
    let id = new_id();
    session.send_message(room, id, "one\r\ntwo\rthree").unwrap();
    let op = store.open_op(OpId(id.0)).unwrap().unwrap().op;
    assert_eq!(op.action, Action::send("one\ntwo\nthree"));
}

/// What the window can have done as it says it. Whatever else it does has a method that does more.
const PASSED_ON: [&str; 17] = [
    "addMember",
    "archive",
    "hide",
    "leave",
    "markUnread",
    "mute",
    "pin",
    "pinMessage",
    "react",
    "removeMember",
    "rename",
    "save",
    "setHistory",
    "setRemoval",
    "setRole",
    "setTopic",
    "transfer",
];

#[test]
fn only_what_an_action_says_all_of_is_passed_on_from_the_window() {
    let (session, store) = session();
    let (room, message_id) = (ConversationId(Uuid::now_v7()), new_id());
    let said = MessageRow::new(message_id, OAK, "is it ready?", Millis(1));
    let mut begun = says(room, ConversationType::Group, &[ME, OAK]);
    begun.rows.push(Row::Message(MessageRow { seq: Seq(1), changed_seq: 1, ..said }));
    store.mirror.apply(&[Arrival::Bootstrap(&Bootstrap { last_seq: 1, ..begun })]).unwrap();
    let is_kept = |action: &Action| {
        let mut open = store.open_ops().unwrap().into_iter();
        open.any(|open| (open.op.conversation_id, &open.op.action) == (room, action))
    };
    for action in Action::examples(message_id, OAK) {
        let may = PASSED_ON.contains(&action.rules().name);
        let done = session.act(room, action.clone()).map_err(|error| error.code());
        assert_eq!(done, if may { Ok(()) } else { Err(ErrorCode::Invalid) }, "{action:?}");
        assert_eq!(is_kept(&action), may, "{action:?}");
    }
}

#[test]
fn what_still_waits_to_be_sent_is_not_saved() {
    let (session, _) = session();
    let (room, message_id) = (session.create_group("garden", vec![]).unwrap(), new_id());
    session.send_message(room, message_id, "hello").unwrap();
    let saved = session.act(room, Action::Save { message_id, on: true }).unwrap_err();
    assert_eq!(saved.problem(), LocalReason::StillWaits.into());
}

#[test]
fn what_was_just_written_is_answered_as_the_timeline_shows_it() {
    let (session, _) = session();
    let room = session.create_group("garden", vec![]).unwrap();
    let first = session.send_message(room, new_id(), "is it ready?").unwrap();
    let answer = OutgoingMessage { body: "**yes**, @all".into(), reply_to: Some(first.id) };
    let echo = session.send_message(room, new_id(), answer).unwrap();
    let quote = echo.reply_to.as_ref().expect("what it answers");
    assert_eq!((quote.id, quote.sender.as_str()), (first.id, "wren"));
    assert_eq!(quote.body, "is it ready?");
    let shown = session.timeline(room, Position::Newest, 9).unwrap().items;
    assert_eq!(shown, [first, echo]);
}
