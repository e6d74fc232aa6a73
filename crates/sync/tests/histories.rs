//! What the engine promises, as histories that a user could meet.

use parlour_protocol::{
    Bootstrap, ConversationId, ErrorBody, ErrorCode, Frame, Head, Heads, History, MembershipRow,
    MessageId, MessageRow, Millis, Newest, OpId, Page, PulledStream, Row, Seq, StreamId, UserId,
};
use parlour_sync::{
    Connection, Effect, Engine, Fetch, FetchKind, Input, Lane, LaneKind, Limits, Place, QueuedOp,
    Start, StartStream,
};
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
const ROOM: ConversationId = ConversationId(Uuid::from_u128(2));
const OTHER: ConversationId = ConversationId(Uuid::from_u128(3));
const FULL: Limits = Limits { is_full: true, messages: i64::MAX };
const STREAM: StreamId = StreamId::Conversation(ROOM);

fn op(number: u128) -> OpId {
    OpId(Uuid::from_u128(number))
}

fn queued(number: u128, conversation: ConversationId) -> QueuedOp {
    let lane = Lane { conversation, kind: LaneKind::Deeds };
    QueuedOp { id: op(number), lane, begins: false, refused: false }
}

fn error(code: ErrorCode) -> ErrorBody {
    ErrorBody { code, message: "no".into(), retry_after_ms: None }
}

fn at(cursor: i64, floor: i64) -> StartStream {
    StartStream {
        stream: STREAM,
        term: 1,
        cursor: Some(cursor),
        head: cursor,
        floor,
        newest: 0,
        active_at: 0,
    }
}

fn offline(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    Engine::new(Start {
        user_id: ME,
        epoch: "e".into(),
        wm: 7,
        streams,
        ops,
        limits: Limits::default(),
        seed: 42,
    })
}

fn hello() -> Input {
    Input::Frame(Frame::Hello { epoch: "e".into(), heartbeat_ms: 20_000 })
}

fn heads(heads: Vec<Head>) -> Input {
    Input::Heads(
        7,
        Ok(Heads { epoch: "e".into(), wm: 8, heads, newest: vec![], proof: String::new() }),
    )
}

/// Connected, with no news.
fn online(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    let mut engine = offline(streams, ops);
    engine.handle(Input::Started, 0);
    engine.handle(hello(), 0);
    engine.handle(heads(vec![]), 0);
    engine
}

fn page(from: i64, to: i64, head: i64) -> Page {
    Page { epoch: "e".into(), stream: STREAM, term: 1, from, to, head, rows: vec![] }
}

fn fetch(kind: FetchKind) -> Fetch {
    Fetch { stream: STREAM, term: 1, kind }
}

/// What was asked for.
fn asked(todo: &[Effect]) -> Vec<Fetch> {
    let asked = |effect: &Effect| match effect {
        Effect::Pull(fetches) => fetches.clone(),
        Effect::FetchHistory(fetch) => vec![*fetch],
        _ => vec![],
    };
    todo.iter().flat_map(asked).collect()
}

fn pulled(asked: Fetch, answer: PulledStream) -> Input {
    Input::Pulled(vec![asked], Ok(vec![answer]))
}

fn message(seq: i64) -> Row {
    let id = MessageId(Uuid::from_u128(1000 + seq as u128));
    let row = MessageRow::new(id, ME, "x", Millis(seq));
    Row::Message(MessageRow { seq: Seq(seq), changed_seq: seq, ..row })
}

fn without_wake(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| !matches!(effect, Effect::WakeAt(_))).collect()
}

fn woken_at(effects: &[Effect]) -> Option<i64> {
    effects.iter().find_map(|effect| if let Effect::WakeAt(at) = effect { Some(*at) } else { None })
}

#[test]
fn connecting_asks_for_the_heads_since_the_watermark() {
    let mut engine = offline(vec![at(3, 1)], vec![]);
    let connecting = [Effect::Connection(Connection::Connecting), Effect::Connect];
    assert_eq!(engine.handle(Input::Started, 0), connecting);
    let connected = [Effect::Connection(Connection::Online), Effect::FetchHeads { wm: 7 }];
    assert_eq!(without_wake(engine.handle(hello(), 0)), connected);
}

#[test]
fn a_moved_head_is_saved_and_its_changes_are_pulled_once() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let head = Head { stream: STREAM, term: 1, head: 5 };
    let answer =
        Heads { epoch: "e".into(), wm: 8, heads: vec![head], newest: vec![], proof: String::new() };
    let todo = without_wake(engine.handle(Input::Heads(7, Ok(answer.clone())), 1));
    let pull = fetch(FetchKind::Changes { since: 3 });
    assert_eq!(todo, [Effect::SaveHeads(answer), Effect::Pull(vec![pull])]);
    let hint = Input::Frame(Frame::Hint { heads: vec![Head { head: 6, ..head }] });
    assert_eq!(without_wake(engine.handle(hint, 2)), []);
    let todo = engine.handle(pulled(pull, PulledStream::Page(page(3, 5, 6))), 3);
    let again = Effect::Pull(vec![fetch(FetchKind::Changes { since: 5 })]);
    assert_eq!(without_wake(todo), [Effect::ApplyPage(page(3, 5, 6)), again]);
}

#[test]
fn a_frame_that_continues_is_applied_one_that_repeats_is_not_and_one_past_a_gap_is_pulled() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let mut push = |page: Page| without_wake(engine.handle(Input::Frame(Frame::Change(page)), 1));
    assert_eq!(push(page(3, 4, 4)), [Effect::ApplyPage(page(3, 4, 4))]);
    assert_eq!(push(page(3, 4, 4)), []);
    // An interval that holds no visible row still moves the cursor.
    assert_eq!(push(page(2, 6, 6)), [Effect::ApplyPage(page(2, 6, 6))]);
    assert_eq!(push(page(8, 9, 9)), [Effect::Pull(vec![fetch(FetchKind::Changes { since: 6 })])]);
}

