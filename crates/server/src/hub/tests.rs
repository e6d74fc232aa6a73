use super::*;
use crate::db::Change;
use parlour_protocol::{
    Availability, ConversationId, ErrorCode, Frame, Head, Millis, Page, Presence, Seq, SessionId,
    StreamId, UserId,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

fn page(stream: StreamId, to: i64) -> Page {
    let from = to - 1;
    Page { epoch: "e".into(), stream, term: 0, from, to, head: to, rows: vec![] }
}

async fn next(subscriber: &Subscriber) -> Frame {
    let (Next::Send(json) | Next::Close(json)) = subscriber.outbound.next().await;
    serde_json::from_str(&json).unwrap()
}

#[tokio::test]
async fn a_slow_reader_gets_every_head_and_bounded_rows() {
    let hub = Arc::new(Hub::default());
    let user = UserId(Uuid::now_v7());
    let subscriber = hub.enter(user, SessionId(Uuid::now_v7()));
    let stream = StreamId::Account(user);
    hub.publish((1..=1000).map(|to| Change::Rows(page(stream, to))).collect());
    for to in 1..=256 {
        assert_eq!(next(&subscriber).await, Frame::Change(page(stream, to)));
    }
    let heads = vec![Head { stream, term: 0, head: 1000 }];
    assert_eq!(next(&subscriber).await, Frame::Hint { heads });
}

#[tokio::test]
async fn a_user_who_left_gets_no_more_changes_even_while_their_socket_is_being_set_up() {
    let hub = Arc::new(Hub::default());
    let user = UserId(Uuid::now_v7());
    let stream = StreamId::Conversation(ConversationId(Uuid::now_v7()));
    let subscriber = hub.enter(user, SessionId(Uuid::now_v7()));
    let before = hub.membership_version(user);
    hub.publish(vec![Change::Left(user, stream)]);
    assert!(!hub.follow(&subscriber, &[(stream, Seq(1))], before));
    hub.publish(vec![
        Change::Rows(page(stream, 1)),
        Change::Revoked(user, subscriber.outbound.session_id, false),
    ]);
    let bye = Frame::Bye { code: ErrorCode::Revoked, retry_after_ms: None };
    assert_eq!(next(&subscriber).await, bye);
}

#[tokio::test]
async fn a_stream_that_moved_before_its_follower_was_known_is_looked_up() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let wren = UserId(Uuid::now_v7());
    let conversation = StreamId::Conversation(ConversationId(Uuid::now_v7()));
    let _subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    // Another server reports that the conversation moved before this one knows that the user joined it.
    hub.receive_hints(7, vec![Hint::AccessChanged(wren), Hint::Moved(conversation)], now);
    assert_eq!(hub.take_lookups().people, [wren].into());
    assert!(hub.set_followed(wren, &[(conversation, Seq(1))], hub.membership_version(wren)));
    assert_eq!(hub.take_lookups().streams, [conversation].into());
    // A stream that the user already follows is not looked up.
    assert!(hub.set_followed(wren, &[(conversation, Seq(1))], hub.membership_version(wren)));
    assert!(hub.take_lookups().is_empty());
}

#[tokio::test]
async fn sockets_from_before_the_bus_connected_are_looked_up_and_stay_open() {
    let hub = Arc::new(Hub::default());
    let wren = UserId(Uuid::now_v7());
    let _subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    hub.bus_connected(true, Instant::now());
    let lookups = hub.take_lookups();
    assert_eq!(lookups.people, [wren].into());
    assert_eq!(lookups.streams, [StreamId::Directory, StreamId::Account(wren)].into());
}

/// Returns the time `n` ticks after `now`.
fn ticks_after(now: Instant, n: u32) -> Instant {
    now + TICK * n
}

fn presence(user_id: UserId, state: Availability) -> Frame {
    Frame::Presence { people: vec![Presence { user_id, state, last_seen_at: None }] }
}

/// Returns these users as people whose presence may be shown, but not when they were last online.
fn visible(users: &[UserId]) -> BTreeMap<UserId, Option<Millis>> {
    users.iter().map(|user| (*user, None)).collect()
}

fn is_silent(subscriber: &Subscriber) -> bool {
    subscriber.outbound.take().is_none()
}

