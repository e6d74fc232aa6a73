//! Connecting to the server, and detecting that it cannot be reached.

use super::*;

#[test]
fn after_the_session_has_ended_the_password_is_requested_and_nothing_is_retried() {
    let mut engine = online(vec![], vec![]);
    let effects = engine.handle(Input::Disconnected(error(ErrorCode::InvalidToken)), 1);
    assert_eq!(effects, [Effect::ReportConnection(ConnectionStatus::SignedOut)]);
    assert_eq!(engine.handle(Input::CheckConnection, 1_000_000), []);
    assert_eq!(engine.handle(Input::Queued(queued(1, GROUP)), 1_000_000), []);
}

#[test]
fn a_revoked_session_closes_the_account_and_says_whether_to_delete_the_mirror() {
    for (code, wipe) in [(ErrorCode::Revoked, false), (ErrorCode::Wipe, true)] {
        let mut engine = online(vec![at(3, 1)], vec![queued(1, GROUP)]);
        let effects = engine.handle(Input::Heads(7, Err(error(code))), 1);
        assert_eq!(effects, [Effect::ReportConnection(ConnectionStatus::Revoked { wipe })]);
        // Later inputs change nothing.
        assert_eq!(engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 2), []);
        assert_eq!(engine.handle(Input::CheckConnection, 1_000_000), []);
    }
}

/// Returns an engine that is online.
fn connected() -> Engine {
    online(vec![at(3, 1)], vec![])
}

fn connecting() -> Effect {
    Effect::ReportConnection(ConnectionStatus::Connecting)
}

#[test]
fn a_connection_that_does_not_answer_a_probe_in_three_seconds_is_given_up() {
    let mut engine = connected();
    let effects = engine.handle(Input::CheckConnection, 1_000);
    assert_eq!(without_wake(effects.clone()), [connecting(), Effect::Ping(1)]);
    assert_eq!(woken_at(&effects), Some(4_000));
    // The probe starts once, and does not take longer because the user requests it again.
    assert_eq!(without_wake(engine.handle(Input::CheckConnection, 2_500)), []);
    // A frame may have been waiting to be handled since before the machine slept.
    let beat = Input::Frame(Frame::Heartbeat { wm: 8 });
    assert_eq!(without_wake(engine.handle(beat, 2_600)), []);
    let effects = without_wake(engine.handle(Input::Woke, 4_000));
    assert_eq!(effects, [Effect::Reconnect]);
    assert_eq!(engine.connection(), ConnectionStatus::Connecting);
    // A response over the old socket says nothing about the new one.
    assert_eq!(without_wake(engine.handle(Input::Pong(1), 4_100)), []);
    let effects = without_wake(engine.handle(hello(), 4_200));
    let retry_at =
        [Effect::ReportConnection(ConnectionStatus::Online), Effect::FetchHeads { watermark: 8 }];
    assert_eq!(effects, retry_at);
}

#[test]
fn a_connection_that_answers_a_probe_stays_open() {
    let mut engine = connected();
    engine.handle(Input::CheckConnection, 1_000);
    let effects = without_wake(engine.handle(Input::Pong(1), 1_050));
    assert_eq!(effects, [Effect::ReportConnection(ConnectionStatus::Online)]);
    assert!(!engine.handle(Input::Woke, 4_000).contains(&Effect::Reconnect));
    // The next probe sends another ping.
    assert_eq!(
        without_wake(engine.handle(Input::CheckConnection, 9_000)),
        [connecting(), Effect::Ping(2)]
    );
    assert_eq!(without_wake(engine.handle(Input::Pong(1), 9_001)), []);
}

#[test]
fn an_op_queued_during_a_probe_is_sent_at_once() {
    let mut engine = connected();
    engine.handle(Input::CheckConnection, 1_000);
    let effects = engine.handle(Input::Queued(queued(1, GROUP)), 1_001);
    assert!(effects.contains(&Effect::Send(op(1))));
    // It was sent over the dead connection; after that was given up, it is sent again over the new
    // one.
    engine.handle(Input::Woke, 4_000);
    engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Offline))), 4_000);
    assert!(engine.handle(hello(), 4_100).contains(&Effect::Send(op(1))));
}

#[test]
fn an_attempt_from_before_the_machine_slept_is_retried_after_three_seconds() {
    let mut engine = offline(vec![], vec![]);
    engine.handle(Input::Started, 0);
    assert_eq!(without_wake(engine.handle(Input::CheckConnection, 1_000)), []);
    assert_eq!(without_wake(engine.handle(Input::Woke, 4_000)), [Effect::Reconnect]);
}