#[test]
fn a_conversation_begins_with_its_newest_page_and_then_its_history_newest_first() {
    let mut engine = online(vec![], vec![]);
    let head = Head { stream: STREAM, term: 1, head: 100 };
    let todo = engine.handle(heads(vec![head]), 1);
    let begin = fetch(FetchKind::Bootstrap);
    assert!(todo.contains(&Effect::Pull(vec![begin])));
    let rows = vec![message(99), message(100)];
    let epoch = String::from("e");
    let newest = Bootstrap {
        epoch: epoch.clone(),
        stream: STREAM,
        term: 1,
        head: 100,
        last_seq: 100,
        rows,
        members_to: None,
    };
    let todo = engine.handle(pulled(begin, PulledStream::Bootstrap(newest.clone())), 2);
    let older = fetch(FetchKind::History { before: 99 });
    assert_eq!(without_wake(todo), [Effect::ApplyBootstrap(newest), Effect::FetchHistory(older)]);
    let rows = (1..99).rev().map(message).collect();
    let history = History { epoch, stream: STREAM, term: 1, before: 99, rows };
    let todo = engine.handle(Input::History(older, Ok(history.clone())), 3);
    assert_eq!(without_wake(todo), [Effect::ApplyHistory(history)]);
}

#[test]
fn history_waits_while_anything_new_is_on_its_way() {
    let behind =
        StartStream { stream: StreamId::Conversation(OTHER), head: 9, floor: 1, ..at(4, 1) };
    let mut engine = offline(vec![at(3, 50), behind], vec![]);
    engine.handle(Input::Started, 0);
    let todo = engine.handle(hello(), 0);
    let kinds: Vec<FetchKind> = asked(&todo).iter().map(|fetch| fetch.kind).collect();
    assert_eq!(kinds, [FetchKind::Changes { since: 4 }]);
}

#[test]
fn a_send_lost_with_the_connection_is_sent_again_with_the_same_id() {
    let mut engine = online(vec![], vec![]);
    let todo = engine.handle(Input::Queued(queued(9, ROOM)), 1);
    assert!(todo.contains(&Effect::Send(op(9))));
    engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 2);
    engine.handle(Input::Sent(op(9), Err(error(ErrorCode::Offline))), 2);
    assert!(engine.handle(hello(), 3).contains(&Effect::Send(op(9))));
}

#[test]
fn ops_of_one_conversation_go_one_by_one_and_those_of_others_beside_them() {
    let ops = vec![queued(1, ROOM), queued(2, ROOM), queued(3, OTHER)];
    let mut engine = offline(vec![], ops);
    engine.handle(Input::Started, 0);
    let todo = engine.handle(hello(), 0);
    let sends = |todo: &[Effect]| -> Vec<Effect> {
        todo.iter().filter(|effect| matches!(effect, Effect::Send(_))).cloned().collect()
    };
    assert_eq!(sends(&todo), [Effect::Send(op(1)), Effect::Send(op(3))]);
    let todo = engine.handle(Input::Sent(op(1), Ok(())), 1);
    assert_eq!(sends(&todo), [Effect::Send(op(2))]);
}

#[test]
fn a_refused_op_stops_its_conversation_until_it_is_dealt_with() {
    let mut engine = online(vec![], vec![queued(1, ROOM), queued(2, ROOM)]);
    let refusal = error(ErrorCode::TooLarge);
    let todo = engine.handle(Input::Sent(op(1), Err(refusal.clone())), 1);
    assert_eq!(without_wake(todo), [Effect::Refuse(op(1), refusal)]);
    let todo = engine.handle(Input::Hurry, 2);
    assert!(!todo.iter().any(|effect| matches!(effect, Effect::Send(_))), "{todo:?}");
    let lane = queued(2, ROOM).lane;
    let discarded = Input::Reloaded(lane, vec![queued(2, ROOM)]);
    assert_eq!(without_wake(engine.handle(discarded, 3)), [Effect::Send(op(2))]);
}

#[test]
fn a_proxys_error_page_is_no_refusal() {
    let mut engine = online(vec![], vec![queued(1, ROOM)]);
    // The driver gives an answer without the server's envelope this code.
    let todo = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Offline))), 1);
    assert!(!todo.iter().any(|effect| matches!(effect, Effect::Refuse(..))));
    let due = woken_at(&todo).unwrap();
    assert!(engine.handle(Input::Woke, due).contains(&Effect::Send(op(1))));
}

#[test]
fn tries_grow_apart_to_a_minute_and_the_servers_wish_counts() {
    let mut engine = online(vec![], vec![queued(1, ROOM)]);
    let mut now = 1;
    for failures in 0..40 {
        let todo = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Retry))), now);
        let wait = woken_at(&todo).map_or(0, |at| at - now);
        assert!(wait <= 60_000.min(1000 << failures.min(20)), "{failures}: {wait}");
        now += wait.max(1);
        while !engine.handle(Input::Woke, now).contains(&Effect::Send(op(1))) {
            now += 1000;
        }
    }
    let busy = ErrorBody { retry_after_ms: Some(120_000), ..error(ErrorCode::Rate) };
    engine.handle(Input::Sent(op(1), Err(busy)), now);
    assert!(!engine.handle(Input::Woke, now + 119_000).contains(&Effect::Send(op(1))));
    assert!(engine.handle(Input::Woke, now + 120_000).contains(&Effect::Send(op(1))));
}

#[test]
fn a_restored_server_begins_a_new_epoch() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let restored = Frame::Hello { epoch: "f".into(), heartbeat_ms: 20_000 };
    let todo = engine.handle(Input::Frame(restored), 1);
    assert_eq!(todo, [Effect::BeginEpoch("f".into())]);
}

#[test]
fn a_frame_of_another_epoch_is_not_applied() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let stray = Page { epoch: "f".into(), ..page(3, 4, 4) };
    let todo = without_wake(engine.handle(Input::Frame(Frame::Change(stray)), 1));
    assert_eq!(todo, [Effect::FetchHeads { wm: 8 }]);
}

