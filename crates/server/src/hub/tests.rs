use super::*;
use crate::db::Change;
use parlour_protocol::{
    ConversationId, ErrorCode, Frame, Head, Page, Seq, SessionId, StreamId, UserId,
};
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
async fn who_left_hears_no_more_even_while_their_socket_is_being_set_up() {
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
async fn what_moved_before_somebody_was_known_to_follow_it_is_looked_up() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let wren = UserId(Uuid::now_v7());
    let room = StreamId::Conversation(ConversationId(Uuid::now_v7()));
    let _subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    // Another server reports that the room moved before this one knows that the user joined it.
    hub.receive_hints(7, vec![Hint::Access(wren), Hint::Moved(room)], now);
    assert_eq!(hub.take_recheck().people, [wren].into());
    assert!(hub.follow_only(wren, &[(room, Seq(1))], hub.membership_version(wren)));
    assert_eq!(hub.take_recheck().streams, [room].into());
    // A stream that the user already follows is not looked up.
    assert!(hub.follow_only(wren, &[(room, Seq(1))], hub.membership_version(wren)));
    assert!(hub.take_recheck().is_empty());
}

#[tokio::test]
async fn who_came_before_the_others_were_heard_is_looked_up_and_stays() {
    let hub = Arc::new(Hub::default());
    let wren = UserId(Uuid::now_v7());
    let _subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    hub.bus_connected(true, Instant::now());
    let recheck = hub.take_recheck();
    assert_eq!(recheck.people, [wren].into());
    assert_eq!(recheck.streams, [StreamId::Directory, StreamId::Account(wren)].into());
}

#[tokio::test]
async fn presence_and_typing_cross_servers_and_end_with_a_server_that_falls_silent() {
    let (hub, now) = (Arc::new(Hub::default()), Instant::now());
    let (wren, oak) = (UserId(Uuid::now_v7()), UserId(Uuid::now_v7()));
    let room = ConversationId(Uuid::now_v7());
    let subscriber = hub.enter(wren, SessionId(Uuid::now_v7()));
    assert!(hub.follow(&subscriber, &[(StreamId::Conversation(room), Seq(1))], 0));
    hub.watch(&subscriber, vec![oak]);
    hub.receive_hints(7, vec![Hint::Came(oak), Hint::Came(oak), Hint::Typing(room, oak)], now);
    assert_eq!(hub.take_recheck().typing.into_iter().collect::<Vec<_>>(), [(room, oak)]);
    hub.show_typing(room, oak);
    hub.tick(now + Duration::from_secs(60));
    for online in [false, true] {
        assert_eq!(next(&subscriber).await, Frame::Presence { user_id: oak, online });
    }
    assert_eq!(next(&subscriber).await, Frame::Typing { conversation_id: room, user_id: oak });
    assert_eq!(next(&subscriber).await, Frame::Presence { user_id: oak, online: false });
}
