//! The requests of the engine, their timing, and the effect of responses.

use super::*;

#[test]
fn connecting_requests_the_heads_since_the_watermark() {
    let mut engine = offline(vec![at(3, 1)], vec![]);
    let connecting = [Effect::ReportConnection(ConnectionStatus::Connecting), Effect::Connect];
    assert_eq!(engine.handle(Input::Started, 0), connecting);
    let connected =
        [Effect::ReportConnection(ConnectionStatus::Online), Effect::FetchHeads { watermark: 7 }];
    assert_eq!(without_wake(engine.handle(hello(), 0)), connected);
}

#[test]
fn a_moved_head_is_saved_and_its_changes_are_pulled_once() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let head = Head { stream: STREAM, term: 1, head: 5 };
    let response = Heads {
        epoch: "e".into(),
        wm: 8,
        heads: vec![head],
        newest: vec![],
        proof: String::new(),
        server: None,
    };
    let effects = without_wake(engine.handle(Input::Heads(7, Ok(response.clone())), 1));
    let pull = fetch(FetchKind::Changes { since: 3 });
    assert_eq!(effects, [Effect::SaveHeads(response), Effect::Pull(vec![pull])]);
    let hint = Input::Frame(Frame::Hint { heads: vec![Head { head: 6, ..head }] });
    assert_eq!(without_wake(engine.handle(hint, 2)), []);
    let effects = engine.handle(pulled(pull, PulledStream::Page(page(3, 5, 6))), 3);
    let retry_at = Effect::Pull(vec![fetch(FetchKind::Changes { since: 5 })]);
    assert_eq!(without_wake(effects), [Effect::ApplyPage(page(3, 5, 6)), retry_at]);
}

#[test]
fn a_frame_that_continues_is_applied_one_that_repeats_is_not_and_one_past_a_gap_is_pulled() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let mut push = |page: Page| without_wake(engine.handle(Input::Frame(Frame::Change(page)), 1));
    assert_eq!(push(page(3, 4, 4)), [Effect::ApplyPage(page(3, 4, 4))]);
    assert_eq!(push(page(3, 4, 4)), []);
    // An interval that contains no visible row still moves the cursor.
    assert_eq!(push(page(2, 6, 6)), [Effect::ApplyPage(page(2, 6, 6))]);
    assert_eq!(push(page(8, 9, 9)), [Effect::Pull(vec![fetch(FetchKind::Changes { since: 6 })])]);
}

#[test]
fn a_conversation_is_fetched_from_its_newest_page_backwards() {
    let mut engine = online(vec![], vec![]);
    let head = Head { stream: STREAM, term: 1, head: 100 };
    let effects = engine.handle(heads(vec![head]), 1);
    let begin = fetch(FetchKind::Bootstrap);
    assert!(effects.contains(&Effect::Pull(vec![begin])));
    let rows = vec![message(99), message(100)];
    let epoch = String::from("e");
    let newest = Bootstrap {
        epoch: epoch.clone(),
        stream: STREAM,
        term: 1,
        head: 100,
        last_seq: 100,
        rows,
        members_cursor: None,
    };
    let effects = engine.handle(pulled(begin, PulledStream::Bootstrap(newest.clone())), 2);
    let older = fetch(FetchKind::History { before: 99 });
    assert_eq!(
        without_wake(effects),
        [Effect::ApplyBootstrap(newest), Effect::FetchHistory(older)]
    );
    let rows = (1..99).rev().map(message).collect();
    let history = History { epoch, stream: STREAM, term: 1, before: 99, rows };
    let effects = engine.handle(Input::History(older, Ok(history.clone())), 3);
    assert_eq!(without_wake(effects), [Effect::ApplyHistory(history)]);
}