#[test]
fn joining_again_begins_the_conversation_anew() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 9 }]), 1);
    assert!(todo.contains(&Effect::ResetStream(STREAM)));
    let begin = Fetch { term: 2, ..fetch(FetchKind::Bootstrap) };
    assert!(todo.contains(&Effect::Pull(vec![begin])));
}

#[test]
fn who_left_follows_no_more() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let joined = MembershipRow::new(ROOM, Millis(0));
    let left = MembershipRow { left_at: Some(Millis(1)), changed_seq: 1, ..joined };
    let stream = StreamId::Account(ME);
    let rows = vec![Row::Membership(left)];
    let news = Page { epoch: "e".into(), stream, term: 0, from: 0, to: 1, head: 1, rows };
    let todo = engine.handle(Input::Frame(Frame::Change(news)), 1);
    assert!(todo.contains(&Effect::DropStream(STREAM)));
}

#[test]
fn a_cursor_that_the_server_does_not_know_resets_its_stream_and_is_counted() {
    let head = Head { stream: STREAM, term: 1, head: 5 };
    let mut engine = online(vec![at(3, 1)], vec![]);
    engine.handle(heads(vec![head]), 1);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let todo = engine.handle(pulled(pull, PulledStream::Error(error(ErrorCode::CursorAhead))), 2);
    assert!(todo.contains(&Effect::ResetStream(STREAM)));
    assert_eq!(engine.resets(), 1);
}

#[test]
fn an_ended_session_asks_for_the_password_and_tries_nothing_meanwhile() {
    let mut engine = online(vec![], vec![]);
    let todo = engine.handle(Input::Disconnected(error(ErrorCode::Token)), 1);
    assert_eq!(todo, [Effect::Connection(Connection::SignedOut)]);
    assert_eq!(engine.handle(Input::Hurry, 1_000_000), []);
    assert_eq!(engine.handle(Input::Queued(queued(1, ROOM)), 1_000_000), []);
}

#[test]
fn a_session_that_somebody_ended_closes_the_account_and_says_whether_its_mirror_goes() {
    for (code, wipe) in [(ErrorCode::Revoked, false), (ErrorCode::Wipe, true)] {
        let mut engine = online(vec![at(3, 1)], vec![queued(1, ROOM)]);
        let todo = engine.handle(Input::Heads(7, Err(error(code))), 1);
        assert_eq!(todo, [Effect::Connection(Connection::Revoked { wipe })]);
        // What comes after it changes nothing.
        assert_eq!(engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 2), []);
        assert_eq!(engine.handle(Input::Hurry, 1_000_000), []);
    }
}

#[test]
fn a_fetch_that_is_never_answered_is_made_again() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = Effect::Pull(vec![fetch(FetchKind::Changes { since: 3 })]);
    assert!(todo.contains(&pull));
    assert!(!engine.handle(Input::Woke, 30_000).contains(&pull));
    assert!(engine.handle(Input::Woke, 70_000).contains(&pull));
}

#[test]
fn nothing_is_asked_while_nothing_happens_but_the_heads_now_and_then() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    assert_eq!(without_wake(engine.handle(Input::Woke, 30_000)), []);
    let beat = Input::Frame(Frame::Heartbeat { wm: 8 });
    assert_eq!(without_wake(engine.handle(beat, 31_000)), []);
    // A watermark that moved without a frame: a push was lost.
    let beat = Input::Frame(Frame::Heartbeat { wm: 9 });
    assert_eq!(without_wake(engine.handle(beat, 32_000)), [Effect::FetchHeads { wm: 8 }]);
}

#[test]
fn heads_that_are_never_answered_are_asked_for_again() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let beat = Input::Frame(Frame::Heartbeat { wm: 9 });
    assert_eq!(without_wake(engine.handle(beat, 1)), [Effect::FetchHeads { wm: 8 }]);
    assert_eq!(without_wake(engine.handle(Input::Woke, 30_000)), []);
    let todo = engine.handle(Input::Woke, 61_000);
    assert!(todo.contains(&Effect::FetchHeads { wm: 8 }), "{todo:?}");
    assert!(todo.iter().all(|effect| !matches!(effect, Effect::WakeAt(at) if *at <= 61_000)));
}

#[test]
fn a_conversation_that_a_push_made_known_is_fetched_once() {
    let mut engine = online(vec![], vec![]);
    let pushed = Page { term: 0, ..page(0, 1, 1) };
    let todo = engine.handle(Input::Frame(Frame::Change(pushed)), 1);
    assert_eq!(asked(&todo).len(), 1);
    // Then its term is told.
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 1 }]), 2);
    assert!(!todo.contains(&Effect::ResetStream(STREAM)), "{todo:?}");
}

#[test]
fn an_op_of_before_a_restore_asks_for_the_heads_and_waits() {
    let mut engine = online(vec![at(3, 1)], vec![queued(1, ROOM)]);
    let todo = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Epoch))), 1);
    assert!(todo.contains(&Effect::FetchHeads { wm: 8 }), "{todo:?}");
    assert!(!todo.iter().any(|effect| matches!(effect, Effect::Refuse(..) | Effect::Send(_))));
}

#[test]
fn a_head_that_the_server_does_not_have_is_not_pulled_for_ever() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let hint = Frame::Hint { heads: vec![Head { stream: STREAM, term: 0, head: 9 }] };
    let asked = fetch(FetchKind::Changes { since: 3 });
    assert!(engine.handle(Input::Frame(hint), 1).contains(&Effect::Pull(vec![asked])));
    let todo = engine.handle(pulled(asked, PulledStream::Page(page(3, 3, 3))), 2);
    assert_eq!(without_wake(todo), [Effect::FetchHeads { wm: 0 }]);
}

