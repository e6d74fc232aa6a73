//! Several servers on one PostgreSQL.

use crate::about::{change, told};
use crate::common::{Database, PASSWORD, Server, User, connect, refusal, typed};
use crate::presence::{next_of, say, watch};
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

/// Makes each function a test over both carriers of the bus.
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
    who_joins_and_who_is_removed_elsewhere_is_known_here,
    a_forged_note_gives_nobody_anything,
    garbage_on_the_bus_does_no_harm,
    what_administrators_choose_holds_on_every_server,
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

    /// Sends notes without any rights: as a role of the database that may read no table, or as anyone who can
    /// reach the NATS server.
    async fn forge(&self, epoch: &str, notes: &[String]) {
        if let Some(url) = &self.bus {
            let client = async_nats::connect(url).await.unwrap();
            for note in notes {
                client.publish(format!("parlour.{epoch}"), note.clone().into()).await.unwrap();
            }
            client.publish(format!("parlour.{epoch}"), b"\xff".as_slice().into()).await.unwrap();
            return client.flush().await.unwrap();
        }
        let client = connect(self.database.url.as_ref().unwrap()).await;
        let role = format!("nobody_{}", Uuid::now_v7().simple());
        client.batch_execute(&format!("CREATE ROLE {role}; SET ROLE {role}")).await.unwrap();
        assert!(client.query("SELECT body FROM messages", &[]).await.is_err());
        for note in notes.iter().filter(|note| note.len() < 8000) {
            client.execute("SELECT pg_notify('parlour', $1)", &[note]).await.unwrap();
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
    // The socket follows a conversation that was created on the other server, and is notified of its messages.
    let room = wren.group(&[]).await;
    wren.say(room, "heard over there").await;
    let stream = StreamId::Conversation(room);
    wait_until(&mut socket, |frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == stream && head.head == 2),
        _ => false,
    })
    .await;
}

async fn what_administrators_choose_holds_on_every_server(pair: Pair) {
    // The server that started last printed the invitation that is good.
    let wren = pair.two.register_administrator("wren").await;
    let there = User { url: pair.one.url.clone(), ..wren.clone() };
    let mut socket = Socket::open(&there).await;
    let chosen = ServerChange {
        name: Some("Workshop".into()),
        welcome: Some("Say hello.".into()),
        registration: Some(Registration::Closed),
        presence: Some(false),
    };
    let about = change(&wren, &chosen).await;
    wait_until(&mut socket, |frame| match frame {
        Frame::Hint { heads } => heads.iter().any(|head| head.stream == StreamId::Directory),
        _ => false,
    })
    .await;
    assert_eq!(told(&there).await, about);
    let refused = pair.one.post("users", &typed("oak", PASSWORD)).await;
    assert_eq!(refusal(refused).await.code, ErrorCode::Forbidden);
}

async fn who_was_signed_out_is_told(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let other = pair.at_two(&pair.one.sign_in("wren").await);
    let mut socket = Socket::open(&other).await;
    wren.request(Method::DELETE, "sessions/others").await;
    assert_eq!(socket.bye_before_heartbeat().await, ErrorCode::Revoked);
}

async fn who_writes_and_who_is_here_is_told(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let oak = pair.one.register("oak").await;
    let room: ConversationId = wren.group(&[&oak]).await;
    let mut looking = Socket::open(&pair.at_two(&oak)).await;
    watch(&mut looking, &[wren.id]).await;
    let state = async |looking: &mut Socket| next_of(looking, wren.id).await.state;
    assert_eq!(state(&mut looking).await, Availability::Offline);
    let mut socket = Socket::open(&wren).await;
    say(&mut socket, Availability::Away).await;
    assert_eq!(state(&mut looking).await, Availability::Away);
    socket.say(&ClientFrame::Typing { conversation_id: room }).await;
    let typing = Frame::Typing { conversation_id: room, user_id: wren.id };
    wait_until(&mut looking, |frame| *frame == typing).await;
    drop(socket);
    assert_eq!(state(&mut looking).await, Availability::Offline);
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

/// Skips frames until one says that a stream has reached `head`; none of them may be about the stream `not`.
async fn wait_until_head(
    socket: &mut Socket,
    (stream, head): (StreamId, i64),
    not: Option<StreamId>,
) {
    loop {
        let frame = socket.next().await;
        assert!(not.is_none_or(|not| !is_about(&frame, not)), "{frame:?}");
        if let Frame::Hint { heads } = &frame
            && heads.iter().any(|one| one.stream == stream && one.head >= head)
        {
            return;
        }
    }
}

async fn who_joins_and_who_is_removed_elsewhere_is_known_here(pair: Pair) {
    let (wren, oak) = (pair.one.register("wren").await, pair.one.register("oak").await);
    let mut socket = Socket::open(&pair.at_two(&oak)).await;
    let (room, other) = (wren.group(&[&oak]).await, wren.group(&[&oak]).await);
    // Oak's session, two memberships, and the end of one.
    let account = StreamId::Account(oak.id);
    wait_until_head(&mut socket, (account, 3), None).await;
    wren.act(room, Action::RemoveMember { user_id: oak.id }).await;
    wait_until_head(&mut socket, (account, 4), None).await;
    wren.say(room, "not for them").await;
    wren.say(other, "for them").await;
    let (room, other) = (StreamId::Conversation(room), StreamId::Conversation(other));
    wait_until_head(&mut socket, (other, 2), Some(room)).await;
}

async fn a_forged_note_gives_nobody_anything(pair: Pair) {
    let (wren, oak) = (pair.one.register("wren").await, pair.one.register("oak").await);
    let room = wren.group(&[]).await;
    let stream = StreamId::Conversation(room);
    let there = pair.at_two(&oak);
    let mut socket = Socket::open(&there).await;
    let epoch = oak.get::<Heads>("heads").await.epoch;
    let note = |hint: serde_json::Value| json!({"from": 7, "hints": [hint]}).to_string();
    let sessions: Vec<parlour_protocol::SessionInfo> = oak.get("sessions").await;
    let forged = [
        note(json!({"Joined": [oak.id, stream, 1]})),
        note(json!({"Revoked": [oak.id, sessions[0].id, true]})),
        note(json!({"Access": oak.id})),
        note(json!({"Moved": stream})),
        note(json!({"Moved": [stream, i64::MAX]})),
        note(json!({"Typing": [room, oak.id]})),
        note(json!({"Came": wren.id})),
        note(json!("Hello")),
    ];
    pair.forge(&epoch, &forged).await;
    wren.say(room, "among us").await;
    pair.at_two(&wren).say(room, "here too").await;
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
    there.bootstrap(shared).await;
    assert_eq!(
        there.refused(&format!("bootstrap?conversation={room}")).await,
        ErrorCode::NotMember
    );
}

async fn garbage_on_the_bus_does_no_harm(pair: Pair) {
    let wren = pair.one.register("wren").await;
    let room = wren.group(&[]).await;
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
    pair.forge(&epoch, &garbage).await;
    wren.say(room, "heard all the same").await;
    wait_until(&mut socket, |frame| is_about(frame, StreamId::Conversation(room))).await;
}