#[test]
fn history_waits_while_new_changes_are_being_fetched() {
    let behind =
        StartStream { stream: StreamId::Conversation(OTHER), head: 9, floor: 1, ..at(4, 1) };
    let mut engine = offline(vec![at(3, 50), behind], vec![]);
    engine.handle(Input::Started, 0);
    let effects = engine.handle(hello(), 0);
    let kinds: Vec<FetchKind> = fetches_in(&effects).iter().map(|fetch| fetch.kind).collect();
    assert_eq!(kinds, [FetchKind::Changes { since: 4 }]);
}

#[test]
fn a_fetch_that_is_never_answered_is_retried() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = Effect::Pull(vec![fetch(FetchKind::Changes { since: 3 })]);
    assert!(effects.contains(&pull));
    assert!(!engine.handle(Input::Woke, 30_000).contains(&pull));
    assert!(engine.handle(Input::Woke, 70_000).contains(&pull));
}

#[test]
fn an_idle_engine_requests_only_the_heads() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    assert_eq!(without_wake(engine.handle(Input::Woke, 30_000)), []);
    let beat = Input::Frame(Frame::Heartbeat { wm: 8 });
    assert_eq!(without_wake(engine.handle(beat, 31_000)), []);
    // A watermark that moved without a frame means that a push was lost.
    let beat = Input::Frame(Frame::Heartbeat { wm: 9 });
    assert_eq!(without_wake(engine.handle(beat, 32_000)), [Effect::FetchHeads { watermark: 8 }]);
}

#[test]
fn heads_that_are_never_answered_are_requested_again() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let beat = Input::Frame(Frame::Heartbeat { wm: 9 });
    assert_eq!(without_wake(engine.handle(beat, 1)), [Effect::FetchHeads { watermark: 8 }]);
    assert_eq!(without_wake(engine.handle(Input::Woke, 30_000)), []);
    let effects = engine.handle(Input::Woke, 61_000);
    assert!(effects.contains(&Effect::FetchHeads { watermark: 8 }), "{effects:?}");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::WakeAt(at) if *at <= 61_000)));
}

#[test]
fn a_conversation_that_a_push_made_known_is_fetched_once() {
    let mut engine = online(vec![], vec![]);
    let pushed = Page { term: 0, ..page(0, 1, 1) };
    let effects = engine.handle(Input::Frame(Frame::Change(pushed)), 1);
    assert_eq!(fetches_in(&effects).len(), 1);
    // Then its term becomes known.
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 1 }]), 2);
    assert!(!effects.contains(&Effect::ResetStream(STREAM)), "{effects:?}");
}

#[test]
fn a_head_that_the_server_does_not_have_is_not_pulled_for_ever() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let hint = Frame::Hint { heads: vec![Head { stream: STREAM, term: 0, head: 9 }] };
    let requested = fetch(FetchKind::Changes { since: 3 });
    assert!(engine.handle(Input::Frame(hint), 1).contains(&Effect::Pull(vec![requested])));
    let effects = engine.handle(pulled(requested, PulledStream::Page(page(3, 3, 3))), 2);
    assert_eq!(without_wake(effects), [Effect::FetchHeads { watermark: 0 }]);
}

#[test]
fn a_response_to_an_earlier_request_does_not_hide_newer_changes() {
    let mut engine = online(vec![at(14, 1)], vec![]);
    let hint = Frame::Hint { heads: vec![Head { stream: STREAM, term: 0, head: 17 }] };
    let requested = fetch(FetchKind::Changes { since: 14 });
    engine.handle(Input::Frame(hint), 1);
    // The connection stalled: the response to an earlier request arrives now.
    let old = fetch(FetchKind::Changes { since: 8 });
    let effects = engine.handle(pulled(old, PulledStream::Page(page(8, 12, 12))), 2);
    assert_eq!(without_wake(effects), [Effect::Pull(vec![requested])]);
    let effects = engine.handle(pulled(requested, PulledStream::Page(page(14, 17, 17))), 3);
    assert!(effects.contains(&Effect::ApplyPage(page(14, 17, 17))));
}