#[test]
fn an_answer_to_an_older_question_says_nothing_about_what_is_new() {
    let mut engine = online(vec![at(14, 1)], vec![]);
    let hint = Frame::Hint { heads: vec![Head { stream: STREAM, term: 0, head: 17 }] };
    let asked = fetch(FetchKind::Changes { since: 14 });
    engine.handle(Input::Frame(hint), 1);
    // The line stood still: what was asked for before comes now.
    let old = fetch(FetchKind::Changes { since: 8 });
    let todo = engine.handle(pulled(old, PulledStream::Page(page(8, 12, 12))), 2);
    assert_eq!(without_wake(todo), [Effect::Pull(vec![asked])]);
    let todo = engine.handle(pulled(asked, PulledStream::Page(page(14, 17, 17))), 3);
    assert!(todo.contains(&Effect::ApplyPage(page(14, 17, 17))));
}

#[test]
fn what_many_conversations_lack_is_asked_for_in_few_requests() {
    let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(100 + n)));
    let streams = (0..500).map(|n| StartStream { stream: stream(n), head: 9, ..at(4, 1) });
    let mut engine = offline(streams.collect(), vec![]);
    engine.handle(Input::Started, 0);
    let pulls = |todo: Vec<Effect>| -> Vec<Vec<Fetch>> {
        let pull = |effect| if let Effect::Pull(asked) = effect { Some(asked) } else { None };
        todo.into_iter().filter_map(pull).collect()
    };
    let first = pulls(engine.handle(hello(), 0));
    assert_eq!(first.iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 64]);
    // What the user looks at does not wait for them.
    let seen = ConversationId(Uuid::from_u128(599));
    let urgent = pulls(engine.handle(Input::Watching(Some(seen)), 1));
    assert_eq!(urgent.len(), 1);
    assert_eq!(urgent[0].iter().map(|fetch| fetch.stream).collect::<Vec<_>>(), [stream(499)]);
    // An answer that was full before the end: what it left out is asked for again.
    let answers = first[0]
        .iter()
        .take(2)
        .map(|fetch| PulledStream::Page(Page { stream: fetch.stream, ..page(4, 9, 9) }));
    let todo = engine.handle(Input::Pulled(first[0].clone(), Ok(answers.collect())), 2);
    let applied = todo.iter().filter(|effect| matches!(effect, Effect::ApplyPage(_))).count();
    let again = pulls(todo);
    assert_eq!((applied, again.len(), again[0].len()), (2, 1, 64));
    assert!(again[0].contains(&first[0][2]));
}

#[test]
fn an_answer_to_something_else_is_no_answer() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = asked(&todo)[0];
    let other = Page { stream: StreamId::Conversation(OTHER), ..page(3, 5, 5) };
    let todo = engine.handle(pulled(pull, PulledStream::Page(other)), 2);
    assert!(asked(&todo).is_empty() && woken_at(&todo).is_some(), "{todo:?}");
    let todo = engine.handle(Input::Woke, woken_at(&todo).unwrap());
    assert_eq!(asked(&todo), [pull]);
    let todo = engine.handle(Input::Pulled(vec![pull], Ok(vec![])), 5_000);
    assert!(asked(&todo).is_empty(), "an empty answer is not asked for again at once: {todo:?}");
}

#[test]
fn where_something_was_said_last_is_fetched_first() {
    let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(100 + n)));
    let streams = (0..100).map(|n| StartStream { stream: stream(n), ..at(4, 1) });
    let mut engine = online(streams.collect(), vec![]);
    let heads = (0..100).map(|n| Head { stream: stream(n), term: 1, head: 5 }).collect();
    let newest = Newest {
        conversation_id: ConversationId(Uuid::from_u128(199)),
        seq: Seq(5),
        sent_at: Millis(1_000),
    };
    let answer =
        Heads { epoch: "e".into(), wm: 8, heads, newest: vec![newest], proof: String::new() };
    let todo = engine.handle(Input::Heads(7, Ok(answer)), 1);
    assert_eq!(asked(&todo)[0].stream, stream(99));
}

/// What is to be compared.
fn verifies(todo: &[Effect]) -> Vec<Place> {
    let verify =
        |effect: &Effect| if let Effect::Verify(place) = effect { Some(*place) } else { None };
    todo.iter().filter_map(verify).collect()
}

const DIRECTORY: Place = Place::State(StreamId::Directory);

/// Answers what is to be compared, until messages are.
fn to_messages(engine: &mut Engine, mut todo: Vec<Effect>, now: i64) -> Vec<Place> {
    let mut passed = Vec::new();
    while let [place @ Place::State(_)] = verifies(&todo)[..] {
        passed.push(place);
        todo = engine.handle(Input::Verified(place, Ok(None)), now);
    }
    passed.extend(verifies(&todo));
    passed
}

#[test]
fn the_mirror_is_compared_a_part_at_a_time_while_there_is_nothing_else_to_do() {
    let other = StartStream { stream: StreamId::Conversation(OTHER), ..at(3, 1) };
    let mut engine = online(vec![at(3, 1), other], vec![]);
    assert_eq!(verifies(&engine.handle(Input::Woke, 59_000)), []);
    // Something to send goes first.
    let busy = engine.handle(Input::Queued(queued(1, ROOM)), 60_000);
    assert_eq!(verifies(&busy), []);
    let todo = engine.handle(Input::Sent(op(1), Ok(())), 60_001);
    let account = Place::State(StreamId::Account(ME));
    let newest = |id| [Place::State(StreamId::Conversation(id)), Place::Messages(id, None)];
    let first = [&[DIRECTORY, account][..], &newest(ROOM)].concat();
    assert_eq!(to_messages(&mut engine, todo, 60_002), first);
    let read = |low| Input::Verified(Place::Messages(ROOM, None), Ok(Some(low)));
    assert_eq!(verifies(&engine.handle(read(2_001), 60_100)), []);
    let older = Place::Messages(ROOM, Some(2_001));
    assert_eq!(verifies(&engine.handle(Input::Woke, 62_100)), [older]);
    engine.handle(Input::Verified(older, Ok(Some(1))), 62_200);
    let todo = engine.handle(Input::Woke, 64_200);
    assert_eq!(to_messages(&mut engine, todo, 64_201), newest(OTHER));
    // The server does not answer: the same again, a minute later.
    let place = Place::Messages(OTHER, None);
    engine.handle(Input::Verified(place, Err(error(ErrorCode::Offline))), 64_300);
    assert_eq!(verifies(&engine.handle(Input::Woke, 120_000)), []);
    assert_eq!(verifies(&engine.handle(Input::Woke, 124_300)), [place]);
    engine.handle(Input::Verified(place, Ok(None)), 124_400);
    // That was everything: tomorrow again.
    engine.handle(
        Input::Heads(
            7,
            Ok(Heads {
                epoch: "e".into(),
                wm: 8,
                heads: vec![],
                newest: vec![],
                proof: String::new(),
            }),
        ),
        124_500,
    );
    let later = engine.handle(Input::Woke, 20 * 3600 * 1000);
    assert_eq!(verifies(&later), []);
    let tomorrow = engine.handle(Input::Woke, 25 * 3600 * 1000);
    assert_eq!(verifies(&tomorrow), [DIRECTORY]);
}

