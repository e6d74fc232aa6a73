//! The socket: which frames are pushed to whom, and how it ends.

use crate::common::{Database, Server, TIMEOUT, User, refusal};
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
    members_hear_what_is_said_and_strangers_do_not,
    a_revoked_session_is_told_at_once,
    who_joins_hears_and_who_is_removed_does_not,
    who_came_later_is_not_pushed_a_change_of_what_they_may_not_see,
    typing_is_told_to_the_others_and_never_stored,
    a_large_conversation_hears_of_joins_and_reactions_together,
    who_reacts_among_many_hears_of_it_on_their_other_devices,
    a_heartbeat_tells_the_watermark,
    a_session_that_ends_while_its_socket_opens_leaves_none_open,
    a_request_for_the_socket_without_upgrade_is_told_what_a_proxy_keeps_back,
    a_ping_is_answered_with_what_it_said,
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

    /// Returns why the socket ends, which must be sent at once: before a heartbeat, which is sent every 20
    /// seconds.
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
    pub async fn next_of(&mut self, stream: StreamId) -> Vec<Row> {
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

async fn a_request_for_the_socket_without_upgrade_is_told_what_a_proxy_keeps_back(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let refused = refusal(wren.request(Method::GET, "socket").await).await;
    assert_eq!(refused.code, ErrorCode::NoUpgrade);
    assert!(refused.message.contains("Upgrade and Connection"), "{}", refused.message);
}

/// Clients use pings to find out whether they are still connected.
async fn a_ping_is_answered_with_what_it_said(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let mut socket = Socket::open(&wren).await;
    socket.0.send(Message::Ping(vec![7; 8].into())).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            if let Message::Pong(answer) = socket.0.next().await.unwrap().unwrap() {
                return answer;
            }
        }
    });
    assert_eq!(answer.await.expect("an answer"), vec![7; 8]);
}

async fn members_hear_what_is_said_and_strangers_do_not(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let secret = wren.group(&[]).await;
    let mut socket = Socket::open(&oak).await;
    wren.say(secret, "not for oak").await;
    wren.say(room, "for oak").await;
    // The first change to arrive is the second one that was made.
    let Frame::Change(page) = socket.next().await else { panic!("a change") };
    assert_eq!(bodies(&page.rows), ["for oak"]);
    assert_eq!((page.from + 1, page.stream), (page.to, StreamId::Conversation(room)));
}

async fn a_revoked_session_is_told_at_once(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let other = server.sign_in("wren").await;
    let mut socket = Socket::open(&other).await;
    wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
}

async fn who_joins_hears_and_who_is_removed_does_not(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[]).await;
    let other = wren.group(&[&oak]).await;
    let mut socket = Socket::open(&oak).await;
    wren.act(room, Action::AddMember { user_id: oak.id }).await;
    wren.say(room, "welcome").await;
    let stream = StreamId::Conversation(room);
    let mut heard = Vec::new();
    while heard.is_empty() {
        heard = socket
            .next_of(stream)
            .await
            .into_iter()
            .filter(|r| matches!(r, Row::Message(_)))
            .collect();
    }
    assert_eq!(bodies(&heard), ["welcome"]);
    wren.act(room, Action::RemoveMember { user_id: oak.id }).await;
    wren.say(room, "behind oak's back").await;
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

async fn typing_is_told_to_the_others_and_never_stored(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let elm = server.register("elm").await;
    let room = wren.group(&[&oak]).await;
    let before: Heads = wren.get("heads").await;
    let (mut theirs, mut own) = (Socket::open(&oak).await, Socket::open(&wren).await);
    // A user who is not a member cannot appear to be typing there.
    let mut strangers = Socket::open(&elm).await;
    strangers.say(&ClientFrame::Typing { conversation_id: room }).await;
    own.say(&ClientFrame::Typing { conversation_id: room }).await;
    let typing = Frame::Typing { conversation_id: room, user_id: wren.id };
    assert_eq!(theirs.next().await, typing);
    let after: Heads = wren.get("heads").await;
    assert_eq!(before, after);
}