#[test]
fn changes_of_many_conversations_are_pulled_in_few_requests() {
    let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(100 + n)));
    let streams = (0..500).map(|n| StartStream { stream: stream(n), head: 9, ..at(4, 1) });
    let mut engine = offline(streams.collect(), vec![]);
    engine.handle(Input::Started, 0);
    let pulls = |effects: Vec<Effect>| -> Vec<Vec<Fetch>> {
        let pull =
            |effect| if let Effect::Pull(requested) = effect { Some(requested) } else { None };
        effects.into_iter().filter_map(pull).collect()
    };
    let first = pulls(engine.handle(hello(), 0));
    assert_eq!(first.iter().map(Vec::len).collect::<Vec<_>>(), [64, 64, 64]);
    // The conversation on the screen does not wait for them.
    let visible = ConversationId(Uuid::from_u128(599));
    let urgent = pulls(engine.handle(Input::Watching(Some(visible)), 1));
    assert_eq!(urgent.len(), 1);
    assert_eq!(urgent[0].iter().map(|fetch| fetch.stream).collect::<Vec<_>>(), [stream(499)]);
    // A response that was full before the end: what it left out is requested again.
    let answers = first[0]
        .iter()
        .take(2)
        .map(|fetch| PulledStream::Page(Page { stream: fetch.stream, ..page(4, 9, 9) }));
    let effects = engine.handle(Input::Pulled(first[0].clone(), Ok(answers.collect())), 2);
    let applied = effects.iter().filter(|effect| matches!(effect, Effect::ApplyPage(_))).count();
    let retry_at = pulls(effects);
    assert_eq!((applied, retry_at.len(), retry_at[0].len()), (2, 1, 64));
    assert!(retry_at[0].contains(&first[0][2]));
}

#[test]
fn a_response_for_another_stream_or_an_empty_one_counts_as_a_failure() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = fetches_in(&effects)[0];
    let other = Page { stream: StreamId::Conversation(OTHER), ..page(3, 5, 5) };
    let effects = engine.handle(pulled(pull, PulledStream::Page(other)), 2);
    assert!(fetches_in(&effects).is_empty() && woken_at(&effects).is_some(), "{effects:?}");
    let effects = engine.handle(Input::Woke, woken_at(&effects).unwrap());
    assert_eq!(fetches_in(&effects), [pull]);
    let effects = engine.handle(Input::Pulled(vec![pull], Ok(vec![])), 5_000);
    assert!(
        fetches_in(&effects).is_empty(),
        "an empty response is not retried at once: {effects:?}"
    );
}

#[test]
fn the_conversation_with_the_latest_message_is_fetched_first() {
    let stream = |n: u128| StreamId::Conversation(ConversationId(Uuid::from_u128(100 + n)));
    let streams = (0..100).map(|n| StartStream { stream: stream(n), ..at(4, 1) });
    let mut engine = online(streams.collect(), vec![]);
    let heads = (0..100).map(|n| Head { stream: stream(n), term: 1, head: 5 }).collect();
    let newest = Newest {
        conversation_id: ConversationId(Uuid::from_u128(199)),
        seq: Seq(5),
        sent_at: Millis(1_000),
    };
    let response = Heads {
        epoch: "e".into(),
        wm: 8,
        heads,
        newest: vec![newest],
        proof: String::new(),
        server: None,
    };
    let effects = engine.handle(Input::Heads(7, Ok(response)), 1);
    assert_eq!(fetches_in(&effects)[0].stream, stream(99));
}