#[test]
fn an_answer_queued_behind_a_slow_input_still_counts() {
    let mut engine = connected();
    let effects = engine.handle(Input::CheckConnection, 1_000);
    assert!(effects.contains(&Effect::Ping(1)), "{effects:?}");
    // Storing what came before it took four seconds.
    for (input, now) in [
        (Input::Frame(Frame::Heartbeat { wm: 7 }), 5_000),
        (Input::Queued(queued(1, GROUP)), 7_900),
        (Input::Woke, 7_999),
    ] {
        let effects = engine.handle(input, now);
        assert!(!effects.contains(&Effect::Reconnect), "{now}: {effects:?}");
    }
    assert_eq!(engine.connection(), ConnectionStatus::Connecting);
    engine.handle(Input::Pong(1), 8_500);
    assert_eq!(engine.connection(), ConnectionStatus::Online);
    // Without a response, the connection is given up once no other input waits to be handled.
    engine.handle(Input::CheckConnection, 10_000);
    assert!(!engine.handle(Input::Queued(queued(2, GROUP)), 14_000).contains(&Effect::Reconnect));
    assert!(engine.handle(Input::Woke, 14_001).contains(&Effect::Reconnect));
}

#[test]
fn a_check_while_offline_connects_at_once() {
    let mut engine = connected();
    for now in (10_000..200_000).step_by(10_000) {
        engine.handle(Input::Disconnected(error(ErrorCode::Offline)), now);
        engine.handle(Input::Disconnected(error(ErrorCode::Offline)), now);
    }
    assert_eq!(engine.connection(), ConnectionStatus::Offline);
    assert_eq!(
        without_wake(engine.handle(Input::CheckConnection, 200_001)),
        [connecting(), Effect::Connect]
    );
}

/// Returns an engine that polls, because sockets are blocked.
fn polling(streams: Vec<StartStream>, ops: Vec<QueuedOp>) -> Engine {
    let mut engine = offline(streams, ops);
    engine.handle(Input::Started, 0);
    let blocked = Input::Disconnected(error(ErrorCode::NoWebsocket));
    assert_eq!(without_wake(engine.handle(blocked, 0)), [Effect::FetchHeads { watermark: 7 }]);
    assert_eq!(engine.connection(), ConnectionStatus::Connecting);
    let effects = engine.handle(heads(vec![]), 0);
    assert!(effects.contains(&Effect::ReportConnection(ConnectionStatus::Polling)), "{effects:?}");
    engine
}

#[test]
fn where_sockets_are_blocked_changes_are_polled_and_ops_are_sent() {
    let mut engine = polling(vec![at(3, 1)], vec![queued(1, GROUP)]);
    engine.handle(Input::Sent(op(1), Ok(())), 1);
    assert_eq!(woken_at(&engine.handle(Input::Woke, 2)).map(|at| at <= 5_000), Some(true));
    let requests_history =
        |effects: &[Effect]| effects.contains(&Effect::FetchHeads { watermark: 8 });
    assert!(requests_history(&engine.handle(Input::Woke, 5_000)));
    // A response that does not come is not requested again at the speed of the timer.
    assert!(!requests_history(&engine.handle(Input::Woke, 12_000)));
    let moved = Head { stream: STREAM, term: 1, head: 5 };
    let effects = engine.handle(heads(vec![moved]), 12_001);
    assert!(effects.contains(&Effect::Pull(vec![fetch(FetchKind::Changes { since: 3 })])));
    let effects = engine.handle(Input::Queued(queued(2, GROUP)), 12_002);
    assert!(effects.contains(&Effect::Send(op(2))));
}

#[test]
fn polling_wakes_the_engine_only_when_something_is_due() {
    let mut engine = polling(vec![at(3, 1)], vec![]);
    let (mut now, mut woken) = (0, 0);
    while now < 600_000 {
        let effects = engine.handle(Input::Woke, now);
        let at = woken_at(&effects).expect("there is always a next time");
        assert!(at > now, "{effects:?}");
        if effects.contains(&Effect::Connect) {
            engine.handle(Input::Disconnected(error(ErrorCode::NoWebsocket)), now);
        }
        engine.handle(heads(vec![]), now);
        (now, woken) = (at, woken + 1);
    }
    assert!(woken < 400, "{woken}");
}

#[test]
fn while_polling_the_socket_is_retried_without_a_change_of_state_until_it_opens() {
    let mut engine = polling(vec![at(3, 1)], vec![]);
    let effects = engine.handle(Input::Woke, 70_000);
    assert!(effects.contains(&Effect::Connect), "{effects:?}");
    assert_eq!(engine.connection(), ConnectionStatus::Polling);
    let effects = engine.handle(hello(), 70_100);
    assert!(effects.contains(&Effect::ReportConnection(ConnectionStatus::Online)));
    engine.handle(heads(vec![]), 70_200);
    assert!(!engine.handle(Input::Woke, 80_000).contains(&Effect::FetchHeads { watermark: 8 }));
}