#[test]
fn asked_to_it_compares_everything_at_once() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let todo = engine.handle(Input::VerifyAll, 1);
    let newest = Place::Messages(ROOM, None);
    assert_eq!(to_messages(&mut engine, todo, 2).last(), Some(&newest));
    let todo = engine.handle(Input::Verified(newest, Ok(Some(500))), 3);
    let older = Place::Messages(ROOM, Some(500));
    assert_eq!(verifies(&todo), [older]);
    // Something was said meanwhile: whoever waits for it does not wait a minute.
    engine.handle(Input::Verified(older, Err(error(ErrorCode::Retry))), 4);
    assert_eq!(verifies(&engine.handle(Input::Woke, 2_004)), [older]);
}

#[test]
fn a_mirror_that_is_full_fetches_older_history_only_where_one_scrolls_to_it() {
    let mut engine = online(vec![at(3, 2_000)], vec![]);
    engine.handle(Input::Limits(FULL), 1);
    let on_its_way = fetch(FetchKind::History { before: 2_000 });
    let history = |before: i64, low: i64| History {
        epoch: "e".into(),
        stream: STREAM,
        term: 1,
        before,
        rows: (low..before).rev().map(message).collect(),
    };
    // What is on its way still comes, and nothing after it.
    let todo = engine.handle(Input::History(on_its_way, Ok(history(2_000, 1_990))), 2);
    assert_eq!(asked(&todo), []);
    let older = engine.handle(Input::Older(ROOM), 3);
    let page = fetch(FetchKind::History { before: 1_990 });
    assert_eq!(asked(&older), [page]);
    let todo = engine.handle(Input::History(page, Ok(history(1_990, 1_980))), 4);
    assert_eq!(asked(&todo), [], "one page");
    // The user allows more.
    let todo = engine.handle(Input::Limits(Limits::default()), 5);
    assert_eq!(asked(&todo), [fetch(FetchKind::History { before: 1_980 })]);
}

#[test]
fn what_one_does_for_oneself_waits_for_the_conversation_to_begin_and_stops_for_nothing_else() {
    let own = |number| QueuedOp {
        lane: Lane { conversation: ROOM, kind: LaneKind::Own },
        ..queued(number, ROOM)
    };
    let begins = QueuedOp { begins: true, ..queued(1, ROOM) };
    let mut engine = online(vec![], vec![begins, own(2), own(3)]);
    let sent = |todo: &[Effect]| {
        let sent = |effect: &Effect| if let Effect::Send(id) = effect { Some(*id) } else { None };
        todo.iter().filter_map(sent).collect::<Vec<_>>()
    };
    let todo = engine.handle(Input::Woke, 1);
    assert_eq!(sent(&todo), [], "the one that begins it is on its way");
    let todo = engine.handle(Input::Sent(op(1), Ok(())), 2);
    assert_eq!(sent(&todo), [op(2)]);
    let todo = engine.handle(Input::Sent(op(2), Err(error(ErrorCode::Invalid))), 3);
    assert_eq!(sent(&todo), [op(3)], "a refusal stops nothing here");
}

#[test]
fn of_one_conversation_no_more_is_fetched_by_itself_than_its_limit() {
    let begun = StartStream { newest: 500, ..at(9, 401) };
    let mut engine = online(vec![begun], vec![]);
    let asks = |todo: &[Effect]| todo.iter().any(|e| matches!(e, Effect::FetchHistory(_)));
    // It was asked for on connecting; that answer does not count.
    engine.handle(
        Input::History(fetch(FetchKind::History { before: 401 }), Err(error(ErrorCode::Retry))),
        1,
    );
    engine.handle(Input::Limits(Limits { is_full: false, messages: 100 }), 1);
    assert!(!asks(&engine.handle(Input::Woke, 100_000)), "a hundred are here");
    assert!(asks(&engine.handle(Input::Older(ROOM), 100_001)), "the user scrolled there");
    engine.handle(
        Input::History(fetch(FetchKind::History { before: 401 }), Err(error(ErrorCode::Retry))),
        100_002,
    );
    engine.handle(Input::Limits(Limits { is_full: false, messages: 101 }), 100_003);
    assert!(asks(&engine.handle(Input::Woke, 200_000)), "there is room for one more");
}

#[test]
fn a_fetch_that_is_never_answered_is_made_again_and_counted() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let moved = heads(vec![Head { stream: STREAM, term: 1, head: 4 }]);
    let pulls = |todo: &[Effect]| todo.iter().any(|e| matches!(e, Effect::Pull(_)));
    assert!(pulls(&engine.handle(moved, 1)));
    assert!(!pulls(&engine.handle(Input::Woke, 59_000)));
    assert_eq!(engine.resets(), 0);
    assert!(pulls(&engine.handle(Input::Woke, 61_000)));
    assert_eq!(engine.resets(), 1);
}

