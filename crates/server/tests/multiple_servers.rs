//! Several servers on one PostgreSQL.

use crate::about::{change, server_about};
use crate::common::{Database, PASSWORD, Server, User, connect, credentials, error_body};
use crate::presence::{next_presence, send_presence, watch};
use crate::socket::Socket;
use futures_util::future::join_all;
use parlour_protocol::{
    Action, Availability, ClientFrame, ConversationId, ErrorCode, Frame, Heads, Registration,
    ServerChange, StreamId,
};
use parlour_server::Config;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Makes each function a test over both transports of the bus.
macro_rules! over_both_transports {
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
                    return eprintln!("SKIPPED: PARLOUR_TEST_NATS is not set; run `cargo xtask test`");
                };
                if let Some(pair) = super::Pair::start(Some(&url)).await {
                    super::$name(pair).await;
                }
            })*
        }
    };
}

over_both_transports! {
    sequence_numbers_stay_dense,
    changed_heads_are_sent_across_servers,
    a_revoked_session_is_closed_on_another_server,
    typing_and_presence_are_sent_across_servers,
    membership_changes_are_known_on_the_other_server,
    a_forged_bus_message_grants_no_access,
    garbage_on_the_bus_is_ignored,
    settings_of_administrators_apply_on_every_server,
}

struct Pair {
    one: Server,
    two: Server,
    database: Database,
    bus: Option<String>,
}

impl Pair {
    async fn start(bus: Option<&str>) -> Option<Self> {
        let database = Database::postgres().await?;
        let config = Config { bus: bus.map(|url| url.parse().unwrap()), ..database.config() };
        let (one, two) = (Server::start(&config).await, Server::start(&config).await);
        Some(Self { one, two, database, bus: bus.map(Into::into) })
    }

    /// Publishes bus messages without any rights: as a database role that may read no table, or as any
    /// client of the NATS server.
    async fn publish_forged(&self, epoch: &str, messages: &[String]) {
        if let Some(url) = &self.bus {
            let client = async_nats::connect(url).await.unwrap();
            for bus_message in messages {
                client
                    .publish(format!("parlour.{epoch}"), bus_message.clone().into())
                    .await
                    .unwrap();
            }
            client.publish(format!("parlour.{epoch}"), b"\xff".as_slice().into()).await.unwrap();
            return client.flush().await.unwrap();
        }
        let client = connect(self.database.url.as_ref().unwrap()).await;
        let role = format!("nobody_{}", Uuid::now_v7().simple());
        client.batch_execute(&format!("CREATE ROLE {role}; SET ROLE {role}")).await.unwrap();
        assert!(client.query("SELECT body FROM messages", &[]).await.is_err());
        for bus_message in messages.iter().filter(|bus_message| bus_message.len() < 8000) {
            client.execute("SELECT pg_notify('parlour', $1)", &[bus_message]).await.unwrap();
        }
        client.batch_execute(&format!("RESET ROLE; DROP ROLE {role}")).await.unwrap();
    }

    /// Returns the same user, at the other server.
    fn at_two(&self, user: &User) -> User {
        User { url: self.two.url.clone(), ..user.clone() }
    }
}

/// Skips frames until one is `wanted`.
async fn wait_until(socket: &mut Socket, wanted: impl Fn(&Frame) -> bool) {
    while !wanted(&socket.next().await) {}
}

async fn sequence_numbers_stay_dense(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let group = wren.group(&[]).await;
    let at_other = pair.at_two(&wren);
    let sends = (0..100)
        .map(|n| if n % 2 == 0 { wren.say(group, "one") } else { at_other.say(group, "two") });
    join_all(sends).await;
    assert_eq!(at_other.bootstrap(group).await.last_seq, 100);
    assert_eq!(wren.changes(StreamId::Conversation(group)).await.rows.len(), 102);
}

async fn changed_heads_are_sent_across_servers(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let mut socket = Socket::open(&pair.at_two(&wren)).await;
    // The socket follows a conversation that was created on the other server, and is notified of its messages.
    let group = wren.group(&[]).await;
    wren.say(group, "received at the other server").await;
    let stream = StreamId::Conversation(group);
    wait_until(&mut socket, |frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream && head.head == 2),
        _ => false,
    })
    .await;
}

async fn settings_of_administrators_apply_on_every_server(pair: Pair) {
    // Only the invitation of the server that started last is valid.
    let wren = pair.two.register_administrator("wren").await;
    let at_other = User { url: pair.one.url.clone(), ..wren.clone() };
    let mut socket = Socket::open(&at_other).await;
    let settings = ServerChange {
        name: Some("Workshop".into()),
        welcome: Some("Say hello.".into()),
        registration: Some(Registration::Closed),
        presence: Some(false),
    };
    let about = change(&wren, &settings).await;
    wait_until(&mut socket, |frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == StreamId::Directory),
        _ => false,
    })
    .await;
    assert_eq!(server_about(&at_other).await, about);
    let refused = pair.one.post("users", &credentials("oak", PASSWORD)).await;
    assert_eq!(error_body(refused).await.code, ErrorCode::Forbidden);
}

async fn a_revoked_session_is_closed_on_another_server(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let other = pair.at_two(&pair.one.sign_in("wren").await);
    let mut socket = Socket::open(&other).await;
    wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
}

