//! Tests of conversations with impossible members, of texts that no server accepts, and of local echoes.

use crate::{Notices, OutgoingMessage, Session, SystemClock, effects};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, ErrorCode, LocalReason,
    MemberRole, MemberRow, MessageId, MessageRow, Millis, OpId, Row, Seq, SessionId, StreamId,
    UserId,
};
use parlour_store::{Account, Position, ServerUpdate, SettingKey, Store};
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

/// Returns the server's bootstrap of a conversation.
fn bootstrap_of(id: ConversationId, kind: ConversationType, members: &[UserId]) -> Bootstrap {
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
    Bootstrap { epoch, stream, term: 1, head: 1, last_seq: 0, rows, members_cursor: None }
}

fn new_id() -> MessageId {
    MessageId(Uuid::now_v7())
}

#[test]
fn no_message_is_sent_to_a_group_in_place_of_a_direct_conversation() {
    for (kind, members) in [
        (ConversationType::Group, &[ME, MALLORY][..]),
        (ConversationType::Group, &[ME, OAK]),
        (ConversationType::P2p, &[ME, MALLORY]),
        (ConversationType::P2p, &[ME, OAK, MALLORY]),
    ] {
        let (session, store) = session();
        let direct = session.create_p2p(OAK).unwrap();
        // Sent before the server's response.
        let early = new_id();
        session.send_message(direct, early, "hello, oak").unwrap();
        assert!(effects::prepare(&store, OpId(early.0)).unwrap().is_some());
        store
            .mirror
            .apply(&[ServerUpdate::Bootstrap(&bootstrap_of(direct, kind, members))])
            .unwrap();

        let conversation = session.create_p2p(OAK).map_err(|error| error.code());
        assert_eq!(conversation, Err(ErrorCode::ImpossibleMembers), "{kind:?} {members:?}");
        let sent = session.send_message(direct, new_id(), "oak?").map(drop);
        assert_eq!(sent.unwrap_err().code(), ErrorCode::ImpossibleMembers);
        let edited = session.edit_message(direct, early, "oak!");
        assert_eq!(edited.unwrap_err().code(), ErrorCode::ImpossibleMembers);
        // A message that waits is not sent either.
        let waiting = effects::prepare(&store, OpId(early.0)).unwrap_err();
        assert_eq!(waiting.code, ErrorCode::ImpossibleMembers);
        let listed = session.conversations(10).unwrap();
        assert!(!listed.iter().any(|row| row.kind == ConversationType::P2p), "{listed:?}");
    }
}

#[test]
fn messages_are_sent_to_a_valid_direct_conversation() {
    let (session, store) = session();
    let direct = session.create_p2p(OAK).unwrap();
    let members = [ME, OAK];
    store
        .mirror
        .apply(&[ServerUpdate::Bootstrap(&bootstrap_of(direct, ConversationType::P2p, &members))])
        .unwrap();
    assert_eq!(session.create_p2p(OAK).unwrap(), direct);
    let id = new_id();
    session.send_message(direct, id, "hello, oak").unwrap();
    assert!(effects::prepare(&store, OpId(id.0)).unwrap().is_some());
    assert_eq!(session.create_p2p(ME).unwrap_err().code(), ErrorCode::Invalid);
}

#[test]
fn actions_that_no_server_accepts_are_refused_before_they_are_stored() {
    let (session, store) = session();
    let group = session.create_group("garden", vec![]).unwrap();
    for refused in [
        session.send_message(group, new_id(), "a\0b").map(drop),
        session.send_message(group, MessageId(Uuid::new_v8([7; 16])), "hello").map(drop),
        session.send_message(group, new_id(), "\u{200b}").map(drop),
        session.edit_message(group, new_id(), "a\u{1}b"),
        session.act(group, Action::Rename { title: "a\u{202e}b".into() }),
        session.act(group, Action::Rename { title: " ".into() }),
        session.act(group, Action::SetTopic { topic: "x".repeat(501) }),
        session.act(group, Action::SetRole { user_id: OAK, role: MemberRole::Owner }),
        session.create_group("\u{2800}", vec![]).map(drop),
        session.sync_setting("theme", "\u{7f}"),
        session.act(group, Action::react(new_id(), "ok")),
    ] {
        assert_eq!(refused.unwrap_err().code(), ErrorCode::Invalid);
    }
    assert_eq!(store.pending_ops().unwrap().len(), 1, "the group");
    let id = new_id();
    session.send_message(group, id, "one\r\ntwo\rthree").unwrap();
    let op = store.pending_op(OpId(id.0)).unwrap().unwrap().op;
    assert_eq!(op.action, Action::send("one\ntwo\nthree"));
}

