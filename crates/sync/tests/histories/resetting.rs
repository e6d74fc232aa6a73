//! Epochs, terms and cursors that are no longer valid.

use super::*;

#[test]
fn a_restored_server_begins_a_new_epoch() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let restored = Frame::Hello { epoch: "f".into(), heartbeat_ms: 20_000 };
    let effects = engine.handle(Input::Frame(restored), 1);
    assert_eq!(effects, [Effect::BeginEpoch("f".into())]);
}

#[test]
fn a_frame_of_another_epoch_is_not_applied() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let other_epoch = Page { epoch: "f".into(), ..page(3, 4, 4) };
    let effects = without_wake(engine.handle(Input::Frame(Frame::Change(other_epoch)), 1));
    assert_eq!(effects, [Effect::FetchHeads { watermark: 8 }]);
}

#[test]
fn joining_again_resets_the_conversation() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 9 }]), 1);
    assert!(effects.contains(&Effect::ResetStream(STREAM)));
    let begin = Fetch { term: 2, ..fetch(FetchKind::Bootstrap) };
    assert!(effects.contains(&Effect::Pull(vec![begin])));
}

#[test]
fn leaving_a_conversation_drops_its_stream() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let joined = MembershipRow::new(GROUP, Millis(0));
    let left = MembershipRow { left_at: Some(Millis(1)), changed_seq: 1, ..joined };
    let stream = StreamId::Account(ME);
    let rows = vec![Row::Membership(left)];
    let news = Page { epoch: "e".into(), stream, term: 0, from: 0, to: 1, head: 1, rows };
    let effects = engine.handle(Input::Frame(Frame::Change(news)), 1);
    assert!(effects.contains(&Effect::DropStream(STREAM)));
}

#[test]
fn a_cursor_that_the_server_does_not_know_resets_its_stream_and_is_counted() {
    let head = Head { stream: STREAM, term: 1, head: 5 };
    let mut engine = online(vec![at(3, 1)], vec![]);
    engine.handle(heads(vec![head]), 1);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let effects =
        engine.handle(pulled(pull, PulledStream::Error(error(ErrorCode::CursorAhead))), 2);
    assert!(effects.contains(&Effect::ResetStream(STREAM)));
    assert_eq!(engine.resets(), 1);
}

#[test]
fn an_outdated_not_a_member_error_is_ignored_after_joining() {
    let mut engine = online(vec![], vec![]);
    engine.handle(heads(vec![Head { stream: STREAM, term: 0, head: 1 }]), 1);
    let requested = Fetch { stream: STREAM, term: 0, kind: FetchKind::Bootstrap };
    // The account stream shows that the user has joined, before the outdated response arrives.
    engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 2 }]), 2);
    let not_a_member = PulledStream::Error(error(ErrorCode::NotMember));
    let effects = engine.handle(Input::Pulled(vec![requested], Ok(vec![not_a_member])), 3);
    assert!(!effects.contains(&Effect::DropStream(STREAM)), "{effects:?}");
    let effects = engine.handle(Input::Woke, 100_000);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Pull(_))), "{effects:?}");
}

#[test]
fn heads_requested_before_a_reset_do_not_move_the_watermark() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    // The heads are requested since 7; meanwhile the user joins the conversation again.
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 2, head: 4 }]), 1);
    assert!(effects.contains(&Effect::FetchHeads { watermark: 0 }), "{effects:?}");
    let late = Heads {
        epoch: "e".into(),
        wm: 20,
        heads: vec![],
        newest: vec![],
        proof: String::new(),
        server: None,
    };
    let effects = engine.handle(Input::Heads(8, Ok(late)), 2);
    assert!(effects.contains(&Effect::FetchHeads { watermark: 0 }), "{effects:?}");
}

#[test]
fn a_response_without_progress_is_retried_with_backoff_counted_and_finally_resets_the_stream() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 5 }]), 1);
    let pull = fetch(FetchKind::Changes { since: 3 });
    let (mut now, mut waited, mut failing) = (1, 0, 0);
    for tries in 1..=8 {
        let effects = engine.handle(pulled(pull, PulledStream::Page(page(3, 3, 5))), now);
        assert_eq!(engine.stalls(), tries);
        if engine.resets() > 0 {
            assert!(effects.contains(&Effect::ResetStream(STREAM)));
            break;
        }
        failing = failing.max(engine.failing_streams());
        let due = woken_at(&effects).unwrap_or(now).max(now + 1);
        (waited, now) = (waited + due - now, due);
        while !engine.handle(Input::Woke, now).contains(&Effect::Pull(vec![pull])) {
            now += 100;
        }
    }
    assert!(waited > 10_000, "{waited} ms for eight tries");
    assert_eq!((engine.resets(), failing), (1, 1));
}

#[test]
fn a_head_below_the_cursor_is_pulled_and_if_the_server_lost_changes_the_stream_is_reset() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let effects = engine.handle(heads(vec![Head { stream: STREAM, term: 1, head: 2 }]), 1);
    let requested = fetch(FetchKind::Changes { since: 3 });
    assert!(effects.contains(&Effect::Pull(vec![requested])), "{effects:?}");
    let ahead = vec![PulledStream::Error(error(ErrorCode::CursorAhead))];
    let effects = engine.handle(Input::Pulled(vec![requested], Ok(ahead)), 2);
    assert!(effects.contains(&Effect::ResetStream(STREAM)), "{effects:?}");
    assert!(
        effects.contains(&Effect::FetchHeads { watermark: 0 }),
        "the watermark is reset, too: {effects:?}"
    );
}

#[test]
fn a_heartbeat_with_a_lower_watermark_requests_the_heads() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let beat = Input::Frame(Frame::Heartbeat { wm: 6 });
    assert_eq!(without_wake(engine.handle(beat, 1)), [Effect::FetchHeads { watermark: 8 }]);
}
