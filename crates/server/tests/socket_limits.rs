//! Limits on sockets: too many frames, invalid frames, and too many sockets.

use crate::common::{Database, Server};
use crate::socket::{Socket, bodies, bye};
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{ClientFrame, ErrorCode, Frame, StreamId};
use parlour_server::{Config, SocketLimits};
use std::time::Duration;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

on_both_databases! {
    invalid_frames_affect_no_other_socket,
    the_oldest_of_too_many_sockets_of_a_session_or_account_is_closed,
    a_client_that_sends_too_many_frames_is_disconnected,
    incomplete_frames_count_too,
}

async fn invalid_frames_affect_no_other_socket(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let mut socket = Socket::open(&wren).await;
    for text in ["", "{", "[]", r#"{"type":"moon"}"#, r#"{"type":"watch","userIds":["x"]}"#] {
        socket.0.send(Message::text(text)).await.unwrap();
    }
    socket.0.send(Message::binary(vec![0xff; 100])).await.unwrap();
    oak.say(group, "still there?").await;
    assert_eq!(bodies(&socket.next_change(StreamId::Conversation(group)).await), ["still there?"]);
    let many = vec![wren.id; 100_000];
    // The frame is too large to be read: this socket ends, but no other.
    let json = serde_json::to_string(&ClientFrame::Watch { user_ids: many }).unwrap();
    let _ = socket.0.send(Message::text(json)).await;
    while let Some(Ok(_)) = socket.0.next().await {}
    Socket::open(&wren).await;
}

async fn the_oldest_of_too_many_sockets_of_a_session_or_account_is_closed(database: Database) {
    let sockets = SocketLimits { per_session: 2, per_account: 3 };
    let server = Server::start(&Config { sockets, ..database.config() }).await;
    let wren = server.register("wren").await;
    let (mut first, mut second) = (Socket::open(&wren).await, Socket::open(&wren).await);
    let mut third = Socket::open(&wren).await;
    // The client may reconnect only after a minute, so that two sockets do not keep replacing each other.
    assert_eq!(bye(&mut first).await, (ErrorCode::RateLimited, Some(60_000)));
    let other = server.sign_in("wren").await;
    let _fourth = Socket::open(&other).await;
    let _fifth = Socket::open(&other).await;
    assert_eq!(bye(&mut second).await.0, ErrorCode::RateLimited);
    let oak = server.register("oak").await;
    let _theirs = Socket::open(&oak).await;
    let group = wren.group(&[]).await;
    wren.say(group, "still received").await;
    let stream = StreamId::Conversation(group);
    while bodies(&third.next_change(stream).await) != ["still received"] {}
}

async fn a_client_that_sends_too_many_frames_is_disconnected(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let watch = ClientFrame::Watch { user_ids: vec![wren.id; 200] };
    let watch = serde_json::to_string(&watch).unwrap();
    for message in [
        Message::text("{}"),
        Message::binary(vec![0xff; 10]),
        Message::Ping(vec![0].into()),
        Message::Pong(vec![0].into()),
        Message::text(watch),
    ] {
        let mut socket = Socket::open(&wren).await;
        for _ in 0..300 {
            // The socket may already be closed.
            let _ = socket.0.send(message.clone()).await;
        }
        let ended = loop {
            match socket.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    if let Ok(Frame::Bye { code, retry_after_ms }) = serde_json::from_str(&text) {
                        break Some((code, retry_after_ms));
                    }
                }
                Some(Ok(_)) => {}
                // The last frame was lost together with the frames that the server had not read.
                Some(Err(_)) | None => break None,
            }
        };
        assert!(
            ended.is_none_or(|ended| ended == (ErrorCode::RateLimited, Some(30_000))),
            "{ended:?}"
        );
    }
    let mut quiet = Socket::open(&wren).await;
    for _ in 0..50 {
        quiet.say(&ClientFrame::Watch { user_ids: vec![] }).await;
    }
    let group = wren.group(&[]).await;
    wren.say(group, "still received").await;
    while bodies(&quiet.next_change(StreamId::Conversation(group)).await) != ["still received"] {}
}

async fn incomplete_frames_count_too(database: Database) {
    let server = database.serve().await;
    let mut socket = Socket::open(&server.register("wren").await).await;
    let part = |kind| Message::Frame(RawFrame::message(vec![], OpCode::Data(kind), false));
    socket.0.send(part(Data::Text)).await.unwrap();
    let flood = async { while socket.0.feed(part(Data::Continue)).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(20), flood)
        .await
        .expect("the socket is closed in time");
}