#[test]
fn that_one_was_no_member_when_it_was_asked_says_nothing_once_one_is() {
    let mut engine = online(vec![], vec![]);
    engine.handle(heads(vec![Head { stream: STREAM, term: 0, head: 1 }]), 1);
    let asked = Fetch { stream: STREAM, term: 0, kind: FetchKind::Bootstrap };
    // The account tells that one has joined, before the answer of another time comes.
    engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 2 }]), 2);
    let not_a_member = PulledStream::Error(error(ErrorCode::NotMember));
    let todo = engine.handle(Input::Pulled(vec![asked], Ok(vec![not_a_member])), 3);
    assert!(!todo.contains(&Effect::DropStream(STREAM)), "{todo:?}");
    let todo = engine.handle(Input::Woke, 100_000);
    assert!(todo.iter().any(|effect| matches!(effect, Effect::Pull(_))), "{todo:?}");
}

#[test]
fn what_was_asked_before_everything_began_anew_says_nothing_of_what_moved_since_then() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    // The newest heads are asked for since 7; meanwhile one joins the conversation again.
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 4 }]), 1);
    assert!(todo.contains(&Effect::FetchHeads { wm: 0 }), "{todo:?}");
    let late =
        Heads { epoch: "e".into(), wm: 20, heads: vec![], newest: vec![], proof: String::new() };
    let todo = engine.handle(Input::Heads(8, Ok(late)), 2);
    assert!(todo.contains(&Effect::FetchHeads { wm: 0 }), "{todo:?}");
}

#[test]
fn an_answer_that_gets_nowhere_is_asked_for_again_at_leisure_is_told_and_ends_in_a_new_beginning() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let (mut now, mut waited, mut stuck) = (1, 0, 0);
    for tries in 1..=8 {
        let todo = engine.handle(pulled(pull, PulledStream::Page(page(3, 3, 5))), now);
        assert_eq!(engine.standstills(), tries);
        if engine.resets() > 0 {
            assert!(todo.contains(&Effect::ResetStream(STREAM)));
            break;
        }
        stuck = stuck.max(engine.stuck());
        let due = woken_at(&todo).unwrap_or(now).max(now + 1);
        (waited, now) = (waited + due - now, due);
        while !engine.handle(Input::Woke, now).contains(&Effect::Pull(vec![pull])) {
            now += 100;
        }
    }
    assert!(waited > 10_000, "{waited} ms for eight tries");
    assert_eq!((engine.resets(), stuck), (1, 1));
}

#[test]
fn an_answer_too_large_is_asked_for_in_smaller_ones_and_later_in_larger_ones_again() {
    use parlour_protocol::limits;
    let mut engine = online(vec![at(3, 1)], vec![]);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let too_large = || Input::Pulled(vec![pull], Err(error(ErrorCode::AnswerTooLarge)));
    engine.handle(too_large(), 1);
    assert_eq!(engine.answer_bytes(), limits::PAGE_BYTES / 2);
    for now in 2..30 {
        engine.handle(too_large(), now);
    }
    assert_eq!(engine.answer_bytes(), limits::PAGE_BYTES_LEAST);
    assert_eq!(engine.stuck(), 1);
    for since in 3..203 {
        let pull = fetch(FetchKind::Changes { since });
        engine.handle(pulled(pull, PulledStream::Page(page(since, since + 1, 203))), 100 + since);
    }
    assert_eq!((engine.answer_bytes(), engine.stuck()), (limits::PAGE_BYTES, 0));
}

#[test]
fn history_with_a_hole_or_beside_the_question_is_not_asked_for_in_a_loop() {
    let mut engine = online(vec![at(3, 50)], vec![]);
    let older = fetch(FetchKind::History { before: 50 });
    let (epoch, stream) = (String::from("e"), STREAM);
    for rows in [vec![message(49), message(47)], vec![message(50)], vec![message(60)]] {
        let history = History { epoch: epoch.clone(), stream, term: 1, before: 50, rows };
        let todo = engine.handle(Input::History(older, Ok(history)), 3);
        assert_eq!(asked(&todo), []);
        assert!(!todo.iter().any(|effect| matches!(effect, Effect::ApplyHistory(_))));
    }
}

#[test]
fn a_head_below_the_cursor_is_looked_into_and_a_server_that_lost_it_is_begun_anew() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let todo = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 2 }]), 1);
    let asked = fetch(FetchKind::Changes { since: 3 });
    assert!(todo.contains(&Effect::Pull(vec![asked])), "{todo:?}");
    let ahead = vec![PulledStream::Error(error(ErrorCode::CursorAhead))];
    let todo = engine.handle(Input::Pulled(vec![asked], Ok(ahead)), 2);
    assert!(todo.contains(&Effect::ResetStream(STREAM)), "{todo:?}");
    assert!(todo.contains(&Effect::FetchHeads { wm: 0 }), "what was proved goes with it: {todo:?}");
}

#[test]
fn a_heartbeat_that_went_back_has_the_heads_asked_for() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let beat = Input::Frame(Frame::Heartbeat { wm: 6 });
    assert_eq!(without_wake(engine.handle(beat, 1)), [Effect::FetchHeads { wm: 8 }]);
}

/// Connected a while ago.
fn connected() -> Engine {
    online(vec![at(3, 1)], vec![])
}

fn connecting() -> Effect {
    Effect::Connection(Connection::Connecting)
}

