//! The socket: which frames are pushed to whom, and how it ends.

use crate::common::{Database, Server, TIMEOUT, User, error_body};
use futures_util::{SinkExt, StreamExt};
use parlour_protocol::{
    Action, ClientFrame, ErrorCode, Frame, Heads, HistoryVisibility, Row, StreamId,
};
use parlour_server::Config;
use reqwest::Method;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use uuid::Uuid;

on_both_databases! {
    only_members_receive_messages,
    the_socket_of_a_revoked_session_is_closed_at_once,
    new_members_receive_changes_and_removed_ones_do_not,
    a_change_of_an_invisible_message_is_pushed_without_its_row,
    typing_is_sent_to_other_members_and_not_stored,
    joins_and_reactions_in_a_large_conversation_are_batched,
    a_reaction_among_many_reaches_the_users_other_devices,
    a_heartbeat_contains_the_watermark,
    a_session_that_ends_while_its_socket_opens_leaves_no_open_socket,
    a_socket_request_without_upgrade_headers_gets_an_explanation,
    a_pong_contains_the_bytes_of_the_ping,
}

/// A socket, and when it was opened, which limits how long a test waits for a frame while heartbeats arrive.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>, Instant);

impl Socket {
    /// Opens a socket and waits for the hello.
    pub async fn open(user: &User) -> Self {
        let mut socket = Self::try_open(user).await.expect("an open socket");
        assert!(matches!(socket.next().await, Frame::Hello { .. }));
        socket
    }

    /// Opens a socket, or returns `None` if that is refused.
    async fn try_open(user: &User) -> Option<Self> {
        let url = format!("{}/socket", user.url.replace("http", "ws"));
        let mut request = url.into_client_request().unwrap();
        let token = format!("Bearer {}", user.token);
        request.headers_mut().insert("authorization", token.parse().unwrap());
        let (stream, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        Some(Self(stream, Instant::now()))
    }

    pub async fn next(&mut self) -> Frame {
        assert!(self.1.elapsed() < 2 * TIMEOUT, "the expected frame does not arrive");
        loop {
            let next = tokio::time::timeout(Duration::from_secs(20), self.0.next()).await;
            let message = next.expect("a frame in time").expect("an open socket").unwrap();
            // The library answers pings.
            if let Message::Text(json) = message {
                return serde_json::from_str(&json).unwrap();
            }
        }
    }

    /// Returns the reason for which the server closes the socket. Fails if a heartbeat arrives first, which
    /// happens every 20 seconds.
    pub async fn bye_before_heartbeat(&mut self) -> ErrorCode {
        loop {
            match self.next().await {
                Frame::Bye { code, .. } => return code,
                Frame::Heartbeat { .. } => panic!("a heartbeat came first"),
                _ => {}
            }
        }
    }

    /// Returns the rows of the next change of this stream.
    pub async fn next_change(&mut self, stream: StreamId) -> Vec<Row> {
        loop {
            if let Frame::Change(page) = self.next().await
                && page.stream == stream
            {
                return page.rows;
            }
        }
    }

    pub async fn say(&mut self, frame: &ClientFrame) {
        let json = serde_json::to_string(frame).unwrap();
        self.0.send(Message::text(json)).await.unwrap();
    }
}

pub fn bodies(rows: &[Row]) -> Vec<&str> {
    rows.iter()
        .filter_map(|row| if let Row::Message(row) = row { Some(row.body.as_str()) } else { None })
        .collect()
}

async fn a_socket_request_without_upgrade_headers_gets_an_explanation(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let refused = error_body(wren.request(Method::GET, "socket").await).await;
    assert_eq!(refused.code, ErrorCode::NoWebsocket);
    assert!(refused.message.contains("Upgrade and Connection"), "{}", refused.message);
}

/// Clients use pings to find out whether they are still connected.
async fn a_pong_contains_the_bytes_of_the_ping(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let mut socket = Socket::open(&wren).await;
    socket.0.send(Message::Ping(vec![7; 8].into())).await.unwrap();
    let pong = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Message::Pong(pong) = socket.0.next().await.unwrap().unwrap() {
                return pong;
            }
        }
    });
    assert_eq!(pong.await.expect("a pong"), vec![7; 8]);
}

