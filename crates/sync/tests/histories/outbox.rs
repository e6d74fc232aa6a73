//! Waiting ops are sent in order, once.

use super::*;

#[test]
fn a_send_lost_with_the_connection_is_sent_again_with_the_same_id() {
    let mut engine = online(vec![], vec![]);
    let effects = engine.handle(Input::Queued(queued(9, GROUP)), 1);
    assert!(effects.contains(&Effect::Send(op(9))));
    engine.handle(Input::Disconnected(error(ErrorCode::Offline)), 2);
    engine.handle(Input::Sent(op(9), Err(error(ErrorCode::Offline))), 2);
    assert!(engine.handle(hello(), 3).contains(&Effect::Send(op(9))));
}

#[test]
fn ops_of_one_conversation_are_sent_one_by_one_and_conversations_in_parallel() {
    let ops = vec![queued(1, GROUP), queued(2, GROUP), queued(3, OTHER)];
    let mut engine = offline(vec![], ops);
    engine.handle(Input::Started, 0);
    let effects = engine.handle(hello(), 0);
    let sends = |effects: &[Effect]| -> Vec<Effect> {
        effects.iter().filter(|effect| matches!(effect, Effect::Send(_))).cloned().collect()
    };
    assert_eq!(sends(&effects), [Effect::Send(op(1)), Effect::Send(op(3))]);
    let effects = engine.handle(Input::Sent(op(1), Ok(())), 1);
    assert_eq!(sends(&effects), [Effect::Send(op(2))]);
}

#[test]
fn a_refused_op_stops_its_conversation_until_it_is_discarded() {
    let mut engine = online(vec![], vec![queued(1, GROUP), queued(2, GROUP)]);
    let refusal = error(ErrorCode::TooLarge);
    let effects = engine.handle(Input::Sent(op(1), Err(refusal.clone())), 1);
    assert_eq!(without_wake(effects), [Effect::Refuse(op(1), refusal)]);
    let effects = engine.handle(Input::CheckConnection, 2);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Send(_))), "{effects:?}");
    let lane = queued(2, GROUP).lane;
    let discarded = Input::LaneChanged(lane, vec![queued(2, GROUP)]);
    assert_eq!(without_wake(engine.handle(discarded, 3)), [Effect::Send(op(2))]);
}

#[test]
fn an_error_page_of_a_proxy_is_not_a_refusal() {
    let mut engine = online(vec![], vec![queued(1, GROUP)]);
    // The driver uses this code for a response without the server's envelope.
    let effects = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Offline))), 1);
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Refuse(..))));
    let due = woken_at(&effects).unwrap();
    assert!(engine.handle(Input::Woke, due).contains(&Effect::Send(op(1))));
}

#[test]
fn retries_back_off_to_a_minute_and_respect_the_servers_retry_after() {
    let mut engine = online(vec![], vec![queued(1, GROUP)]);
    let mut now = 1;
    for failures in 0..40 {
        let effects = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Retry))), now);
        let wait = woken_at(&effects).map_or(0, |at| at - now);
        assert!(wait <= 60_000.min(1000 << failures.min(20)), "{failures}: {wait}");
        now += wait.max(1);
        while !engine.handle(Input::Woke, now).contains(&Effect::Send(op(1))) {
            now += 1000;
        }
    }
    let busy = ErrorBody { retry_after_ms: Some(120_000), ..error(ErrorCode::RateLimited) };
    engine.handle(Input::Sent(op(1), Err(busy)), now);
    assert!(!engine.handle(Input::Woke, now + 119_000).contains(&Effect::Send(op(1))));
    assert!(engine.handle(Input::Woke, now + 120_000).contains(&Effect::Send(op(1))));
}

#[test]
fn an_op_sent_in_an_earlier_epoch_requests_the_heads_and_waits() {
    let mut engine = online(vec![at(3, 1)], vec![queued(1, GROUP)]);
    let effects = engine.handle(Input::Sent(op(1), Err(error(ErrorCode::Epoch))), 1);
    assert!(effects.contains(&Effect::FetchHeads { watermark: 8 }), "{effects:?}");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Refuse(..) | Effect::Send(_))));
}

#[test]
fn private_ops_wait_only_for_the_creation_of_their_conversation() {
    let private = |number| QueuedOp {
        lane: Lane { conversation: GROUP, kind: LaneKind::NonBlocking },
        ..queued(number, GROUP)
    };
    let creates_conversation = QueuedOp { creates_conversation: true, ..queued(1, GROUP) };
    let mut engine = online(vec![], vec![creates_conversation, private(2), private(3)]);
    let sent = |effects: &[Effect]| {
        let sent = |effect: &Effect| if let Effect::Send(id) = effect { Some(*id) } else { None };
        effects.iter().filter_map(sent).collect::<Vec<_>>()
    };
    let effects = engine.handle(Input::Woke, 1);
    assert_eq!(sent(&effects), [], "the op that creates it is being sent");
    let effects = engine.handle(Input::Sent(op(1), Ok(())), 2);
    assert_eq!(sent(&effects), [op(2)]);
    let effects = engine.handle(Input::Sent(op(2), Err(error(ErrorCode::Invalid))), 3);
    assert_eq!(sent(&effects), [op(3)], "a refusal stops nothing here");
}

#[test]
fn uploads_do_not_block_the_ops_of_other_conversations() {
    let group = |number| ConversationId(Uuid::from_u128(number));
    let file = |number| QueuedOp { uploads: true, ..queued(number, group(number)) };
    let mut engine = online(vec![], (11..=20).map(file).collect());
    let effects = engine.handle(Input::Queued(queued(30, group(30))), 1);
    assert_eq!(without_wake(effects), [Effect::Send(op(30))], "a text does not wait");
    // One upload fails, and waits; the next one starts.
    let effects = engine.handle(Input::Sent(op(11), Err(error(ErrorCode::Retry))), 2);
    assert!(effects.contains(&Effect::Send(op(14))), "{effects:?}");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Refuse(..))));
    let effects = engine.handle(Input::Sent(op(12), Ok(())), 3);
    assert!(effects.contains(&Effect::Send(op(15))), "{effects:?}");
}