#[test]
fn what_is_doubted_answers_or_is_given_up_within_three_seconds() {
    let mut engine = connected();
    let todo = engine.handle(Input::Hurry, 1_000);
    assert_eq!(without_wake(todo.clone()), [connecting(), Effect::Ping(1)]);
    assert_eq!(woken_at(&todo), Some(4_000));
    // It is asked once, and not longer because somebody is impatient.
    assert_eq!(without_wake(engine.handle(Input::Hurry, 2_500)), []);
    // A frame may have waited here since before the machine slept.
    let beat = Input::Frame(Frame::Heartbeat { wm: 8 });
    assert_eq!(without_wake(engine.handle(beat, 2_600)), []);
    let todo = without_wake(engine.handle(Input::Woke, 4_000));
    assert_eq!(todo, [Effect::ConnectAnew]);
    assert_eq!(engine.connection(), Connection::Connecting);
    // The old one's answer says nothing about the new one.
    assert_eq!(without_wake(engine.handle(Input::Pong(1), 4_100)), []);
    let todo = without_wake(engine.handle(hello(), 4_200));
    let again = [Effect::Connection(Connection::Online), Effect::FetchHeads { wm: 8 }];
    assert_eq!(todo, again);
}

#[test]
fn what_is_alive_stays_and_says_so() {
    let mut engine = connected();
    engine.handle(Input::Hurry, 1_000);
    let todo = without_wake(engine.handle(Input::Pong(1), 1_050));
    assert_eq!(todo, [Effect::Connection(Connection::Online)]);
    assert!(!engine.handle(Input::Woke, 4_000).contains(&Effect::ConnectAnew));
    // The next doubt is another question.
    assert_eq!(without_wake(engine.handle(Input::Hurry, 9_000)), [connecting(), Effect::Ping(2)]);
    assert_eq!(without_wake(engine.handle(Input::Pong(1), 9_001)), []);
}

#[test]
fn what_is_done_while_it_is_doubted_goes_out_at_once() {
    let mut engine = connected();
    engine.handle(Input::Hurry, 1_000);
    let todo = engine.handle(Input::Queued(queued(1, ROOM)), 1_001);
    assert!(todo.contains(&Effect::Send(op(1))));
    // It went the dead way: given up with it, it is sent again over the new one.
    engine.handle(Input::Woke, 4_000);
    engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Offline))), 4_000);
    assert!(engine.handle(hello(), 4_100).contains(&Effect::Send(op(1))));
}

#[test]
fn an_attempt_from_before_the_machine_slept_is_made_again_after_three_seconds() {
    let mut engine = offline(vec![], vec![]);
    engine.handle(Input::Started, 0);
    assert_eq!(without_wake(engine.handle(Input::Hurry, 1_000)), []);
    assert_eq!(without_wake(engine.handle(Input::Woke, 4_000)), [Effect::ConnectAnew]);
}

#[test]
fn an_answer_behind_what_took_long_to_handle_is_an_answer() {
    let mut engine = connected();
    let todo = engine.handle(Input::Hurry, 1_000);
    assert!(todo.contains(&Effect::Ping(1)), "{todo:?}");
    // What came before it took four seconds to store.
    for (input, now) in [
        (Input::Frame(Frame::Heartbeat { wm: 7 }), 5_000),
        (Input::Queued(queued(1, ROOM)), 7_900),
        (Input::Woke, 7_999),
    ] {
        let todo = engine.handle(input, now);
        assert!(!todo.contains(&Effect::ConnectAnew), "{now}: {todo:?}");
    }
    assert_eq!(engine.connection(), Connection::Connecting);
    engine.handle(Input::Pong(1), 8_500);
    assert_eq!(engine.connection(), Connection::Online);
    // Without one it is given up once nothing else is to be handled.
    engine.handle(Input::Hurry, 10_000);
    assert!(!engine.handle(Input::Queued(queued(2, ROOM)), 14_000).contains(&Effect::ConnectAnew));
    assert!(engine.handle(Input::Woke, 14_001).contains(&Effect::ConnectAnew));
}

#[test]
fn who_is_offline_and_hurries_connects_at_once() {
    let mut engine = connected();
    for now in (10_000..200_000).step_by(10_000) {
        engine.handle(Input::Disconnected(error(ErrorCode::Offline)), now);
        engine.handle(Input::Disconnected(error(ErrorCode::Offline)), now);
    }
    assert_eq!(engine.connection(), Connection::Offline);
    assert_eq!(without_wake(engine.handle(Input::Hurry, 200_001)), [connecting(), Effect::Connect]);
}

/// As an engine is whose requests are answered, and whose socket nothing lets pass.
fn polling(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    let mut engine = offline(streams, ops);
    engine.handle(Input::Started, 0);
    let barred = Input::Disconnected(error(ErrorCode::NoUpgrade));
    assert_eq!(without_wake(engine.handle(barred, 0)), [Effect::FetchHeads { wm: 7 }]);
    assert_eq!(engine.connection(), Connection::Connecting);
    let todo = engine.handle(heads(vec![]), 0);
    assert!(todo.contains(&Effect::Connection(Connection::Polling)), "{todo:?}");
    engine
}

#[test]
fn where_no_socket_passes_changes_are_asked_for_and_ops_go_out() {
    let mut engine = polling(vec![at(3, 1)], vec![queued(1, ROOM)]);
    engine.handle(Input::Sent(op(1), Ok(())), 1);
    assert_eq!(woken_at(&engine.handle(Input::Woke, 2)).map(|at| at <= 5_000), Some(true));
    let asks = |todo: &[Effect]| todo.contains(&Effect::FetchHeads { wm: 8 });
    assert!(asks(&engine.handle(Input::Woke, 5_000)));
    // An answer that does not come is not asked for at the speed of the timer.
    assert!(!asks(&engine.handle(Input::Woke, 12_000)));
    let moved = Head { stream: STREAM, term: 1, head: 5 };
    let todo = engine.handle(heads(vec![moved]), 12_001);
    assert!(todo.contains(&Effect::Pull(vec![fetch(FetchKind::Changes { since: 3 })])));
    let todo = engine.handle(Input::Queued(queued(2, ROOM)), 12_002);
    assert!(todo.contains(&Effect::Send(op(2))));
}

