//! Several servers on one PostgreSQL.

use crate::common::{Database, Server, User};
use crate::socket::Socket;
use futures_util::future::join_all;
use parlour_protocol::{ClientFrame, ConversationId, ErrorCode, Frame, StreamId};
use parlour_server::Config;
use reqwest::Method;
use std::time::Duration;

/// The same promises, whatever carries the notes.
macro_rules! over_both_carriers {
    ($($name:ident,)*) => {
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(pair) = super::Pair::start(None).await {
                    super::$name(pair).await;
                }
            })*
        }
        mod nats {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Ok(url) = std::env::var("PARLOUR_TEST_NATS") else {
                    return eprintln!("SKIPPED over NATS: `cargo xtask test` starts one");
                };
                if let Some(pair) = super::Pair::start(Some(&url)).await {
                    super::$name(pair).await;
                }
            })*
        }
    };
}

over_both_carriers! {
    positions_stay_dense,
    what_moved_is_told,
    who_was_signed_out_is_told,
    who_writes_and_who_is_here_is_told,
}

struct Pair {
    one: Server,
    two: Server,
}

impl Pair {
    async fn start(bus: Option<&str>) -> Option<Self> {
        let database = Database::postgres().await?;
        let bus = bus.map(|url| url.parse().unwrap());
        let config = Config { bus, ..database.config() };
        Some(Self { one: Server::start(&config).await, two: Server::start(&config).await })
    }

    /// The same person, at the other server.
    fn at_two(&self, user: &User) -> User {
        User { url: self.two.url.clone(), ..user.clone() }
    }
}

/// Skips frames until one is as wanted.
async fn until(socket: &mut Socket, wanted: impl Fn(&Frame) -> bool) {
    while !wanted(&socket.next().await) {}
}

async fn positions_stay_dense(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let room = wren.group(&[]).await;
    let there = pair.at_two(&wren);
    let sends =
        (0..100).map(|n| if n % 2 == 0 { wren.say(room, "one") } else { there.say(room, "two") });
    join_all(sends).await;
    assert_eq!(there.bootstrap(room).await.last_seq, 100);
    assert_eq!(wren.changes(StreamId::Conversation(room)).await.rows.len(), 102);
}

async fn what_moved_is_told(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let mut socket = Socket::open(&pair.at_two(&wren)).await;
    // The socket follows a conversation that was begun on the other server, and hears of it.
    let room = wren.group(&[]).await;
    wren.say(room, "heard over there").await;
    let stream = StreamId::Conversation(room);
    until(&mut socket, |frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream && head.head == 2),
        _ => false,
    })
    .await;
}

async fn who_was_signed_out_is_told(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let other = pair.at_two(&pair.one.sign_in("wren").await);
    let mut socket = Socket::open(&other).await;
    wren.request(Method::DELETE, "sessions/others").await;
    let bye = |frame: &Frame| matches!(frame, Frame::Bye { code: ErrorCode::Revoked, .. });
    let ended = tokio::time::timeout(Duration::from_secs(1), until(&mut socket, bye));
    ended.await.expect("within a second");
}

async fn who_writes_and_who_is_here_is_told(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let oak = pair.one.register("oak").await;
    let room: ConversationId = wren.group(&[&oak]).await;
    let mut looking = Socket::open(&pair.at_two(&oak)).await;
    looking.say(&ClientFrame::Watch { user_ids: vec![wren.id] }).await;
    let presence = |online| Frame::Presence { user_id: wren.id, online };
    until(&mut looking, |frame| *frame == presence(false)).await;
    let mut socket = Socket::open(&wren).await;
    until(&mut looking, |frame| *frame == presence(true)).await;
    socket.say(&ClientFrame::Typing { conversation_id: room }).await;
    let typing = Frame::Typing { conversation_id: room, user_id: wren.id };
    until(&mut looking, |frame| *frame == typing).await;
    drop(socket);
    until(&mut looking, |frame| *frame == presence(false)).await;
}
