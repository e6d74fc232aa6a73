//! The mirror is compared with the server while there is nothing else to do.

use super::*;

/// Returns the parts to be compared.
fn verifies(effects: &[Effect]) -> Vec<Section> {
    let verify =
        |effect: &Effect| if let Effect::Verify(section) = effect { Some(*section) } else { None };
    effects.iter().filter_map(verify).collect()
}

const DIRECTORY: Section = Section::State(StreamId::Directory);

/// Answers each comparison until messages are to be compared; returns the parts.
fn to_messages(engine: &mut Engine, mut effects: Vec<Effect>, now: i64) -> Vec<Section> {
    let mut passed = Vec::new();
    while let [section @ Section::State(_)] = verifies(&effects)[..] {
        passed.push(section);
        effects = engine.handle(Input::Verified(section, Ok(None)), now);
    }
    passed.extend(verifies(&effects));
    passed
}

#[test]
fn the_mirror_is_compared_a_part_at_a_time_while_there_is_nothing_else_to_do() {
    let other = StartStream { stream: StreamId::Conversation(OTHER), ..at(3, 1) };
    let mut engine = online(vec![at(3, 1), other], vec![]);
    assert_eq!(verifies(&engine.handle(Input::Woke, 59_000)), []);
    // An op to send comes first.
    let busy = engine.handle(Input::Queued(queued(1, GROUP)), 60_000);
    assert_eq!(verifies(&busy), []);
    let effects = engine.handle(Input::Sent(op(1), Ok(())), 60_001);
    let account = Section::State(StreamId::Account(ME));
    let newest = |id| [Section::State(StreamId::Conversation(id)), Section::Messages(id, None)];
    let first = [&[DIRECTORY, account][..], &newest(GROUP)].concat();
    assert_eq!(to_messages(&mut engine, effects, 60_002), first);
    let read = |low| Input::Verified(Section::Messages(GROUP, None), Ok(Some(low)));
    assert_eq!(verifies(&engine.handle(read(2_001), 60_100)), []);
    let older = Section::Messages(GROUP, Some(2_001));
    assert_eq!(verifies(&engine.handle(Input::Woke, 62_100)), [older]);
    engine.handle(Input::Verified(older, Ok(Some(1))), 62_200);
    let effects = engine.handle(Input::Woke, 64_200);
    assert_eq!(to_messages(&mut engine, effects, 64_201), newest(OTHER));
    // The server does not respond: the same part is compared again a minute later.
    let section = Section::Messages(OTHER, None);
    engine.handle(Input::Verified(section, Err(error(ErrorCode::Offline))), 64_300);
    assert_eq!(verifies(&engine.handle(Input::Woke, 120_000)), []);
    assert_eq!(verifies(&engine.handle(Input::Woke, 124_300)), [section]);
    engine.handle(Input::Verified(section, Ok(None)), 124_400);
    // The pass is complete: the next one starts tomorrow.
    engine.handle(
        Input::Heads(
            7,
            Ok(Heads {
                epoch: "e".into(),
                wm: 8,
                heads: vec![],
                newest: vec![],
                proof: String::new(),
                server: None,
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
fn on_request_everything_is_compared_at_once() {
    let mut engine = online(vec![at(3, 1)], vec![]);
    let effects = engine.handle(Input::VerifyAll, 1);
    let newest = Section::Messages(GROUP, None);
    assert_eq!(to_messages(&mut engine, effects, 2).last(), Some(&newest));
    let effects = engine.handle(Input::Verified(newest, Ok(Some(500))), 3);
    let older = Section::Messages(GROUP, Some(500));
    assert_eq!(verifies(&effects), [older]);
    // A message was written meanwhile: the user who waits for the result does not wait a minute.
    engine.handle(Input::Verified(older, Err(error(ErrorCode::Retry))), 4);
    assert_eq!(verifies(&engine.handle(Input::Woke, 2_004)), [older]);
}