#[test]
fn nothing_wakes_without_something_to_do_while_changes_are_asked_for() {
    let mut engine = polling(vec![at(3, 1)], vec![]);
    let (mut now, mut woken) = (0, 0);
    while now < 600_000 {
        let todo = engine.handle(Input::Woke, now);
        let at = woken_at(&todo).expect("there is always a next time");
        assert!(at > now, "{todo:?}");
        if todo.contains(&Effect::Connect) {
            engine.handle(Input::Disconnected(error(ErrorCode::NoUpgrade)), now);
        }
        engine.handle(heads(vec![]), now);
        (now, woken) = (at, woken + 1);
    }
    assert!(woken < 400, "{woken}");
}

#[test]
fn the_socket_is_tried_again_and_nobody_hears_of_it_until_it_stands() {
    let mut engine = polling(vec![at(3, 1)], vec![]);
    let todo = engine.handle(Input::Woke, 70_000);
    assert!(todo.contains(&Effect::Connect), "{todo:?}");
    assert_eq!(engine.connection(), Connection::Polling);
    let todo = engine.handle(hello(), 70_100);
    assert!(todo.contains(&Effect::Connection(Connection::Online)));
    engine.handle(heads(vec![]), 70_200);
    assert!(!engine.handle(Input::Woke, 80_000).contains(&Effect::FetchHeads { wm: 8 }));
}

#[test]
fn without_an_answer_there_is_no_connection_whatever_the_socket_says() {
    for code in [ErrorCode::Offline, ErrorCode::NotAServer, ErrorCode::Moved] {
        // Neither does pass: the network's sign-in page, or a server that is down behind its proxy.
        let mut engine = offline(vec![], vec![]);
        engine.handle(Input::Started, 0);
        engine.handle(Input::Disconnected(error(ErrorCode::NoUpgrade)), 0);
        let todo = engine.handle(Input::Heads(7, Err(error(code))), 1);
        assert!(todo.contains(&Effect::Connection(Connection::Offline)), "{todo:?}");
        let again = woken_at(&todo).expect("it is tried again");
        assert!(engine.handle(Input::Woke, again).contains(&Effect::Connect));
        // They did pass, and do not any more.
        let mut engine = polling(vec![], vec![]);
        engine.handle(Input::Woke, 5_000);
        let todo = engine.handle(Input::Heads(8, Err(error(code))), 5_001);
        let is_told = |todo: &[Effect]| {
            todo.contains(&Effect::Connection(Connection::Offline)) || todo.contains(&connecting())
        };
        assert!(is_told(&todo), "{todo:?}");
    }
}

#[test]
fn a_server_that_has_too_much_to_do_is_still_connected() {
    let mut engine = polling(vec![], vec![]);
    engine.handle(Input::Woke, 5_000);
    let busy = ErrorBody { retry_after_ms: Some(30_000), ..error(ErrorCode::Rate) };
    engine.handle(Input::Heads(8, Err(busy)), 5_001);
    assert_eq!(engine.connection(), Connection::Polling);
    assert!(!engine.handle(Input::Woke, 20_000).contains(&Effect::FetchHeads { wm: 8 }));
    assert!(engine.handle(Input::Woke, 36_000).contains(&Effect::FetchHeads { wm: 8 }));
}

#[test]
fn who_hurries_without_a_socket_hears_within_three_seconds_whether_requests_are_answered() {
    let mut engine = polling(vec![], vec![]);
    let todo = engine.handle(Input::Hurry, 1_000);
    assert!(todo.contains(&Effect::Connect) && todo.contains(&Effect::FetchHeads { wm: 8 }));
    assert!(todo.contains(&connecting()), "{todo:?}");
    let todo = engine.handle(heads(vec![]), 1_100);
    assert!(todo.contains(&Effect::Connection(Connection::Polling)), "{todo:?}");
    engine.handle(Input::Hurry, 9_000);
    assert!(engine.handle(Input::Woke, 12_000).contains(&Effect::ConnectAnew));
}

#[test]
fn a_new_epoch_is_as_connected_as_the_one_before() {
    let restored = || {
        let (epoch, heads, newest, proof) = ("f".into(), vec![], vec![], String::new());
        Input::Heads(7, Ok(Heads { epoch, wm: 1, heads, newest, proof }))
    };
    let next = || {
        let mut next = offline(vec![], vec![]);
        next.handle(Input::Disconnected(error(ErrorCode::Offline)), 0);
        next
    };
    // Without a socket it goes on asking.
    let mut engine = polling(vec![], vec![]);
    assert!(engine.handle(restored(), 10).contains(&Effect::BeginEpoch("f".into())));
    let mut after = next();
    let todo = after.take_over(&engine, 10);
    assert!(todo.contains(&Effect::Connection(Connection::Polling)), "{todo:?}");
    assert!(todo.contains(&Effect::FetchHeads { wm: 7 }), "{todo:?}");
    // An answer that came late brings no socket back.
    let mut engine = connected();
    engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 5);
    engine.handle(restored(), 10);
    let mut after = next();
    let todo = after.take_over(&engine, 10);
    assert_eq!(after.connection(), Connection::Offline);
    let again = woken_at(&todo).unwrap_or(10);
    let connects = todo.contains(&Effect::Connect)
        || after.handle(Input::Woke, again).contains(&Effect::Connect);
    assert!(connects, "{todo:?}");
}

#[test]
fn a_session_that_ended_ends_also_where_no_socket_passes() {
    let mut engine = polling(vec![], vec![]);
    engine.handle(Input::Woke, 5_000);
    let todo = engine.handle(Input::Heads(8, Err(error(ErrorCode::Token))), 5_001);
    assert_eq!(todo, [Effect::Connection(Connection::SignedOut)]);
    assert_eq!(engine.handle(Input::Hurry, 100_000), []);
    let mut engine = offline(vec![], vec![]);
    engine.handle(Input::Started, 0);
    engine.handle(Input::Disconnected(error(ErrorCode::NoUpgrade)), 0);
    let todo = engine.handle(Input::Heads(7, Err(error(ErrorCode::Revoked))), 1);
    assert_eq!(todo, [Effect::Connection(Connection::Revoked { wipe: false })]);
}