#[tokio::test]
async fn presence_and_typing_are_sent_between_servers_and_end_when_a_server_is_silent() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let (wren, oak) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let conversation = ConversationId(Uuid::now_v7());
    let subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    assert!(hub.follow(&subscriber, &[(StreamId::Conversation(conversation), Seq(1))], 0));
    hub.watch(&subscriber, &[oak], &visible(&[oak]));
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Offline));
    let online = Hint::Presence(oak, Availability::Online);
    hub.receive_hints(7, vec![online.clone(), online, Hint::Typing(conversation, oak)], now);
    assert_eq!(hub.take_lookups().typing.into_iter().collect::<Vec<_>>(), [(conversation, oak)]);
    hub.show_typing(conversation, oak);
    hub.tick(now);
    assert_eq!(
        next(&subscriber).await,
        Frame::Typing { conversation_id: conversation, user_id: oak }
    );
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Online));
    hub.tick(now + Duration::from_secs(60));
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Offline));
    assert_eq!(hub.take_lookups().last_seen, [oak].into(), "the time is looked up");
}

#[tokio::test]
async fn a_silent_device_is_noticed_within_a_minute_and_a_responding_one_stays_online() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let (wren, oak) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    let device = hub.enter(oak, SessionId(Uuid::now_v7()));
    hub.report_presence(&device, Availability::Online);
    hub.tick(now);
    hub.watch(&subscriber, &[oak], &visible(&[oak]));
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Online));
    // It responds to the ping of each heartbeat, for an hour.
    for n in 1..=1800 {
        if n % 10 == 0 {
            device.outbound.record_received();
        }
        subscriber.outbound.record_received();
        hub.tick(ticks_after(now, n));
    }
    assert!(is_silent(&subscriber));
    let noticed = (1801..).find(|n| {
        subscriber.outbound.record_received();
        hub.tick(ticks_after(now, *n));
        !is_silent(&subscriber)
    });
    let took = TICK * (noticed.unwrap() - 1800);
    assert!(took < Duration::from_secs(50), "{took:?}");
    // It may only have been asleep, and sends something again.
    device.outbound.record_received();
    hub.tick(ticks_after(now, 1830));
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Online));
    for n in 1831..=1900 {
        subscriber.outbound.record_received();
        hub.tick(ticks_after(now, n));
    }
    let bye = Frame::Bye { code: ErrorCode::Retry, retry_after_ms: None };
    assert_eq!(next(&device).await, bye, "nobody is connected");
}

#[tokio::test]
async fn the_state_of_a_user_combines_all_of_their_devices() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let (wren, oak) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    hub.watch(&subscriber, &[oak], &visible(&[oak]));
    assert_eq!(next(&subscriber).await, presence(oak, Availability::Offline));
    let devices = [(); 3].map(|()| hub.enter(oak, SessionId(Uuid::now_v7())));
    hub.tick(now);
    assert!(is_silent(&subscriber), "they have reported nothing yet");
    for (at, (device, reported, state)) in [
        (0, Availability::Away, Availability::Away),
        (1, Availability::Online, Availability::Online),
        (2, Availability::Busy, Availability::Busy),
        (2, Availability::Offline, Availability::Online),
        (1, Availability::Away, Availability::Away),
    ]
    .into_iter()
    .enumerate()
    {
        hub.report_presence(&devices[device], reported);
        hub.tick(ticks_after(now, u32::try_from(at).unwrap()));
        assert_eq!(next(&subscriber).await, presence(oak, state));
    }
}

#[tokio::test]
async fn a_slow_reader_gets_only_the_newest_states_of_the_users_whom_it_watches() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let subscriber = hub.enter(UserId(Uuid::now_v7()), SessionId(Uuid::now_v7()));
    let users: Vec<UserId> = (0..1000).map(|n| UserId(Uuid::from_u128(n))).collect();
    let set = |state| {
        let hints = users.iter().map(|user| Hint::Presence(*user, state)).collect();
        hub.receive_hints(7, hints, now);
        hub.tick(now);
    };
    for chunk in users.chunks(100) {
        hub.watch(&subscriber, chunk, &visible(chunk));
        set(Availability::Online);
        set(Availability::Away);
    }
    let Frame::Presence { people } = next(&subscriber).await else { panic!("presence") };
    assert_eq!(people.iter().map(|person| person.user_id).collect::<Vec<_>>(), users[900..]);
    assert!(people.iter().all(|person| person.state == Availability::Away));
    assert!(is_silent(&subscriber));
    // A user who stays watched while others are added is announced once.
    set(Availability::Busy);
    let chunk = &users[899..];
    hub.watch(&subscriber, chunk, &visible(&users[899..900]));
    let Frame::Presence { people } = next(&subscriber).await else { panic!("presence") };
    assert_eq!(people.len(), 101);
    assert!(people.iter().all(|person| person.state == Availability::Busy));
}