async fn only_members_receive_messages(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let secret = wren.group(&[]).await;
    let mut socket = Socket::open(&oak).await;
    wren.say(secret, "not for oak").await;
    wren.say(group, "for oak").await;
    // Only the second change arrives.
    let Frame::Change(page) = socket.next().await else { panic!("a change") };
    assert_eq!(bodies(&page.rows), ["for oak"]);
    assert_eq!((page.from + 1, page.stream), (page.to, StreamId::Conversation(group)));
}

async fn the_socket_of_a_revoked_session_is_closed_at_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let other = server.sign_in("wren").await;
    let mut socket = Socket::open(&other).await;
    wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
}

async fn new_members_receive_changes_and_removed_ones_do_not(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[]).await;
    let other = wren.group(&[&oak]).await;
    let mut socket = Socket::open(&oak).await;
    wren.act(group, Action::AddMember { user_id: oak.id }).await;
    wren.say(group, "welcome").await;
    let stream = StreamId::Conversation(group);
    let mut received = Vec::new();
    while received.is_empty() {
        received = socket
            .next_change(stream)
            .await
            .into_iter()
            .filter(|r| matches!(r, Row::Message(_)))
            .collect();
    }
    assert_eq!(bodies(&received), ["welcome"]);
    wren.act(group, Action::RemoveMember { user_id: oak.id }).await;
    wren.say(group, "not for oak").await;
    wren.say(other, "still here").await;
    loop {
        if let Frame::Change(page) = socket.next().await {
            assert!(page.stream != stream, "{page:?}");
            if bodies(&page.rows) == ["still here"] {
                break;
            }
        }
    }
}

async fn typing_is_sent_to_other_members_and_not_stored(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let elm = server.register("elm").await;
    let group = wren.group(&[&oak]).await;
    let before: Heads = wren.get("heads").await;
    let (mut oak_socket, mut wren_socket) = (Socket::open(&oak).await, Socket::open(&wren).await);
    // A user who is not a member cannot appear to be typing there.
    let mut elm_socket = Socket::open(&elm).await;
    elm_socket.say(&ClientFrame::Typing { conversation_id: group }).await;
    wren_socket.say(&ClientFrame::Typing { conversation_id: group }).await;
    let typing = Frame::Typing { conversation_id: group, user_id: wren.id };
    assert_eq!(oak_socket.next().await, typing);
    let after: Heads = wren.get("heads").await;
    assert_eq!(before, after);
}

/// A frame for all members does not say which of them reacted if the names are truncated.
async fn a_reaction_among_many_reaches_the_users_other_devices(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let (id, stream) = (wren.say(group, "cake").await, StreamId::Conversation(group));
    let reacted = (0..20).map(|n| {
        let other = Uuid::now_v7();
        format!(
            "INSERT INTO users (id, username, password_hash) VALUES ('{other}', 'person-{n}', '!');
             INSERT INTO reactions (message_id, emoji, user_id, reacted_at)
             VALUES ('{id}', '👍', '{other}', {n});"
        )
    });
    database.execute(&reacted.collect::<String>()).await;
    let react = |on: bool| Action::React { message_id: id, emoji: "👍".into(), on };
    let (mut wren_socket, mut oak_socket) = (Socket::open(&wren).await, Socket::open(&oak).await);
    server.sign_in("wren").await.act(group, react(true)).await;
    let rows = oak_socket.next_change(stream).await;
    let Row::Message(row) = &rows[0] else { panic!("{rows:?}") };
    let reaction = row.reactions.iter().find(|reaction| reaction.emoji == "👍").unwrap();
    assert_eq!((reaction.count.0, reaction.users.len(), reaction.own), (21, 20, None));
    loop {
        match wren_socket.next().await {
            Frame::Hint { heads } if heads.iter().any(|head| head.stream == stream) => break,
            Frame::Change(page) => assert_ne!(page.stream, stream, "{page:?}"),
            _ => {}
        }
    }
    // If all names are in the row, all members get the same rows.
    server.sign_in("wren").await.act(group, react(false)).await;
    let rows = wren_socket.next_change(stream).await;
    let Row::Message(row) = &rows[0] else { panic!("{rows:?}") };
    assert!(row.reactions.iter().all(|reaction| reaction.own.is_none() && !reaction.is_cut()));
}