/// The actions that the window may pass on as they are. Every other action has a method that does more.
const VIA_ACT: [&str; 17] = [
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
fn only_actions_without_a_method_of_their_own_are_passed_on() {
    let (session, store) = session();
    let (group, message_id) = (ConversationId(Uuid::now_v7()), new_id());
    let message = MessageRow::new(message_id, OAK, "is it ready?", Millis(1));
    let mut bootstrap = bootstrap_of(group, ConversationType::Group, &[ME, OAK]);
    bootstrap.rows.push(Row::Message(MessageRow { seq: Seq(1), changed_seq: 1, ..message }));
    store
        .mirror
        .apply(&[ServerUpdate::Bootstrap(&Bootstrap { last_seq: 1, ..bootstrap })])
        .unwrap();
    let is_stored = |action: &Action| {
        let mut pending = store.pending_ops().unwrap().into_iter();
        pending.any(|pending| (pending.op.conversation_id, &pending.op.action) == (group, action))
    };
    for action in Action::examples(message_id, OAK) {
        let may = VIA_ACT.contains(&action.rules().name);
        let result = session.act(group, action.clone()).map_err(|error| error.code());
        assert_eq!(result, if may { Ok(()) } else { Err(ErrorCode::Invalid) }, "{action:?}");
        assert_eq!(is_stored(&action), may, "{action:?}");
    }
}

#[test]
fn a_message_that_waits_to_be_sent_cannot_be_saved() {
    let (session, _) = session();
    let (group, message_id) = (session.create_group("garden", vec![]).unwrap(), new_id());
    session.send_message(group, message_id, "hello").unwrap();
    let saved = session.act(group, Action::Save { message_id, on: true }).unwrap_err();
    assert_eq!(saved.problem(), LocalReason::NotSentYet.into());
}

#[test]
fn a_sent_message_is_returned_as_the_timeline_shows_it() {
    let (session, _) = session();
    let group = session.create_group("garden", vec![]).unwrap();
    let first = session.send_message(group, new_id(), "is it ready?").unwrap();
    let reply =
        OutgoingMessage { reply_to: Some(first.id), ..OutgoingMessage::from("**yes**, @all") };
    let echo = session.send_message(group, new_id(), reply).unwrap();
    let quote = echo.reply_to.as_ref().expect("the message that it replies to");
    assert_eq!((quote.id, quote.sender.as_str()), (first.id, "wren"));
    assert_eq!(quote.body, "is it ready?");
    let shown = session.timeline(group, Position::Newest, 9).unwrap().items;
    assert_eq!(shown, [first, echo]);
}

#[test]
fn deletions_that_waited_when_the_program_ended_are_carried_out_once() {
    let (session, store) = session();
    let (group, message_id) = (ConversationId(Uuid::now_v7()), new_id());
    let message = MessageRow::new(message_id, ME, "too early", Millis(1));
    let mut bootstrap = bootstrap_of(group, ConversationType::Group, &[ME, OAK]);
    bootstrap.rows.push(Row::Message(MessageRow { seq: Seq(1), changed_seq: 1, ..message }));
    store
        .mirror
        .apply(&[ServerUpdate::Bootstrap(&Bootstrap { last_seq: 1, ..bootstrap })])
        .unwrap();
    // As the window stores them (ui/src/lib/deleting.ts).
    let note = format!(r#"[{{"conversation":"{group}","id":"{message_id}","seq":1}}]"#);
    session.set_setting(SettingKey::Deletions, None, &note).unwrap();
    let deletes = || {
        let pending = store.pending_ops().unwrap().into_iter();
        pending.filter(|pending| pending.op.action == Action::Delete { message_id }).count()
    };
    for _ in 0..2 {
        session.resume_deletions().unwrap();
        assert_eq!(deletes(), 1);
        assert_eq!(session.setting(SettingKey::Deletions, None).unwrap(), "");
    }
    for invalid in ["[1]", r#"[{"conversation":"x","id":"y"}]"#] {
        session.set_setting(SettingKey::Deletions, None, invalid).unwrap();
        session.resume_deletions().unwrap();
        assert_eq!(deletes(), 1);
    }
}