#[test]
fn without_responses_there_is_no_connection_whatever_the_state_of_the_socket() {
    use ErrorCode::{Certificate, KeyChanged, Moved, NotAServer, Offline};
    for code in [Offline, NotAServer, Moved, Certificate, KeyChanged] {
        // Neither passes: the network's sign-in page, or a server that is down behind its proxy.
        let mut engine = offline(vec![], vec![]);
        engine.handle(Input::Started, 0);
        engine.handle(Input::Disconnected(error(ErrorCode::NoWebsocket)), 0);
        let effects = engine.handle(Input::Heads(7, Err(error(code))), 1);
        assert!(
            effects.contains(&Effect::ReportConnection(ConnectionStatus::Offline)),
            "{effects:?}"
        );
        let retry_at = woken_at(&effects).expect("it is tried again");
        assert!(engine.handle(Input::Woke, retry_at).contains(&Effect::Connect));
        // Requests passed until now.
        let mut engine = polling(vec![], vec![]);
        engine.handle(Input::Woke, 5_000);
        let effects = engine.handle(Input::Heads(8, Err(error(code))), 5_001);
        let is_reported = |effects: &[Effect]| {
            effects.contains(&Effect::ReportConnection(ConnectionStatus::Offline))
                || effects.contains(&connecting())
        };
        assert!(is_reported(&effects), "{effects:?}");
    }
}

#[test]
fn an_overloaded_server_still_counts_as_connected() {
    let mut engine = polling(vec![], vec![]);
    engine.handle(Input::Woke, 5_000);
    let busy = ErrorBody { retry_after_ms: Some(30_000), ..error(ErrorCode::RateLimited) };
    engine.handle(Input::Heads(8, Err(busy)), 5_001);
    assert_eq!(engine.connection(), ConnectionStatus::Polling);
    assert!(!engine.handle(Input::Woke, 20_000).contains(&Effect::FetchHeads { watermark: 8 }));
    assert!(engine.handle(Input::Woke, 36_000).contains(&Effect::FetchHeads { watermark: 8 }));
}

#[test]
fn a_check_while_polling_shows_within_three_seconds_whether_requests_are_answered() {
    let mut engine = polling(vec![], vec![]);
    let effects = engine.handle(Input::CheckConnection, 1_000);
    assert!(
        effects.contains(&Effect::Connect)
            && effects.contains(&Effect::FetchHeads { watermark: 8 })
    );
    assert!(effects.contains(&connecting()), "{effects:?}");
    let effects = engine.handle(heads(vec![]), 1_100);
    assert!(effects.contains(&Effect::ReportConnection(ConnectionStatus::Polling)), "{effects:?}");
    engine.handle(Input::CheckConnection, 9_000);
    assert!(engine.handle(Input::Woke, 12_000).contains(&Effect::Reconnect));
}

#[test]
fn the_engine_of_a_new_epoch_takes_over_the_connection() {
    let restored = || {
        let (epoch, heads, newest, proof) = ("f".into(), vec![], vec![], String::new());
        Input::Heads(7, Ok(Heads { epoch, wm: 1, heads, newest, proof, server: None }))
    };
    let next = || {
        let mut next = offline(vec![], vec![]);
        next.handle(Input::Disconnected(error(ErrorCode::Offline)), 0);
        next
    };
    // Without a socket, it continues polling.
    let mut engine = polling(vec![], vec![]);
    assert!(engine.handle(restored(), 10).contains(&Effect::BeginEpoch("f".into())));
    let mut successor = next();
    let effects = successor.take_over(&engine, 10);
    assert!(effects.contains(&Effect::ReportConnection(ConnectionStatus::Polling)), "{effects:?}");
    assert!(effects.contains(&Effect::FetchHeads { watermark: 7 }), "{effects:?}");
    // A late response does not bring back a socket.
    let mut engine = connected();
    engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 5);
    engine.handle(restored(), 10);
    let mut successor = next();
    let effects = successor.take_over(&engine, 10);
    assert_eq!(successor.connection(), ConnectionStatus::Offline);
    let retry_at = woken_at(&effects).unwrap_or(10);
    let connects = effects.contains(&Effect::Connect)
        || successor.handle(Input::Woke, retry_at).contains(&Effect::Connect);
    assert!(connects, "{effects:?}");
}

#[test]
fn an_ended_session_is_noticed_while_polling_too() {
    let mut engine = polling(vec![], vec![]);
    engine.handle(Input::Woke, 5_000);
    let effects = engine.handle(Input::Heads(8, Err(error(ErrorCode::InvalidToken))), 5_001);
    assert_eq!(effects, [Effect::ReportConnection(ConnectionStatus::SignedOut)]);
    assert_eq!(engine.handle(Input::CheckConnection, 100_000), []);
    let mut engine = offline(vec![], vec![]);
    engine.handle(Input::Started, 0);
    engine.handle(Input::Disconnected(error(ErrorCode::NoWebsocket)), 0);
    let effects = engine.handle(Input::Heads(7, Err(error(ErrorCode::Revoked))), 1);
    assert_eq!(effects, [Effect::ReportConnection(ConnectionStatus::Revoked { wipe: false })]);
}