/// A frame that is sent to everybody cannot say who reacted, if not everybody is named.
async fn who_reacts_among_many_hears_of_it_on_their_other_devices(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[&oak]).await;
    let (id, stream) = (wren.say(room, "cake").await, StreamId::Conversation(room));
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
    let (mut own, mut others) = (Socket::open(&wren).await, Socket::open(&oak).await);
    server.sign_in("wren").await.act(room, react(true)).await;
    let rows = others.next_of(stream).await;
    let Row::Message(row) = &rows[0] else { panic!("{rows:?}") };
    let told = row.reactions.iter().find(|one| one.emoji == "👍").unwrap();
    assert_eq!((told.count.0, told.users.len(), told.own), (21, 20, None));
    loop {
        match own.next().await {
            Frame::Hint { heads } if heads.iter().any(|head| head.stream == stream) => break,
            Frame::Change(page) => assert_ne!(page.stream, stream, "{page:?}"),
            _ => {}
        }
    }
    // If everybody is named, all get the same rows.
    server.sign_in("wren").await.act(room, react(false)).await;
    let rows = own.next_of(stream).await;
    let Row::Message(row) = &rows[0] else { panic!("{rows:?}") };
    assert!(row.reactions.iter().all(|one| one.own.is_none() && !one.is_cut()));
}

async fn a_heartbeat_tells_the_watermark(database: Database) {
    let config = Config { heartbeat: Duration::from_millis(50), ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let heads: Heads = wren.get("heads").await;
    let mut socket = Socket::open(&wren).await;
    assert_eq!(socket.next().await, Frame::Heartbeat { wm: heads.wm });
}

async fn a_large_conversation_hears_of_joins_and_reactions_together(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (oak, elm) = (server.register("oak").await, server.register("elm").await);
    let room = wren.group(&[&oak]).await;
    let id = wren.say(room, "hello").await;
    // As if the group had a thousand more members.
    database
        .execute(&format!("UPDATE conversations SET member_count = 1002 WHERE id = '{room}'"))
        .await;
    let stream = StreamId::Conversation(room);
    let mut socket = Socket::open(&oak).await;
    wren.act(room, Action::AddMember { user_id: elm.id }).await;
    for user in [&wren, &elm] {
        user.act(room, Action::React { message_id: id, emoji: "👍".into(), on: true }).await;
    }
    // The join, and both reactions merged, without names; with the next message or by themselves.
    let mut rows = Vec::new();
    let head = 5;
    while rows.iter().map(Row::changed_seq).max() != Some(head) {
        rows.extend(socket.next_of(stream).await);
    }
    assert!(rows.iter().any(|row| matches!(row, Row::Member(row) if row.user_id == elm.id)));
    let Some(Row::Message(row)) = rows.last() else { panic!("{rows:?}") };
    let [reaction] = &row.reactions[..] else { panic!("{row:?}") };
    assert_eq!((reaction.count.0, reaction.users.len()), (2, 0));
    wren.say(room, "at once").await;
    assert!(matches!(&socket.next_of(stream).await[..], [Row::Message(row)] if row.seq.0 == 2));
}

async fn who_came_later_is_not_pushed_a_change_of_what_they_may_not_see(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let room = wren.group(&[]).await;
    let secret = wren.say(room, "before").await;
    wren.act(room, Action::SetHistory { history: HistoryVisibility::Joining }).await;
    wren.act(room, Action::AddMember { user_id: oak.id }).await;
    let stream = StreamId::Conversation(room);
    let mut socket = Socket::open(&oak).await;
    wren.act(room, Action::edit(secret, "still not theirs")).await;
    assert_eq!(socket.next_of(stream).await, [], "the interval, without its rows");
    wren.say(room, "after").await;
    assert!(
        matches!(&socket.next_of(stream).await[..], [Row::Message(row)] if row.body == "after")
    );
}

/// Returns why the socket was closed, and after how many milliseconds the client may reconnect.
pub async fn bye(socket: &mut Socket) -> (ErrorCode, Option<i64>) {
    loop {
        if let Frame::Bye { code, retry_after_ms } = socket.next().await {
            return (code, retry_after_ms);
        }
    }
}

async fn a_session_that_ends_while_its_socket_opens_leaves_none_open(database: Database) {
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