async fn typing_and_presence_are_sent_across_servers(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let oak = pair.one.register("oak").await;
    let conversation: ConversationId = wren.group(&[&oak]).await;
    let mut watcher = Socket::open(&pair.at_two(&oak)).await;
    watch(&mut watcher, &[wren.id]).await;
    let state = async |watcher: &mut Socket| next_presence(watcher, wren.id).await.state;
    assert_eq!(state(&mut watcher).await, Availability::Offline);
    let mut socket = Socket::open(&wren).await;
    send_presence(&mut socket, Availability::Away).await;
    assert_eq!(state(&mut watcher).await, Availability::Away);
    socket.say(&ClientFrame::Typing { conversation_id: conversation }).await;
    let typing = Frame::Typing { conversation_id: conversation, user_id: wren.id };
    wait_until(&mut watcher, |frame| *frame == typing).await;
    drop(socket);
    assert_eq!(state(&mut watcher).await, Availability::Offline);
}

/// Returns whether a frame is about a stream.
fn is_about(frame: &Frame, stream: StreamId) -> bool {
    match frame {
        Frame::Change(page) => page.stream == stream,
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream),
        Frame::Typing { conversation_id, .. } => StreamId::Conversation(*conversation_id) == stream,
        _ => false,
    }
}

/// Skips frames until one says that a stream has reached `head`; none of them may be about the stream
/// `unwanted`.
async fn wait_until_head(
    socket: &mut Socket,
    (stream, head): (StreamId, i64),
    unwanted: Option<StreamId>,
) {
    loop {
        let frame = socket.next().await;
        assert!(unwanted.is_none_or(|unwanted| !is_about(&frame, unwanted)), "{frame:?}");
        if let Frame::Hint { heads } = &frame
            && heads.iter().any(|item| item.stream == stream && item.head >= head)
        {
            return;
        }
    }
}

async fn membership_changes_are_known_on_the_other_server(pair: Pair) {
    let (wren, oak) = (pair.one.register("wren").await, pair.one.register("oak").await);
    let mut socket = Socket::open(&pair.at_two(&oak)).await;
    let (group, other) = (wren.group(&[&oak]).await, wren.group(&[&oak]).await);
    // Oak's session, two memberships, and the end of one.
    let account = StreamId::Account(oak.id);
    wait_until_head(&mut socket, (account, 3), None).await;
    wren.act(group, Action::RemoveMember { user_id: oak.id }).await;
    wait_until_head(&mut socket, (account, 4), None).await;
    wren.say(group, "not for them").await;
    wren.say(other, "for them").await;
    let (group, other) = (StreamId::Conversation(group), StreamId::Conversation(other));
    wait_until_head(&mut socket, (other, 2), Some(group)).await;
}

async fn a_forged_bus_message_grants_no_access(pair: Pair) {
    let (wren, oak) = (pair.one.register("wren").await, pair.one.register("oak").await);
    let group = wren.group(&[]).await;
    let stream = StreamId::Conversation(group);
    let at_other = pair.at_two(&oak);
    let mut socket = Socket::open(&at_other).await;
    let epoch = oak.get::<Heads>("heads").await.epoch;
    let bus_message = |hint: serde_json::Value| json!({"from": 7, "hints": [hint]}).to_string();
    let sessions: Vec<parlour_protocol::SessionInfo> = oak.get("sessions").await;
    let forged = [
        bus_message(json!({"Joined": [oak.id, stream, 1]})),
        bus_message(json!({"Revoked": [oak.id, sessions[0].id, true]})),
        bus_message(json!({"Access": oak.id})),
        bus_message(json!({"Moved": stream})),
        bus_message(json!({"Moved": [stream, i64::MAX]})),
        bus_message(json!({"Typing": [group, oak.id]})),
        bus_message(json!({"Came": wren.id})),
        bus_message(json!("Hello")),
    ];
    pair.publish_forged(&epoch, &forged).await;
    wren.say(group, "among us").await;
    pair.at_two(&wren).say(group, "here too").await;
    // What oak may see still arrives after all that, and nothing else arrived.
    let shared = wren.group(&[&oak]).await;
    loop {
        let frame = socket.next().await;
        assert!(!is_about(&frame, stream), "{frame:?}");
        assert!(!matches!(frame, Frame::Bye { .. }), "{frame:?}");
        if is_about(&frame, StreamId::Account(oak.id)) {
            break;
        }
    }
    at_other.bootstrap(shared).await;
    assert_eq!(
        at_other.get_error(&format!("bootstrap?conversation={group}")).await,
        ErrorCode::NotMember
    );
}

async fn garbage_on_the_bus_is_ignored(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let group = wren.group(&[]).await;
    let mut socket = Socket::open(&pair.at_two(&wren)).await;
    let epoch = wren.get::<Heads>("heads").await.epoch;
    let many = vec![json!("Hello"); 64];
    let mut garbage: Vec<String> = (0..2000_u64)
        .map(|from| json!({"from": from, "hints": [{"Came": Uuid::now_v7()}]}).to_string())
        .collect();
    garbage.extend([
        String::new(),
        "{".into(),
        "[".repeat(7900),
        "\u{1}".repeat(500_000),
        json!({"from": 1, "hints": vec![json!("Alive"); 100_000]}).to_string(),
        json!({"from": 1, "hints": many}).to_string(),
    ]);
    pair.publish_forged(&epoch, &garbage).await;
    wren.say(group, "still received").await;
    wait_until(&mut socket, |frame| is_about(frame, StreamId::Conversation(group))).await;
}