#[test]
fn a_full_mirror_fetches_older_history_only_where_the_user_scrolls_to_it() {
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
    // The response to a request in progress is still applied, and nothing is requested after it.
    let effects = engine.handle(Input::History(on_its_way, Ok(history(2_000, 1_990))), 2);
    assert_eq!(fetches_in(&effects), []);
    let older = engine.handle(Input::Older(GROUP), 3);
    let page = fetch(FetchKind::History { before: 1_990 });
    assert_eq!(fetches_in(&older), [page]);
    let effects = engine.handle(Input::History(page, Ok(history(1_990, 1_980))), 4);
    assert_eq!(fetches_in(&effects), [], "one page");
    // The user allows more.
    let effects = engine.handle(Input::Limits(Limits::default()), 5);
    assert_eq!(fetches_in(&effects), [fetch(FetchKind::History { before: 1_980 })]);
}

#[test]
fn no_more_history_of_a_conversation_is_fetched_automatically_than_its_limit() {
    let stored = StartStream { newest: 500, ..at(9, 401) };
    let mut engine = online(vec![stored], vec![]);
    let requests_history =
        |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::FetchHistory(_)));
    // History was requested on connecting; that response does not count.
    engine.handle(
        Input::History(fetch(FetchKind::History { before: 401 }), Err(error(ErrorCode::Retry))),
        1,
    );
    engine.handle(Input::Limits(Limits { is_full: false, messages: 100 }), 1);
    assert!(!requests_history(&engine.handle(Input::Woke, 100_000)), "100 are stored");
    assert!(
        requests_history(&engine.handle(Input::Older(GROUP), 100_001)),
        "the user scrolled there"
    );
    engine.handle(
        Input::History(fetch(FetchKind::History { before: 401 }), Err(error(ErrorCode::Retry))),
        100_002,
    );
    engine.handle(Input::Limits(Limits { is_full: false, messages: 101 }), 100_003);
    assert!(requests_history(&engine.handle(Input::Woke, 200_000)), "the limit allows one more");
}

#[test]
fn a_fetch_that_is_never_answered_is_retried_and_counted() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let moved = heads(vec![Head { stream: STREAM, term: 1, head: 4 }]);
    let pulls = |effects: &[Effect]| effects.iter().any(|e| matches!(e, Effect::Pull(_)));
    assert!(pulls(&engine.handle(moved, 1)));
    assert!(!pulls(&engine.handle(Input::Woke, 59_000)));
    assert_eq!(engine.resets(), 0);
    assert!(pulls(&engine.handle(Input::Woke, 61_000)));
    assert_eq!(engine.resets(), 1);
}

#[test]
fn after_a_response_that_is_too_large_smaller_ones_are_requested_and_later_larger_ones_again() {
    use parlour_protocol::limits;
    let mut engine = online(vec![at(3, 1)], vec![]);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let too_large = || Input::Pulled(vec![pull], Err(error(ErrorCode::ResponseTooLarge)));
    engine.handle(too_large(), 1);
    assert_eq!(engine.response_bytes(), limits::PAGE_BYTES / 2);
    for now in 2..30 {
        engine.handle(too_large(), now);
    }
    assert_eq!(engine.response_bytes(), limits::MIN_PAGE_BYTES);
    assert_eq!(engine.failing_streams(), 1);
    for since in 3..203 {
        let pull = fetch(FetchKind::Changes { since });
        engine.handle(pulled(pull, PulledStream::Page(page(since, since + 1, 203))), 100 + since);
    }
    assert_eq!((engine.response_bytes(), engine.failing_streams()), (limits::PAGE_BYTES, 0));
}

#[test]
fn history_with_a_gap_or_mismatched_is_not_requested_in_a_loop() {
    let mut engine = online(vec![at(3, 50)], vec![]);
    let older = fetch(FetchKind::History { before: 50 });
    let (epoch, stream) = (String::from("e"), STREAM);
    for rows in [vec![message(49), message(47)], vec![message(50)], vec![message(60)]] {
        let history = History { epoch: epoch.clone(), stream, term: 1, before: 50, rows };
        let effects = engine.handle(Input::History(older, Ok(history)), 3);
        assert_eq!(fetches_in(&effects), []);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::ApplyHistory(_))));
    }
}