async fn a_heartbeat_contains_the_watermark(database: Database) {
    let config = Config { heartbeat: Duration::from_millis(50), ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let heads: Heads = wren.get("heads").await;
    let mut socket = Socket::open(&wren).await;
    assert_eq!(socket.next().await, Frame::Heartbeat { wm: heads.wm });
}

async fn joins_and_reactions_in_a_large_conversation_are_batched(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "hello").await;
    // As if the group had a thousand more members.
    database
        .execute(&format!("UPDATE conversations SET member_count = 1002 WHERE id = '{group}'"))
        .await;
    let stream = StreamId::Conversation(group);
    let mut socket = Socket::open(&oak).await;
    wren.act(group, Action::AddMember { user_id: elm.id }).await;
    for user in [&wren, &elm] {
        user.act(group, Action::React { message_id: id, emoji: "👍".into(), on: true }).await;
    }
    // The join, and both reactions merged, without names; with the next message or by themselves.
    let mut rows = Vec::new();
    let head = 5;
    while rows.iter().map(Row::changed_seq).max() != Some(head) {
        rows.extend(socket.next_change(stream).await);
    }
    assert!(rows.iter().any(|row| matches!(row, Row::Member(row) if row.user_id == elm.id)));
    let Some(Row::Message(row)) = rows.last() else { panic!("{rows:?}") };
    let [reaction] = &row.reactions[..] else { panic!("{row:?}") };
    assert_eq!((reaction.count.0, reaction.users.len()), (2, 0));
    wren.say(group, "at once").await;
    assert!(matches!(&socket.next_change(stream).await[..], [Row::Message(row)] if row.seq.0 == 2));
}

async fn a_change_of_an_invisible_message_is_pushed_without_its_row(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[]).await;
    let secret = wren.say(group, "before").await;
    wren.act(group, Action::SetHistory { history: HistoryVisibility::Joining }).await;
    wren.act(group, Action::AddMember { user_id: oak.id }).await;
    let stream = StreamId::Conversation(group);
    let mut socket = Socket::open(&oak).await;
    wren.act(group, Action::edit(secret, "still not theirs")).await;
    assert_eq!(socket.next_change(stream).await, [], "the interval, without its rows");
    wren.say(group, "after").await;
    assert!(
        matches!(&socket.next_change(stream).await[..], [Row::Message(row)] if row.body == "after")
    );
}

/// Returns the reason for which the socket was closed, and after how many milliseconds the client may
/// reconnect.
pub async fn bye(socket: &mut Socket) -> (ErrorCode, Option<i64>) {
    loop {
        if let Frame::Bye { code, retry_after_ms } = socket.next().await {
            return (code, retry_after_ms);
        }
    }
}

async fn a_session_that_ends_while_its_socket_opens_leaves_no_open_socket(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for _ in 0..20 {
        let other = server.sign_in("wren").await;
        let ending = wren.request(Method::DELETE, "sessions/others");
        let (opened, _) = tokio::join!(Socket::try_open(&other), ending);
        let Some(mut socket) = opened else { continue };
        assert_eq!(bye(&mut socket).await.0, ErrorCode::Revoked);
    }
}
